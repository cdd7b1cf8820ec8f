// Answers inside of a frame that does not get whole: what its length word says is not true.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "wire/command.h"
#include "wire/header_scratch.h"

namespace rmq::remoting {

// Looks through the bytes of one frame as they come, each about once. What passes for a frame has
// two lengths that agree, a whole header, the mark of a response, and an opaque that somebody waits
// for. Message bodies do not hold that by chance. What bodies hold on purpose costs a bounded time:
// so many bytes of headers are read, and no more of that frame.
class SwallowedAnswers {
 public:
  void begin() {
    place_ = kFirstPlace;
    header_bytes_left_ = kHeaderBytesOfFrameMax;
  }

  // `bytes`: all that came of the frame. `is_awaited(opaque)` tells what answers there may be.
  // Throws std::bad_alloc.
  template <typename IsAwaited>
  bool find(base::Bytes bytes, IsAwaited is_awaited) {
    std::size_t half = bytes.size();  // the first place whose header is not all there
    for (; place_ + kHeadBytes <= bytes.size(); ++place_) {
      const void* zero =
          std::memchr(bytes.data() + place_, 0, bytes.size() - kHeadBytes + 1 - place_);
      if (zero == nullptr) {
        place_ = bytes.size() - kHeadBytes + 1;
        break;
      }
      place_ = static_cast<std::size_t>(static_cast<const std::uint8_t*>(zero) - bytes.data());
      const std::size_t header_bytes = read_lengths(bytes.subspan(place_));
      if (header_bytes == 0) continue;
      if (place_ + wire::kFramePrefixBytes + header_bytes > bytes.size()) {
        half = std::min(half, place_);
        continue;
      }
      if (header_bytes > header_bytes_left_) return false;
      header_bytes_left_ -= header_bytes;
      const auto opaque =
          read_opaque(bytes.subspan(place_, wire::kFramePrefixBytes + header_bytes));
      if (opaque >= 0 && is_awaited(opaque)) return true;
    }
    place_ = std::min(place_, half);
    return false;
  }

 private:
  static constexpr std::size_t kHeadBytes =
      wire::kFramePrefixBytes + 1;  // and one that tells the form
  static constexpr std::size_t kHeaderBytesOfFrameMax = 1024 * 1024;
  static constexpr std::size_t kFirstPlace =
      wire::kLengthWordBytes;  // the frame's own length word is none of them

  // The bytes of the header when this may be the beginning of a frame, else 0.
  static std::size_t read_lengths(base::Bytes bytes);
  // Of a response with a header that can be read, else -1.
  std::int32_t read_opaque(base::Bytes head);

  std::size_t place_ = kFirstPlace;  // nothing begins before it
  std::size_t header_bytes_left_ = kHeaderBytesOfFrameMax;
  wire::HeaderScratch scratch_;
};

}  // namespace rmq::remoting
