// When a write that the stream still holds is to be given up.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/instant.h"
#include "remoting/pace.h"

namespace rmq::remoting {

// A write has its time as long as its bytes move (Pace). Once one of its requests is overdue, the
// write may go on for one more write_timeout, and only while its bytes do not stand still. Nobody
// waits for that request any more, but for the others in the write and behind it.
//
// Streams do not tell when bytes move, so whoever holds this looks at next_look() and notes what
// the stream says. A value.
class WriteWatch {
 public:
  // `taken`: ByteStream::bytes_taken(), here and below.
  void begin(base::Instant now, std::uint64_t taken, base::Duration write_timeout) {
    pace_.begin(now, write_timeout);
    taken_ = taken;
    write_timeout_ = write_timeout;
    overdue_at_ = base::kNever;
  }
  void note(base::Instant now, std::uint64_t taken) {
    if (taken <= taken_) return;
    pace_.note(now, taken - taken_);
    taken_ = taken;
  }
  // The time of a request in the write is over, or the request was cancelled.
  void note_overdue(base::Instant now) { overdue_at_ = std::min(overdue_at_, now); }

  // Not before this instant, and then unless note() moves it.
  base::Instant due() const {
    if (overdue_at_ == base::kNever) return pace_.due();
    return std::min({pace_.due(), overdue_at_ + write_timeout_, pace_.moved_at() + still_max()});
  }
  base::Instant next_look(base::Instant now) const {
    return std::min(due(), now + std::clamp(write_timeout_ / 24, kLookMin, kLookMax));
  }
  base::Instant moved_at() const { return pace_.moved_at(); }

 private:
  static constexpr base::Duration kLookMin = base::milliseconds(1);
  static constexpr base::Duration kLookMax = base::milliseconds(125);
  static constexpr base::Duration kStillMax = base::milliseconds(500);

  // Long enough for a segment to be sent again, short beside write_timeout.
  base::Duration still_max() const { return std::min(write_timeout_ / 6, kStillMax); }

  // Others wait behind a write, so it must not crawl.
  static constexpr std::uint64_t kBytesPerSecondMin = 64 * 1024;

  Pace pace_{kBytesPerSecondMin};
  std::uint64_t taken_ = 0;
  base::Duration write_timeout_{};
  base::Instant overdue_at_ = base::kNever;
};

}  // namespace rmq::remoting
