#include "wire/command.h"

#include <algorithm>

#include "base/decimal.h"
#include "wire/frame_writer.h"

namespace rmq::wire {
namespace {

constexpr char to_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

void write_head(const Command& command, FrameWriter* writer) {
  for (const auto& [name, value] : command.fields) writer->put_field(name, value);
}

}  // namespace

std::optional<std::string_view> CommandView::field(std::string_view name) const {
  for (std::size_t i = fields.size(); i-- > 0;) {
    if (fields[i].name == name) return fields[i].value;
  }
  return std::nullopt;
}

std::optional<std::int64_t> CommandView::field_int64(std::string_view name) const {
  const auto text = field(name);
  return text ? base::parse_int64(*text) : std::nullopt;
}

bool CommandView::field_bool(std::string_view name, bool absent_value) const {
  static constexpr std::string_view kTrue = "true";
  const auto text = field(name);
  if (!text) return absent_value;
  return std::equal(text->begin(), text->end(), kTrue.begin(), kTrue.end(),
                    [](char a, char b) { return to_lower(a) == b; });
}

void append_frame(const Command& command, std::string* out) {
  FrameHead head{.serialization = command.serialization,
                 .code = command.code,
                 .language = command.language,
                 .version = command.version,
                 .opaque = command.opaque,
                 .flag = command.flag};
  if (command.remark) head.remark = *command.remark;
  FrameWriter counter({}, head);
  write_head(command, &counter);
  const std::size_t head_bytes = counter.finish(command.body.size());
  const std::size_t start = out->size();
  out->resize(start + head_bytes);
  FrameWriter writer({reinterpret_cast<std::uint8_t*>(out->data()) + start, head_bytes}, head);
  write_head(command, &writer);
  writer.finish(command.body.size());
  out->append(command.body);
}

}  // namespace rmq::wire
