// A JSON body in memory. The values of a body lie side by side in one list, and their texts in one
// string. So taking a document down frees two blocks and needs no memory itself. A tree of values
// needs some, and ends the process where there is none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace rmq::protocol {

// What bounds the memory that a hostile body takes.
inline constexpr int kJsonDepthMax = 64;
inline constexpr std::size_t kJsonBytesMax = 16 * 1024 * 1024;
inline constexpr std::size_t kJsonValuesMax = 2'000'000;

enum class JsonKind : std::uint8_t {
  null,
  boolean,
  integer,  // fits 64 bits
  number,   // any other number, kept as it was written
  string,
  array,
  object,
  pairs,  // a map whose keys are values, as fastjson writes {{"a":1}:2}: arrays of key and value
};

struct JsonNode {
  JsonKind kind = JsonKind::null;
  std::uint32_t end = 0;         // index of the node behind this one and all that it contains
  std::uint32_t name_begin = 0;  // of a member, within the document's text
  std::uint32_t name_bytes = 0;
  std::uint32_t text_begin = 0;  // of a string or a number
  std::uint32_t text_bytes = 0;
  std::int64_t integer = 0;  // of an integer; 1 for true
};

class JsonDocument;
class JsonItems;

// One value of a document, which outlives the view. A default view is of null.
class JsonView {
 public:
  JsonView() = default;
  JsonView(const JsonDocument& document, std::uint32_t index)
      : document_(&document), index_(index) {}

  JsonKind kind() const { return document_ == nullptr ? JsonKind::null : node().kind; }
  bool is(JsonKind kind) const { return this->kind() == kind; }
  std::string_view name() const;  // empty for what is no member
  std::string_view text() const;  // of a string or a number of kind `number`; else empty
  std::int64_t integer() const;   // of an integer or boolean; else 0

  // The elements of an array, the members of an object, the arrays of two of a map with values for
  // keys. Each gives nothing for a value of another kind.
  JsonItems elements() const;
  JsonItems members() const;
  JsonItems pairs() const;
  // The last member of that name; null when there is none.
  JsonView member(std::string_view name) const;

 private:
  friend class JsonItems;
  const JsonNode& node() const;
  JsonItems items(JsonKind kind) const;

  const JsonDocument* document_ = nullptr;
  std::uint32_t index_ = 0;
};

class JsonDocument {
 public:
  JsonView root() const { return {*this, 0}; }

 private:
  friend class JsonReader;
  friend class JsonView;
  std::vector<JsonNode> nodes_;
  std::string text_;
};

// The values within one value, in the order of the text.
class JsonItems {
 public:
  class Iterator {
   public:
    explicit Iterator(JsonView at) : at_(at) {}
    JsonView operator*() const { return at_; }
    Iterator& operator++() {
      at_.index_ = at_.node().end;
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_.index_ == other.at_.index_; }

   private:
    JsonView at_;
  };

  JsonItems() = default;
  JsonItems(JsonView first, JsonView behind) : first_(first), behind_(behind) {}
  Iterator begin() const { return Iterator(first_); }
  Iterator end() const { return Iterator(behind_); }

 private:
  JsonView first_;
  JsonView behind_;
};

// Reads JSON as RocketMQ's servers write it (protocol.md section 3). Keys may be bare numbers or
// objects, control characters need no escape, and bad UTF-8 becomes U+FFFD. `what` names the body
// in errors: "the route of topic t". BAD_BODY when the text is no JSON, no object, too deep or too
// large. Throws std::bad_alloc.
base::Result<JsonDocument> parse_json_object(std::string_view text, std::string_view what);

// Missing, null and wrongly typed members all give the default, as in Java's lenient beans.
std::string text_of(JsonView value);
std::string text_at(JsonView object, std::string_view name);
std::int64_t int64_at(JsonView object, std::string_view name, std::int64_t absent_value = 0);
std::int32_t int32_of(JsonView value, std::int32_t absent_value = 0);
std::int32_t int32_at(JsonView object, std::string_view name, std::int32_t absent_value = 0);
bool bool_at(JsonView object, std::string_view name, bool absent_value = false);
std::vector<std::string> texts_of(JsonView list);

}  // namespace rmq::protocol
