// The part of MemberLife that any thread may call.
#include "client/member_life.h"

namespace rmq::client {

using base::ErrorCode;

MemberLife::MemberLife(Host& host, MemberSteps& steps, Traits traits)
    : host_(host),
      steps_(steps),
      traits_(traits),
      closes_(traits.close_timeout),
      arrivals_(traits.has_callers ? Arrivals::possible : Arrivals::over) {}

base::Error MemberLife::error(ErrorCode code, std::string_view rest, std::string hint) const {
  return base::make_error(code, "the " + std::string(traits_.noun) + " " + std::string(rest),
                          std::move(hint));
}

base::Status MemberLife::check_open() const { return check(state_.load()); }

// The state is read once: a close beside this call may turn what was not started into closed.
base::Status MemberLife::check_started() const {
  const State state = state_.load();
  if (auto status = check(state); !status.ok()) return status;
  if (state == State::created) return error(ErrorCode::NOT_STARTED, "has not been started");
  return {};
}

base::Status MemberLife::check(State state) const {
  if (host_.is_forked()) {
    return error(ErrorCode::FORKED, "belongs to the parent process",
                 "make a runtime of its own after fork()");
  }
  switch (state) {
    case State::created:
    case State::started:
      return {};
    case State::closing:
      return error(ErrorCode::CLOSING, "is closing and accepts nothing new");
    case State::closed:
      break;
  }
  return error(ErrorCode::CLOSED, "is closed");
}

base::Status MemberLife::begin_start() {
  State expected = State::created;
  if (state_.compare_exchange_strong(expected, State::started)) {
    was_started_ = true;
    return {};
  }
  return expected == State::started
             ? error(ErrorCode::ALREADY_STARTED, "was started before")
             : error(ErrorCode::CLOSED, "is closed; make a new one to go on");
}

base::Status MemberLife::start() {
  if (auto status = begin_start(); !status.ok()) return status;
  if (start_.post(host_.core(), share())) return {};
  state_ = State::closed;
  return base::make_error(ErrorCode::CLOSED, "the runtime is closed");
}

ControlOperation* MemberLife::make_close(base::Duration timeout, event::Tag tag) {
  auto* operation = new ControlOperation(event::EventType::closed, tag.token, tag.user_data,
                                         [self = share()](ControlOperation& close) {
                                           const std::shared_ptr<MemberLife> life =
                                               self;  // outlives `close`
                                           life->begin_user_close(close);
                                         });
  operation->deadline = host_.now() + closes_.limit_of(timeout);
  return operation;
}

base::Status MemberLife::close_async(const std::shared_ptr<event::EventQueue>& queue,
                                     base::Duration timeout, event::Tag tag) {
  if (host_.is_forked()) return check_open();
  ControlOperation* operation = make_close(timeout, tag);
  State expected = State::started;
  if (state_.compare_exchange_strong(expected, State::closing)) {
    operation->set_queue(queue);
    if (host_.core().post(*operation)) return {};
    operation->destroy();
    return base::make_error(ErrorCode::CLOSED, "the runtime is closed");
  }
  operation->destroy();
  if (expected == State::closed) return error(ErrorCode::CLOSED, "is closed");
  if (expected == State::closing) return error(ErrorCode::CLOSING, "is closing already");
  return error(ErrorCode::NOT_STARTED, "has not been started, so there is nothing to close");
}

base::Status MemberLife::close(base::Duration timeout) {
  if (host_.is_forked()) return check_open();
  State expected = State::created;
  if (state_.compare_exchange_strong(expected, State::closed) || expected == State::closed)
    return {};
  const bool waits = host_.may_block() && !host_.is_in_callback();
  event::UnsharedWaiter waiter = waits ? event::Waiter::make() : nullptr;
  ControlOperation* operation = make_close(timeout, {});
  const base::Duration wait = operation->deadline - host_.now() + wait_grace(host_);
  operation->set_waiter(waiter.get());
  state_.compare_exchange_strong(expected = State::started, State::closing);
  if (!host_.core().post(*operation)) {
    operation->destroy();
    return {};  // the runtime has closed it
  }
  if (!waits) {
    return error(ErrorCode::IN_PROGRESS, "is closing; this thread cannot wait for it");
  }
  return wait_for(waiter.release(), wait, ErrorCode::CLOSE_TIMEOUT,
                  "closing did not end: nobody drives the runtime");
}

// The start was run or is ahead of the post: an inbox keeps its order.
void MemberLife::abandon() noexcept {
  State expected = State::started;
  state_.compare_exchange_strong(expected, State::closing);
  if (was_started_) abandonment_.post(host_.core(), share());
}

// Inside a CallScope. The closing loop sees the count before or after; what comes later here sees
// that the member closes.
void MemberLife::note_last_caller_left() noexcept {
  if (state() == State::closing) quiet_check_.post(host_.core(), share());
}

}  // namespace rmq::client
