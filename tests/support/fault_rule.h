// Which frames a proxy treats badly, and how.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/proxy_frame.h"

namespace rmq::test {

// Connections between clients and servers. Each text is a whole name or the beginning of one, so
// "broker" means every broker and "" means all.
struct ProxyPlace {
  std::string entrance;
  std::string server;

  bool holds(std::string_view an_entrance, std::string_view a_server) const {
    return an_entrance.starts_with(entrance) && a_server.starts_with(server);
  }
};

enum class FrameDirection : std::uint8_t { to_server, to_client };

struct FrameMatch {
  ProxyPlace place;
  std::optional<FrameDirection> direction;  // absent: both
  std::int32_t request_code = 0;  // of an answer: the code of the request it answers; 0: any
  std::size_t bytes_min = 0;      // smaller frames do not match
};

enum class FaultKind : std::uint8_t {
  delay,    // this frame comes later; frames behind it may overtake it
  drop,     // this frame never comes
  cut,      // the connection is reset in place of this frame
  silence,  // from this frame on nothing comes, in both directions
  halve,    // half of this frame comes, and then nothing, in both directions
  damage    // one byte of this frame is changed
};

enum class FramePart : std::uint8_t { length_word, header, body };

struct FrameFault {
  FaultKind kind = FaultKind::drop;
  std::chrono::milliseconds delay{0};
  FramePart part = FramePart::body;
  std::size_t offset = 0;  // within the part
  std::uint8_t mask = 0;   // the damaged byte is the old one XOR this

  static FrameFault make_delay(std::chrono::milliseconds delay);
  static FrameFault make_damage(FramePart part, std::size_t offset, std::uint8_t mask);
};

inline constexpr std::size_t kEveryFrame = std::numeric_limits<std::size_t>::max();

struct FaultRule {
  FrameMatch match;
  FrameFault fault;
  std::size_t skip = 0;             // so many matching frames of each entrance go unharmed first
  std::size_t count = kEveryFrame;  // so many of each entrance are harmed after them
};

bool matches(const FrameMatch& match, std::string_view entrance, std::string_view server,
             FrameDirection direction, std::int32_t request_code, const ProxyFrame& frame);

// Changes the byte that the fault names. A place outside the frame changes nothing.
void damage(const FrameFault& fault, ProxyFrame* frame);

}  // namespace rmq::test
