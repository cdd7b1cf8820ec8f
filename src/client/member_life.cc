#include "client/member_life.h"

namespace rmq::client {

using base::ErrorCode;

base::Error MemberLife::error(ErrorCode code, std::string_view rest, std::string hint) const {
  return base::make_error(code, "the " + std::string(noun_) + " " + std::string(rest),
                          std::move(hint));
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

base::Status MemberLife::close_async(const std::shared_ptr<event::EventQueue>& queue,
                                     const MakeClose& make_close) {
  if (host_.is_forked()) return check_open();
  ControlOperation* operation = make_close();
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

base::Status MemberLife::close(const MakeClose& make_close) {
  if (host_.is_forked()) return check_open();
  State expected = State::created;
  if (state_.compare_exchange_strong(expected, State::closed) || expected == State::closed)
    return {};
  const bool waits = host_.may_block() && !host_.is_in_callback();
  event::UnsharedWaiter waiter = waits ? event::Waiter::make() : nullptr;
  ControlOperation* operation = make_close();
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

bool MemberLife::abandon() noexcept {
  State expected = State::started;
  state_.compare_exchange_strong(expected, State::closing);
  return was_started();
}

}  // namespace rmq::client
