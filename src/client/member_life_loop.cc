// The part of MemberLife that runs on the loop.
#include <algorithm>
#include <cassert>

#include "base/transition.h"
#include "client/member_life.h"

namespace rmq::client {
namespace {

// At most, of the runtime's time limit.
constexpr base::Duration kLastWordsMargin = std::chrono::milliseconds(50);

}  // namespace

void MemberLife::set_stage(Stage stage) noexcept {
  assert(stage > stage_ && "a member closes step by step");
  base::note_transition("MemberLife", stage_, stage);
  stage_ = stage;
}

void MemberLife::add_to_core() noexcept {
  if (std::exchange(is_added_, true)) return;
  host_.core().add_member(steps_.share());
}

void MemberLife::join() noexcept {
  if (stage_ != Stage::outside || state() == State::closed) return;
  add_to_core();
  if (stage_ != Stage::outside) return;  // the runtime closes
  set_stage(Stage::joined);
  steps_.on_joined();
}

void MemberLife::begin_user_close(ControlOperation& close) noexcept {
  if (state() == State::closed) {
    close.complete(host_.core());
    return;
  }
  closes_.add(close);
  close_by(close.deadline);
}

void MemberLife::begin_close(base::Instant deadline) noexcept {
  // What is cut short from here on is the runtime's to report, unless the user has closed the
  // member already.
  if (stage_ < Stage::draining) is_closed_by_runtime_ = state() == State::started;
  if (traits_.has_last_words) {
    const base::Duration left = deadline - host_.core().loop().now();
    deadline -= std::clamp(left / 10, base::Duration::zero(), kLastWordsMargin);
  }
  close_by(deadline);
}

void MemberLife::close_at_once() { close_by(host_.core().loop().now()); }

void MemberLife::close_by(base::Instant deadline) noexcept {
  const std::shared_ptr<MemberLife> keep = share();
  if (state() == State::closed) return;
  add_to_core();  // this call may have overtaken the start
  if (stage_ == Stage::gone) return;
  state_ = State::closing;
  if (stage_ < Stage::draining) {
    is_good_bye_due_ = stage_ == Stage::joined;
    set_stage(Stage::draining);
    steps_.on_closing();
  }
  if (deadline <= host_.core().loop().now()) {
    reach_limit();
    return;
  }
  // Also when nothing is pending: what was accepted may still be on its way here.
  if (!close_due_.is_queued() || deadline < close_due_.due())
    host_.core().deadlines().set(close_due_, deadline);
  look_for_quiet();
}

void MemberLife::on_deadline(remoting::Deadline&) {
  const std::shared_ptr<MemberLife> keep = share();
  reach_limit();
}

void MemberLife::reach_limit() noexcept {
  host_.core().deadlines().clear(close_due_);
  is_cut_short_ = true;
  if (stage_ == Stage::draining) {
    steps_.cut_short();
    if (arrivals_ == Arrivals::over && steps_.is_quiet()) {
      leave(host_.core().loop().now());
    } else {
      look_for_quiet();
    }
  }
  if (stage_ == Stage::leaving) finish();
}

void MemberLife::look_for_quiet() noexcept {
  if (stage_ == Stage::draining) quiet_check_.post(host_.core(), share());
}

// The member is quiet for good when nothing of it is on the way. So no caller may be on the way
// into the inbox, and the inbox is run once more after that was seen.
void MemberLife::go_on() {
  if (stage_ != Stage::draining) return;
  if (arrivals_ == Arrivals::possible) {
    if (has_callers()) return;  // the last one posts this
    arrivals_ = Arrivals::in_inbox;
    look_for_quiet();
    return;
  }
  arrivals_ = Arrivals::over;
  if (!steps_.is_quiet()) return;
  leave(is_cut_short_ ? host_.core().loop().now() : close_due_.due());
  if (is_cut_short_) finish();
}

void MemberLife::leave(base::Instant deadline) noexcept {
  set_stage(Stage::leaving);
  if (is_good_bye_due_) {
    steps_.say_good_bye(deadline);
  } else {
    finish();
  }
}

void MemberLife::finish() noexcept {
  if (stage_ == Stage::gone) return;
  set_stage(Stage::gone);
  const std::shared_ptr<Member> keep = steps_.share();
  state_ = State::closed;
  host_.core().deadlines().clear(close_due_);
  steps_.on_closed();
  const CutShort cut_short = steps_.count_cut_short();
  closes_.end(host_.core(), cut_short);
  // Last: the core may let go of the member.
  host_.core().on_member_closed(*keep, is_closed_by_runtime_ ? cut_short.count : 0);
}

}  // namespace rmq::client
