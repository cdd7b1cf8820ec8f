// Writes the head of a frame (length word, header word, header) into memory of the caller. The body
// follows the head, in the same memory or in another buffer of the same write. The writer allocates
// nothing. Given too little memory, or none, it goes on counting: the same code that writes a
// request also says how many bytes it takes.
//
//   FrameWriter counter({}, head);            FrameWriter writer(memory, head);
//   write_fields(request, &counter);          write_fields(request, &writer);
//   size_t size = counter.finish(body_bytes); writer.finish(body_bytes);
//
// The opaque sits at a fixed place in both encodings. So a prepared frame is sent again under a new
// number (patch_opaque) without being encoded again.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "wire/command.h"

namespace rmq::wire {

struct FrameHead {
  Serialization serialization = Serialization::json;
  std::int32_t code = 0;
  Language language = Language::cpp;
  std::int32_t version = kVersion540;
  std::int32_t opaque = 0;
  std::int32_t flag = 0;
  std::optional<std::string_view> remark = std::nullopt;
};

class FrameWriter {
 public:
  // A code or version that does not fit 16 bits falls back to the JSON header.
  static bool is_binary(const FrameHead& head);
  FrameWriter(base::MutableBytes memory, const FrameHead& head);

  // Empty text is left out: it would not survive the binary header, and a signature over it would
  // not match then. For binary headers names must be at most 32767 bytes.
  void field(std::string_view name, std::string_view value);
  void field(std::string_view name, std::int64_t value);
  void field_bool(std::string_view name, bool value);

  // Writes the field even when the value is empty, for those who repeat a given command exactly.
  void put_field(std::string_view name, std::string_view value);

  // Closes the header and fills in the lengths. Returns the bytes of the head, also when they did
  // not fit. Call it once, last.
  std::size_t finish(std::size_t body_bytes);

  bool fits() const { return size_ <= memory_.size(); }
  Serialization serialization() const { return serialization_; }

 private:
  void begin_json(const FrameHead& head);
  void begin_binary(const FrameHead& head);
  void put_bytes(std::string_view bytes);
  void put_json_text(std::string_view text);
  template <typename T>
  void put_int(T value);
  template <typename T>
  void store_int(std::size_t offset, T value);

  base::MutableBytes memory_;
  std::size_t size_ = 0;  // bytes written or counted
  Serialization serialization_;
  std::size_t fields_length_offset_ = 0;  // binary: where the length of the entries goes
  bool has_fields_ = false;               // JSON: "extFields" is open
};

// `head` was written by a FrameWriter (or append_frame) and begins with its length word.
void patch_opaque(base::MutableBytes head, std::int32_t opaque);

}  // namespace rmq::wire
