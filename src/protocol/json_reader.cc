// The reader of JSON bodies: one pass over the text, and no recursion deeper than kJsonDepthMax.
#include <utility>

#include "base/decimal.h"
#include "base/format.h"
#include "base/json_string.h"
#include "base/utf8.h"
#include "protocol/json_document.h"

namespace rmq::protocol {

// false means that fail() has noted why, and that at_ is where.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) { out_.text_.reserve(text.size()); }

  bool run() {
    skip_space();
    if (!take_value(1, {})) return false;
    skip_space();
    return at_ == text_.size() || fail("text behind the value");
  }

  JsonDocument take() { return std::move(out_); }
  std::string_view failure() const { return failure_; }
  std::size_t offset() const { return at_; }

 private:
  // A piece of the document's text.
  struct Piece {
    std::uint32_t begin = 0;
    std::uint32_t bytes = 0;
  };

  bool fail(std::string_view what) {
    failure_ = what;
    return false;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    static constexpr std::string_view kSpace = " \t\r\n";
    while (at_ < text_.size() && kSpace.find(text_[at_]) != kSpace.npos) ++at_;
  }

  std::uint32_t begin_node(JsonKind kind, Piece name) {
    const auto index = static_cast<std::uint32_t>(out_.nodes_.size());
    out_.nodes_.push_back(
        {.kind = kind, .end = index + 1, .name_begin = name.begin, .name_bytes = name.bytes});
    return index;
  }

  void end_node(std::uint32_t index) {
    out_.nodes_[index].end = static_cast<std::uint32_t>(out_.nodes_.size());
  }

  void set_text(std::uint32_t index, Piece text) {
    out_.nodes_[index].text_begin = text.begin;
    out_.nodes_[index].text_bytes = text.bytes;
  }

  bool take_value(int depth, Piece name) {
    if (depth > kJsonDepthMax) return fail("nested too deep");
    if (out_.nodes_.size() >= kJsonValuesMax) return fail("too many values");
    switch (peek()) {
      case '{':
        return take_object(depth, name);
      case '[':
        return take_array(depth, name);
      case '"': {
        Piece text;
        if (!take_string(&text)) return false;
        set_text(begin_node(JsonKind::string, name), text);
        return true;
      }
      case 't':
        return take_word("true", JsonKind::boolean, 1, name);
      case 'f':
        return take_word("false", JsonKind::boolean, 0, name);
      case 'n':
        return take_word("null", JsonKind::null, 0, name);
      default:
        return take_number(name);
    }
  }

  bool take_word(std::string_view word, JsonKind kind, std::int64_t integer, Piece name) {
    if (text_.substr(at_, word.size()) != word) return fail("expected a value");
    at_ += word.size();
    out_.nodes_[begin_node(kind, name)].integer = integer;
    return true;
  }

  std::size_t skip_digits() {
    const std::size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ - start;
  }

  // As the grammar of JSON has it: no leading zeros, and digits on both sides of the point.
  bool skip_number() {
    if (peek() == '-') ++at_;
    const bool zero = peek() == '0';
    const std::size_t digits = skip_digits();
    if (digits == 0 || (zero && digits > 1)) return fail("expected a value");
    if (peek() == '.') {
      ++at_;
      if (skip_digits() == 0) return fail("expected a digit");
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (skip_digits() == 0) return fail("expected a digit");
    }
    return true;
  }

  bool take_number(Piece name) {
    const std::size_t start = at_;
    if (!skip_number()) return false;
    const std::string_view digits = text_.substr(start, at_ - start);
    const auto integer = base::parse_int64(digits);
    const std::uint32_t node = begin_node(integer ? JsonKind::integer : JsonKind::number, name);
    if (integer) {
      out_.nodes_[node].integer = *integer;
    } else {
      set_text(node, append(digits));
    }
    return true;
  }

  Piece append(std::string_view text) {
    const Piece piece{static_cast<std::uint32_t>(out_.text_.size()),
                      static_cast<std::uint32_t>(text.size())};
    out_.text_ += text;
    return piece;
  }

  // at_ is on the opening quote. The text behind an escape is never longer than the escape.
  bool take_string(Piece* piece) {
    piece->begin = static_cast<std::uint32_t>(out_.text_.size());
    for (std::size_t run = ++at_;;) {
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\') ++at_;
      if (at_ == text_.size()) return fail("a string does not end");
      out_.text_ += text_.substr(run, at_ - run);
      if (text_[at_++] == '"') break;
      base::JsonEscape escape;
      if (const char* complaint = base::take_json_escape(text_, &at_, &escape)) {
        return fail(complaint);
      }
      out_.text_.append(escape.bytes, escape.size);
      run = at_;
    }
    piece->bytes = static_cast<std::uint32_t>(out_.text_.size()) - piece->begin;
    return true;
  }

  bool take_array(int depth, Piece name) {
    const std::uint32_t node = begin_node(JsonKind::array, name);
    ++at_;
    skip_space();
    if (peek() == ']') return close(']', node);
    for (;;) {
      if (!take_value(depth + 1, {})) return false;
      if (!take_comma()) return close(']', node);
    }
  }

  // Whether there was a comma: another value has to follow then.
  bool take_comma() {
    skip_space();
    if (peek() != ',') return false;
    ++at_;
    skip_space();
    return true;
  }

  bool close(char bracket, std::uint32_t node) {
    if (peek() != bracket) return fail("expected a comma or the end of a list");
    ++at_;
    end_node(node);
    return true;
  }

  bool take_object(int depth, Piece name) {
    const std::uint32_t node = begin_node(JsonKind::object, name);
    ++at_;
    skip_space();
    if (peek() == '{') return take_pairs(depth, node);
    if (peek() == '}') return close('}', node);
    for (;;) {
      Piece key;
      if (!take_key(&key) || !take_colon() || !take_value(depth + 1, key)) return false;
      if (!take_comma()) return close('}', node);
    }
  }

  // at_ is on the first key.
  bool take_pairs(int depth, std::uint32_t node) {
    out_.nodes_[node].kind = JsonKind::pairs;
    for (;;) {
      const std::uint32_t pair = begin_node(JsonKind::array, {});
      if (!take_value(depth + 1, {}) || !take_colon() || !take_value(depth + 1, {})) return false;
      end_node(pair);
      if (!take_comma()) return close('}', node);
    }
  }

  bool take_key(Piece* key) {
    if (peek() == '"') return take_string(key);
    const std::size_t start = at_;
    if (peek() == '-') ++at_;
    skip_digits();
    if (at_ == start) return fail("expected a key");
    *key = append(text_.substr(start, at_ - start));
    return true;
  }

  bool take_colon() {
    skip_space();
    if (peek() != ':') return fail("expected a colon");
    ++at_;
    skip_space();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  JsonDocument out_;
  std::string_view failure_;
};

base::Result<JsonDocument> parse_json_object(std::string_view text, std::string_view what) {
  const auto refuse = [&](std::string_view why, std::size_t offset) {
    return base::make_error(base::ErrorCode::BAD_BODY,
                            base::format("{}: reading a JSON body of {} bytes: {} at offset {}",
                                         what, text.size(), why, offset));
  };
  if (text.size() > kJsonBytesMax) return refuse("too large", kJsonBytesMax);
  std::string mended;
  if (!base::is_utf8(text)) mended = base::mend_utf8(text);
  JsonReader reader(mended.empty() ? text : std::string_view(mended));
  if (!reader.run()) return refuse(reader.failure(), reader.offset());
  JsonDocument document = reader.take();
  const JsonKind kind = document.root().kind();
  if (kind != JsonKind::object && kind != JsonKind::pairs) return refuse("no JSON object", 0);
  return document;
}

}  // namespace rmq::protocol
