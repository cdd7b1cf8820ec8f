// Streams that end a connection, wait for more, or pass. Each frame is copied into memory of its
// exact size, so that an address sanitizer sees a read past the end.
#include <memory>

#include "base/cursor.h"
#include "tests/golden/golden_file.h"
#include "wire/command.h"

namespace rmq::golden {
namespace {

enum class Outcome { all_taken, waits, fails };

struct Run {
  Outcome outcome = Outcome::all_taken;
  int message_count = 0;
};

void expect_body_behind_header(base::Bytes frame, const wire::CommandView& view) {
  const std::size_t header_bytes =
      base::load_big_endian<std::uint32_t>(frame.data() + 4) & 0xFFFFFF;
  EXPECT_EQ(view.body.data(), frame.data() + 8 + header_bytes);
  EXPECT_EQ(view.body.size(), frame.size() - 8 - header_bytes);
}

Run run_stream(base::Bytes stream) {
  Run run;
  wire::CommandReader reader;
  while (!stream.empty()) {
    auto size = wire::frame_size(stream);
    if (!size.ok()) return {Outcome::fails, run.message_count};
    if (size.value() == 0 || size.value() > stream.size())
      return {Outcome::waits, run.message_count};
    const auto copy = std::make_unique<std::uint8_t[]>(size.value());
    std::copy_n(stream.begin(), size.value(), copy.get());
    const base::Bytes frame(copy.get(), size.value());
    auto view = reader.read(frame);
    if (!view.ok()) return {Outcome::fails, run.message_count};
    expect_body_behind_header(frame, view.value());
    ++run.message_count;
    stream = stream.subspan(size.value());
  }
  return run;
}

void check_malformed_frames(const Json& vector) {
  const std::string stream = bytes_from_hex(vector["hex"]);
  const Run run = run_stream(base::as_bytes(stream));
  const std::string required = vector["required"];
  const int java_count = vector["java_messages"];
  if (required == "ok") {
    EXPECT_EQ(run.outcome, Outcome::all_taken) << vector["why"];
    EXPECT_EQ(run.message_count, java_count);
  } else if (required == "error") {
    EXPECT_EQ(run.outcome, Outcome::fails) << vector["why"];
    if (vector["java_outcome"] == "closed") {
      EXPECT_EQ(run.message_count, java_count);
    }
  } else if (required == "wait") {
    EXPECT_TRUE(run.outcome == Outcome::waits || stream.empty()) << vector["why"];
    EXPECT_EQ(run.message_count, java_count);
  } else {
    EXPECT_EQ(required, "either") << "unknown requirement";
  }
}

TEST(Golden, malformed_frames) { for_each_case("malformed_frames.json", check_malformed_frames); }

}  // namespace
}  // namespace rmq::golden
