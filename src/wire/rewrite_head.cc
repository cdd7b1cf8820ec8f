#include "wire/rewrite_head.h"

#include <algorithm>

#include "base/cursor.h"
#include "wire/command.h"
#include "wire/frame_writer.h"

namespace rmq::wire {
namespace {

const Field* find_change(std::span<const Field> changes, std::string_view name) {
  const auto found = std::find_if(changes.begin(), changes.end(),
                                  [name](const Field& change) { return change.name == name; });
  return found == changes.end() ? nullptr : &*found;
}

std::size_t write(const CommandView& command, std::span<const Field> changes,
                  std::size_t body_bytes, base::MutableBytes memory) {
  FrameHead head;
  head.serialization = command.serialization;
  head.code = command.code;
  head.language = command.language;
  head.version = command.version;
  head.opaque = command.opaque;
  head.flag = command.flag;
  head.remark = command.remark;
  FrameWriter writer(memory, head);
  for (const Field& field : command.fields) {
    const Field* change = find_change(changes, field.name);
    if (change == nullptr) {
      writer.put_field(field.name, field.value);
    } else {
      writer.field(change->name, change->value);
    }
  }
  for (const Field& change : changes) {
    if (!command.field(change.name)) writer.field(change.name, change.value);
  }
  return writer.finish(body_bytes);
}

}  // namespace

std::size_t head_bytes(base::Bytes frame) {
  if (frame.size() < kFramePrefixBytes) return 0;
  const auto word = base::load_big_endian<std::uint32_t>(frame.data() + kLengthWordBytes);
  return kFramePrefixBytes + (word & 0xFFFFFF);
}

base::Result<std::string> rewrite_head(base::Bytes head, std::span<const Field> changes) {
  const std::size_t old_bytes = head_bytes(head);
  const std::size_t frame_bytes =
      old_bytes == 0 ? 0 : base::load_big_endian<std::uint32_t>(head.data()) + kLengthWordBytes;
  if (old_bytes == 0 || old_bytes > head.size() || old_bytes > frame_bytes) {
    return base::make_error(base::ErrorCode::BAD_FRAME,
                            "a head of " + std::to_string(head.size()) + " bytes is cut off");
  }
  const std::size_t body_bytes = frame_bytes - old_bytes;
  // Read as a frame without a body: the body may lie elsewhere.
  std::string alone(base::as_text(head.first(old_bytes)));
  base::store_big_endian(reinterpret_cast<std::uint8_t*>(alone.data()),
                         static_cast<std::uint32_t>(old_bytes - kLengthWordBytes));
  CommandReader reader;
  auto command = reader.read(base::as_bytes(alone));
  if (!command.ok()) return command.take_error();

  std::string rewritten(write(command.value(), changes, body_bytes, {}), '\0');
  write(command.value(), changes, body_bytes,
        {reinterpret_cast<std::uint8_t*>(rewritten.data()), rewritten.size()});
  return rewritten;
}

}  // namespace rmq::wire
