#include "tests/support/fault_rule.h"

#include "wire/command.h"

namespace rmq::test {

FrameFault FrameFault::make_delay(std::chrono::milliseconds delay) {
  FrameFault fault;
  fault.kind = FaultKind::delay;
  fault.delay = delay;
  return fault;
}

FrameFault FrameFault::make_damage(FramePart part, std::size_t offset, std::uint8_t mask) {
  FrameFault fault;
  fault.kind = FaultKind::damage;
  fault.part = part;
  fault.offset = offset;
  fault.mask = mask;
  return fault;
}

bool matches(const FrameMatch& match, std::string_view entrance, std::string_view server,
             FrameDirection direction, std::int32_t request_code, const ProxyFrame& frame) {
  return match.place.holds(entrance, server) &&
         (!match.direction || *match.direction == direction) &&
         (match.request_code == 0 || match.request_code == request_code) &&
         frame.bytes.size() >= match.bytes_min;
}

void damage(const FrameFault& fault, ProxyFrame* frame) {
  std::size_t begin = 0;
  std::size_t end = wire::kLengthWordBytes;
  if (fault.part == FramePart::header) {
    begin = wire::kFramePrefixBytes;
    end = frame->body_offset;
  } else if (fault.part == FramePart::body) {
    begin = frame->body_offset;
    end = frame->bytes.size();
  }
  if (fault.offset >= end - begin) return;
  char& byte = frame->bytes[begin + fault.offset];
  byte = static_cast<char>(static_cast<std::uint8_t>(byte) ^ fault.mask);
}

}  // namespace rmq::test
