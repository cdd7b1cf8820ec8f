#include "client/cold_call.h"

namespace rmq::client {

using base::ErrorCode;
using base::make_error;

ColdCall::ColdCall(ColdCalls& calls, event::Tag tag)
    : Event(event::EventType::result, tag), calls_(&calls) {}

void ColdCall::run_on_loop() noexcept { calls_->begin(*this); }

ClientCore& ColdCall::core() const { return calls_->host_.core(); }

event::EventParts ColdCall::parts() const {
  event::EventParts parts;
  if (error_code() == ErrorCode::OK) parts.text = &result_.text;
  return parts;
}

void ColdCall::complete(event::CallResult result) noexcept {
  result_ = std::move(result);
  set_ok();
  calls_->end(*this);
}

void ColdCall::fail(base::Error error) noexcept { calls_->fail(*this, std::move(error)); }

void ColdCalls::set_due(ColdCall& call, base::Duration timeout) const {
  call.limit_ =
      timeout == base::Duration::zero() ? host_.core().options().routes.request_timeout : timeout;
  call.due_ = host_.now() + call.limit_;
}

base::Status ColdCalls::post(OwnedColdCall& call) {
  if (host_.core().post(*call)) {
    static_cast<void>(call.release());
    return {};
  }
  call->release_held();
  return make_error(ErrorCode::CLOSED, "the runtime is closed");
}

base::Status ColdCalls::start(OwnedColdCall call, base::Duration timeout) {
  const MemberLife::CallScope scope(life_);
  if (auto status = life_.check_started(); !status.ok()) return status;
  if (!budget_->try_acquire(0)) {
    return make_error(
        ErrorCode::QUEUE_FULL,
        std::to_string(kCallsMax) + " calls of this handle are pending or not taken as events yet",
        "take events from the queue; each gives its room back");
  }
  call->hold(*budget_, 0);
  set_due(*call, timeout);
  return post(call);
}

base::Result<event::Event*> ColdCalls::wait(OwnedColdCall call, base::Duration timeout) {
  if (auto status = life_.check_started(); !status.ok()) return status.take_error();
  if (!host_.may_block()) {
    return make_error(ErrorCode::WRONG_THREAD,
                      "a blocking call on the thread that drives the runtime would never end",
                      "call asynchronously and go on stepping");
  }
  const base::Instant started = host_.now();
  event::UnsharedWaiter waiter = event::Waiter::make();
  const MemberLife::CallScope scope(life_);
  if (auto status = life_.check_started(); !status.ok()) return status.take_error();
  call->waiter_ = waiter.get();
  set_due(*call, timeout);
  const base::Instant until = call->due_ + wait_grace(host_);
  const Host::CallEnd end = host_.call(*call, std::move(waiter), until);
  if (!end) return make_error(ErrorCode::CLOSED, "the runtime is closed");
  static_cast<void>(call.release());
  if (event::Event* event = *end) return event;
  base::Error error = make_error(ErrorCode::REQUEST_TIMEOUT,
                                 "the call did not end within " +
                                     std::to_string(base::to_ms(host_.now() - started)) +
                                     " ms: nobody drives the runtime",
                                 "call rmq_runtime_step often enough");
  error.outcome = base::Outcome::maybe_applied;
  return error;
}

void ColdCalls::begin(ColdCall& call) noexcept {
  pending_.push_back(call);
  call.questions_.emplace(host_.core().decorator());
  // A call may overtake the start that let it in.
  if (life_.state() == MemberLife::State::started) life_.join();
  if (!life_.is_running()) {
    shut_down(call);
    return;
  }
  call.take_step([&call] { call.begin(); });
}

void ColdCalls::fail(ColdCall& call, base::Error error) noexcept {
  try {
    error.group = group_;
    error.client_id = host_.client_id();
  } catch (const std::bad_alloc&) {
    // The error tells less.
  }
  error.limit_ms = base::to_ms(call.limit_);
  error.elapsed_ms = base::to_ms(host_.core().loop().now() - (call.due_ - call.limit_));
  call.set_error(std::move(error));
  end(call);
}

void ColdCalls::shut_down(ColdCall& call) noexcept {
  base::Error error = base::make_error_or_code(ErrorCode::SHUTDOWN, [] {
    return make_error(ErrorCode::SHUTDOWN, "the handle was closed before the call ended");
  });
  error.outcome = call.questions_->forget_all();
  ++cut_short_;
  fail(call, std::move(error));
}

void ColdCalls::cut_short() noexcept {
  while (ColdCall* call = pending_.front()) shut_down(*call);
}

void ColdCalls::end(ColdCall& call) noexcept {
  call.questions_->forget_all();
  call.leave();
  static_cast<base::ListNode<ColdCall>&>(call).unlink();
  if (call.waiter_ != nullptr) {
    host_.core().flush_events();  // Whoever has waited finds the events of what ended before.
    if (!call.waiter_->finish(call, host_.core().woken_callers())) call.destroy();
  } else {
    host_.core().deliver(queue_, &call);
  }
  if (pending_.is_empty()) life_.look_for_quiet();
}

}  // namespace rmq::client
