// A stream of frames: whatever is taken can be written again and means the same.
#include <algorithm>
#include <vector>

#include "tests/fuzz/check.h"
#include "wire/command.h"
#include "wire/frame_writer.h"

namespace {

using namespace rmq;

wire::Command to_command(const wire::CommandView& view) {
  wire::Command command{.serialization = view.serialization,
                        .code = view.code,
                        .language = view.language,
                        .version = view.version,
                        .opaque = view.opaque,
                        .flag = view.flag,
                        .remark = std::nullopt,
                        .fields = {},
                        .body = std::string(base::as_text(view.body))};
  if (view.remark) command.remark = *view.remark;
  for (const wire::Field& field : view.fields) {
    command.fields.emplace_back(field.name, field.value);
  }
  return command;
}

bool equal(const wire::CommandView& a, const wire::CommandView& b) {
  const auto same_field = [](const wire::Field& left, const wire::Field& right) {
    return left.name == right.name && left.value == right.value;
  };
  return a.serialization == b.serialization && a.code == b.code && a.language == b.language &&
         a.version == b.version && a.opaque == b.opaque && a.flag == b.flag &&
         a.remark == b.remark && base::as_text(a.body) == base::as_text(b.body) &&
         std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(), same_field);
}

void check_round_trip(const wire::CommandView& view) {
  std::string frame;
  wire::append_frame(to_command(view), &frame);
  wire::CommandReader reader;
  auto again = reader.read(base::as_bytes(frame));
  RMQ_FUZZ_CHECK(again.ok());
  RMQ_FUZZ_CHECK(equal(view, again.value()));
  wire::patch_opaque({reinterpret_cast<std::uint8_t*>(frame.data()), frame.size()}, ~view.opaque);
  auto patched = reader.read(base::as_bytes(frame));
  RMQ_FUZZ_CHECK(patched.ok());
  RMQ_FUZZ_CHECK(patched.value().opaque == ~view.opaque);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Bytes stream(data, size);
  wire::CommandReader reader;
  while (!stream.empty()) {
    auto frame_bytes = wire::frame_size(stream);
    if (!frame_bytes.ok() || frame_bytes.value() == 0 || frame_bytes.value() > stream.size()) break;
    // Memory of the exact size, so that a read past the frame is seen.
    const std::vector<std::uint8_t> frame(
        stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(frame_bytes.value()));
    auto view = reader.read(frame);
    if (!view.ok()) {
      RMQ_FUZZ_CHECK(!view.error().message.empty());
      break;
    }
    check_round_trip(view.value());
    stream = stream.subspan(frame_bytes.value());
  }
  return 0;
}
