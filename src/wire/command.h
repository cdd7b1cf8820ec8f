// A remoting command (protocol.md section 1): the untyped request or response that a frame carries.
// CommandView is what the reading side gives: it points into the frame and owns nothing. Command
// owns its parts and is what tests, the test broker and the rare path build. The hot path writes
// frames with FrameWriter (frame_writer.h) instead.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/header_scratch.h"

namespace rmq::wire {

enum class Serialization : std::uint8_t { json = 0, rocketmq = 1 };

enum class Language : std::uint8_t {
  java = 0,
  cpp = 1,
  dotnet = 2,
  python = 3,
  delphi = 4,
  erlang = 5,
  ruby = 6,
  other = 7,
  http = 8,
  go = 9,
  php = 10,
  oms = 11,
  rust = 12,
  node_js = 13,
};

inline constexpr std::int32_t kFlagResponse = 1;
inline constexpr std::int32_t kFlagOneway = 2;
inline constexpr std::size_t kLengthWordBytes = 4;
inline constexpr std::size_t kFramePrefixBytes = 8;              // length word and header word
inline constexpr std::size_t kFrameBytesMax = 16 * 1024 * 1024;  // with the length word
inline constexpr std::int32_t kVersion540 = 493;

// Valid while the frame's bytes are, and while the CommandReader that made it is not used again.
struct CommandView {
  Serialization serialization = Serialization::json;
  std::int32_t code = 0;
  Language language = Language::java;
  std::int32_t version = 0;
  std::int32_t opaque = 0;
  std::int32_t flag = 0;
  std::optional<std::string_view> remark;
  std::span<const Field> fields;  // in wire order; the last of equal names wins
  base::Bytes body;

  bool is_response() const { return (flag & kFlagResponse) != 0; }
  bool is_oneway() const { return (flag & kFlagOneway) != 0; }
  std::optional<std::string_view> field(std::string_view name) const;
  std::optional<std::int64_t> field_int64(
      std::string_view name) const;  // empty when absent or no decimal integer
  bool field_bool(std::string_view name, bool absent_value = false) const;
};

struct Command {
  Serialization serialization = Serialization::json;
  std::int32_t code = 0;
  Language language = Language::cpp;
  std::int32_t version = kVersion540;
  std::int32_t opaque = 0;
  std::int32_t flag = 0;
  std::optional<std::string> remark;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;  // bytes
};

// Fills everything of *view but the body from a header in this form. Views point into `header` or
// the scratch. The error is BAD_HEADER.
base::Status read_header(Serialization form, base::Bytes header, HeaderScratch* scratch,
                         CommandView* view);

// Decodes whole frames. Keeps scratch memory between calls (fields, unescaped text), so that steady
// use allocates nothing.
class CommandReader {
 public:
  // `frame` starts with the length word and holds exactly one frame. The error is BAD_FRAME or
  // BAD_HEADER, with an offset in its message.
  base::Result<CommandView> read(base::Bytes frame);

 private:
  HeaderScratch scratch_;
};

// Looks at the first bytes of a stream. Returns the whole frame's size in bytes (with the length
// word) once it is known, 0 when more bytes are needed, or BAD_FRAME.
base::Result<std::size_t> frame_size(base::Bytes prefix);

// Appends the whole frame to *out. Serialization::rocketmq with a code or version that does not fit
// 16 bits falls back to JSON.
void append_frame(const Command& command, std::string* out);

}  // namespace rmq::wire
