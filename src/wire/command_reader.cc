
#include "base/cursor.h"
#include "base/format.h"
#include "wire/binary_header.h"
#include "wire/command.h"
#include "wire/json_header.h"

namespace rmq::wire {
namespace {

// Scratch beyond this is given back before the next frame, so that one huge header does not stay.
constexpr std::size_t kKeptFields = 1024;
constexpr std::size_t kKeptUnescapedBytes = 64 * 1024;

base::Error bad_frame(std::string what) {
  return base::make_error(base::ErrorCode::BAD_FRAME, "reading a frame: " + std::move(what),
                          "look whether the peer is a RocketMQ server and the port is its "
                          "remoting port");
}

// What the second word says, checked against the first.
base::Status check_header_word(std::int32_t length, std::uint32_t word) {
  const std::uint32_t type = word >> 24;
  const std::uint32_t header_bytes = word & 0xFFFFFF;
  if (type > static_cast<std::uint32_t>(Serialization::rocketmq)) {
    return bad_frame(base::format("unknown serialize type {} at offset 4", type));
  }
  if (static_cast<std::int64_t>(header_bytes) > static_cast<std::int64_t>(length) - 4) {
    return bad_frame(base::format("header of {} bytes at offset 4 in a frame of length {}",
                                  header_bytes, length));
  }
  return {};
}

}  // namespace

void HeaderScratch::reset() {
  if (fields.capacity() > kKeptFields) fields = {};
  if (unescaped.capacity() > kKeptUnescapedBytes) unescaped = {};
  fields.clear();
  unescaped.clear();
}

base::Result<std::size_t> frame_size(base::Bytes prefix) {
  base::Cursor cursor(prefix);
  const std::int32_t length = cursor.take_i32();
  if (!cursor.ok()) return std::size_t{0};
  if (length < 4 || static_cast<std::size_t>(length) > kFrameBytesMax - kLengthWordBytes) {
    return bad_frame(base::format("length {} at offset 0, expected 4 to {}", length,
                                  kFrameBytesMax - kLengthWordBytes));
  }
  // Known as soon as eight bytes are there: a stranger's bytes are not waited for.
  const std::uint32_t word = cursor.take_u32();
  if (cursor.ok()) {
    if (base::Status status = check_header_word(length, word); !status.ok()) {
      return status.take_error();
    }
  }
  return static_cast<std::size_t>(length) + kLengthWordBytes;
}

base::Status read_header(Serialization form, base::Bytes header, HeaderScratch* scratch,
                         CommandView* view) {
  scratch->reset();
  view->serialization = form;
  return form == Serialization::rocketmq ? read_binary_header(header, scratch, view)
                                         : read_json_header(base::as_text(header), scratch, view);
}

base::Result<CommandView> CommandReader::read(base::Bytes frame) {
  base::Result<std::size_t> size = frame_size(frame);
  if (!size.ok()) return size.take_error();
  if (size.value() != frame.size() || frame.size() < kFramePrefixBytes) {
    return bad_frame(
        base::format("{} bytes given, the length word says {}", frame.size(), size.value()));
  }
  const std::uint32_t word = base::load_big_endian<std::uint32_t>(frame.data() + kLengthWordBytes);
  const std::size_t header_bytes = word & 0xFFFFFF;
  CommandView view;
  view.body = frame.subspan(kFramePrefixBytes + header_bytes);
  base::Status status =
      read_header(static_cast<Serialization>(word >> 24),
                  frame.subspan(kFramePrefixBytes, header_bytes), &scratch_, &view);
  if (!status.ok()) return status.take_error();
  return view;
}

}  // namespace rmq::wire
