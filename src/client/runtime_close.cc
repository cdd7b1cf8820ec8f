// The part of Runtime that ends it.
#include <chrono>

#include "client/runtime.h"

namespace rmq::client {

using base::ErrorCode;
using base::make_error;

namespace {

// What a blocking close waits beyond its limit, for the loop to come round and the threads to end.
constexpr base::Duration kCloseGrace = std::chrono::seconds(5);

}  // namespace

bool Runtime::begin_closing() {
  {
    base::MutexLock lock(life_mutex_);
    if (state_ == State::running) {
      set_state(State::closing);
      return true;
    }
    if (state_ != State::created) return false;
    set_state(State::closed);
  }
  event_queues_.finish_all();
  return false;
}

ControlOperation* Runtime::make_close(base::Duration limit, event::Tag tag) {
  // The loop, which runs this, ends before the runtime does.
  auto* operation = new ControlOperation(event::EventType::closed, tag.token, tag.user_data,
                                         [this](ControlOperation& close) { begin_close(close); });
  operation->deadline = now() + limit;
  return operation;
}

void Runtime::begin_close(ControlOperation& operation) noexcept {
  closes_.add(operation);
  core_->begin_close(operation.deadline, [this] { on_core_closed(); });
}

void Runtime::close_at_once() noexcept {
  core_->begin_close(loop_host_.loop().now(), [this] { on_core_closed(); });
}

void Runtime::on_core_closed() noexcept {
  const std::size_t cut_short = core_->cut_short();
  try {
    logger_.write(event::LogLevel::info, "close", "cut_short=" + std::to_string(cut_short));
  } catch (const std::bad_alloc&) {
    // A log line may be lost.
  }
  closes_.end(*core_, {cut_short, "operations were cut short by the close time limit",
                       "their events tell whether each may have been applied"});
  core_->flush_events();
  event_queues_.finish_all();
  dispatchers_.request_stop();
  loop_host_.runner().stop();
  base::MutexLock lock(life_mutex_);
  set_state(State::closed);
  closed_.notify_all();
}

bool Runtime::wait_closed(base::Duration wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  base::MutexLock lock(life_mutex_);
  while (state_ != State::closed) {
    if (!closed_.wait_until(lock, until)) return state_ == State::closed;
  }
  return true;
}

// Waits for the threads of a closed runtime.
base::Status Runtime::join(base::Duration look_up_wait) {
  if (is_driven() || !has_loop()) return {};
  loop_host_.end(look_up_wait);
  if (dispatchers_.join(kCloseGrace)) return {};
  return make_error(
      ErrorCode::CLOSE_TIMEOUT,
      "the runtime is closed, but callbacks have not returned or events are left for "
      "them; their threads go on",
      "what the callbacks use is theirs until rmq_event_queue_set_callback with null, "
      "or the destroy of their queue, has returned");
}

// For a host that does not step any more: a closing whose limit is over ends within a turn or two,
// on whatever thread.
bool Runtime::drive_to_end() {
  return loop_host_.drive([this] { return state() == State::closed; }, now() + kCloseGrace);
}

base::Status Runtime::close(base::Duration timeout) {
  if (auto status = check_not_forked(); !status.ok()) return status;
  timeout = closes_.limit_of(timeout);
  const base::Instant deadline = now() + timeout;
  const bool waits = may_block() && !is_in_callback();
  // Made before anything begins: what memory refuses then changes nothing.
  event::UnsharedWaiter unshared = waits ? event::Waiter::make() : nullptr;
  ControlOperation* operation = make_close(timeout, {});
  operation->set_waiter(unshared.get());
  if (!begin_closing() || !core_->post(*operation)) {
    operation->destroy();
    return wait_for_other_close(timeout, waits);
  }
  if (!waits) return close_in_progress();
  event::Waiter* waiter = unshared.release();
  if (is_driven() && !wait_closed(timeout)) drive_to_end();
  auto status = wait_for(waiter, deadline - now() + kCloseGrace, ErrorCode::CLOSE_TIMEOUT,
                         "closing did not end: a step of the runtime hangs");
  if (!wait_closed(kCloseGrace)) return status;
  auto joined = join(deadline - now());
  return status.ok() ? std::move(joined) : std::move(status);
}

// When another thread, or an earlier call, has closed or is closing.
base::Status Runtime::wait_for_other_close(base::Duration timeout, bool waits) {
  if (!waits) return state() == State::closed ? base::Status() : close_in_progress();
  if (is_driven() && !wait_closed(timeout)) drive_to_end();
  if (!wait_closed(timeout + kCloseGrace)) {
    return make_error(ErrorCode::CLOSE_TIMEOUT, "the closing that is under way has not ended");
  }
  return join(base::Duration::zero());
}

base::Error Runtime::close_in_progress() {
  return make_error(ErrorCode::IN_PROGRESS,
                    "the runtime is closing; this thread cannot wait for it");
}

base::Status Runtime::close_async(base::Duration timeout, event::Tag tag) {
  if (auto status = check_not_forked(); !status.ok()) return status;
  if (auto status = check_running(); !status.ok()) return status;
  ControlOperation* operation = make_close(closes_.limit_of(timeout), tag);
  operation->set_queue(default_queue_);
  if (begin_closing() && core_->post(*operation)) return {};
  operation->destroy();
  return make_error(ErrorCode::CLOSING, "the runtime is closing already");
}

void Runtime::close_inherited_sockets() noexcept {
  if (has_loop()) loop_host_.runner().close_inherited_sockets();
}

bool Runtime::abandon() noexcept {
  begin_closing();
  if (has_loop()) {
    if (state() != State::closed) static_cast<void>(core_->post(abandonment_));
    if (loop_host_.is_inside_turn()) return false;
    // With a limit of zero nothing on the loop waits for the network: it ends within a turn or two.
    if (is_driven() && !drive_to_end()) return false;
    loop_host_.end(base::Duration::zero());
  }
  give_up_event_queue(*default_queue_);
  // Queues that have handles of their own keep their callbacks, and their threads end with the last
  // event. Without such a queue the threads have nothing to do.
  const bool may_wait = !dispatchers_.has_current_thread() && dispatchers_.empty();
  if (!may_wait || !dispatchers_.join(kCloseGrace)) dispatchers_.abandon();
  return true;
}

}  // namespace rmq::client
