// When a frame that has begun and does not get whole is to be given up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/instant.h"
#include "remoting/pace.h"

namespace rmq::remoting {

// A frame has its time as long as its bytes move (Pace), and no request runs out of its time behind
// it. A damaged length word swallows the answers that come after it, and they move well. So once a
// request has timed out behind a frame, whoever watches looks for answers inside of it, twice a
// second. One is enough to give the frame up (SwallowedAnswers).
//
// Without such an answer, the frame has as long as the request had, from the frame's beginning, and
// some patience. A large answer on a slow line looks the same. Therefore patience doubles with each
// frame that was given up for this reason, until none was for a while. What this means: a frame
// that stands still, or holds answers, is gone half a second after a request's time-out, always. So
// is the first frame within kMemory that moves and holds none. The next ones have up to
// kPatienceMax. A value.
class FrameWatch {
 public:
  void begin(base::Instant now, base::Duration rest_max) {
    pace_.begin(now, rest_max);
    begun_at_ = now;
    patience_due_ = base::kNever;
    look_due_ = base::kNever;
    is_excused_ = false;
  }
  void note(base::Instant now, std::uint64_t bytes) { pace_.note(now, bytes); }
  // A request ran out of its `time` while the frame was not whole.
  void note_timeout(base::Instant now, base::Duration time) {
    if (now - gave_up_at_ > kMemory) patience_ = kPatienceMin;
    patience_due_ = std::min(patience_due_, std::max(now, begun_at_ + time) + patience_);
    look_due_ = std::min(look_due_, now);
  }
  // True when it is time to look for answers inside.
  bool take_look(base::Instant now) {
    if (now < look_due_) return false;
    look_due_ = now + kLookPause;
    return true;
  }
  void note_given_up(base::Instant now) {
    if (now < patience_due_) return;
    patience_ = std::min(patience_ * 2, kPatienceMax);
    gave_up_at_ = now;
  }
  // True once for each frame: whoever looks was late, because the process itself stood still, and
  // bytes may wait to be read.
  bool take_excuse() { return !std::exchange(is_excused_, true); }

  base::Instant due() const { return std::min(pace_.due(), patience_due_); }
  base::Instant next_look() const { return std::min(due(), look_due_); }
  base::Instant begun_at() const { return begun_at_; }

 private:
  static constexpr base::Duration kLookPause = base::milliseconds(500);
  static constexpr base::Duration kPatienceMin = base::milliseconds(500);
  static constexpr base::Duration kPatienceMax = std::chrono::seconds(60);
  static constexpr base::Duration kMemory = std::chrono::seconds(120);

  // A large answer on a very slow line must get whole some day.
  static constexpr std::uint64_t kBytesPerSecondMin = 4 * 1024;

  Pace pace_{kBytesPerSecondMin};
  base::Instant begun_at_{};
  base::Instant patience_due_ = base::kNever;
  base::Instant look_due_ = base::kNever;
  base::Duration patience_ = kPatienceMin;
  base::Instant gave_up_at_{};
  bool is_excused_ = false;
};

}  // namespace rmq::remoting
