// The part of PushConsumer that ends it, on the loop.
#include <algorithm>

#include "consumer/push_consumer.h"

namespace rmq::consumer {

using base::ErrorCode;
using base::make_error;

namespace {

// For the brokers to take note, when the time limit leaves no more.
constexpr base::Duration kUnregisterTimeout = std::chrono::seconds(1);
// A runtime cuts its connections at its time limit: what a consumer has to say is said before.
constexpr base::Duration kLeaveMargin = std::chrono::milliseconds(50);

}  // namespace

void PushConsumer::begin_user_close(client::ControlOperation& operation) noexcept {
  if (life_.state() == State::closed) {
    operation.complete(context_.core());
    return;
  }
  closes_.push_back(operation);
  close_by(operation.deadline);
}

void PushConsumer::begin_close(base::Instant deadline) noexcept {
  // What is left unanswered is the runtime's to report, unless the consumer was closing already.
  if (leaving_ == Leaving::not_yet) is_closed_by_runtime_ = life_.state() == State::started;
  const base::Duration left = deadline - context_.now();
  close_by(deadline - std::clamp(left / 10, base::Duration::zero(), kLeaveMargin));
}

void PushConsumer::close_at_once() { close_by(context_.now()); }

void PushConsumer::close_by(base::Instant deadline) noexcept {
  if (life_.state() == State::closed) return;
  life_.begin_closing();
  rebalance_.reset();
  // This call has overtaken the start, which will find the consumer closed.
  if (!is_added_) return finish_close();
  remoting::Deadlines& deadlines = context_.core().deadlines();
  if (leaving_ == Leaving::not_yet) {
    set_leaving(Leaving::answering);
    deadlines.clear(expire_due_);
    for (const auto& [queue, process_queue] : queues_) process_queue->stop();
    context_.discard_withdrawn();
  }
  if (deadline <= context_.now()) {
    deadlines.clear(close_due_);
    if (leaving_ == Leaving::answering) leave(context_.now());
    finish_close();
    return;
  }
  if (!close_due_.is_queued() || deadline < close_due_.due()) deadlines.set(close_due_, deadline);
  on_queue_quiet();
}

// A queue says so from the middle of its work: looked at from the outside.
void PushConsumer::on_queue_quiet() noexcept {
  if (leaving_ == Leaving::answering) quiet_check_.post(context_.core(), shared_from_this());
}

void PushConsumer::look_for_quiet() {
  if (leaving_ != Leaving::answering) return;
  const bool is_quiet = std::all_of(queues_.begin(), queues_.end(),
                                    [](const auto& place) { return place.second->is_quiet(); });
  if (is_quiet) leave(close_due_.due());
}

void PushConsumer::leave(base::Instant deadline) noexcept {
  set_leaving(Leaving::leaving);
  for (const auto& [queue, process_queue] : queues_) {
    process_queue->note_offset();
    unanswered_ += process_queue->drop();
  }
  context_.discard_withdrawn();
  try_to_say_good_bye(deadline);
}

// Memory may be there in a moment. When the time is over before, the messages behind the last
// persisted offset are delivered again. The brokers then forget this member when its connections
// end or its heartbeats stay away.
void PushConsumer::try_to_say_good_bye(base::Instant deadline) noexcept {
  const base::Instant again = context_.now() + kMemoryPause;
  try {
    say_good_bye(std::max(deadline, context_.now() + kUnregisterTimeout));
  } catch (const std::bad_alloc&) {
    if (close_due_.is_queued() && again < close_due_.due()) {
      context_.core().deadlines().set(good_bye_due_, again);
    } else {
      finish_close();
    }
  }
}

// The offsets go first, on the same connections.
void PushConsumer::say_good_bye(base::Instant deadline) {
  // Its last copy ends the closing, unless this attempt lacks memory.
  const std::shared_ptr<void> all_done(nullptr,
                                       [self = shared_from_this(), attempt = ++good_byes_](void*) {
                                         if (self->said_good_bye_ == attempt) self->finish_close();
                                       });
  const auto hold = [all_done] {};
  offsets_.flush(deadline, hold);
  context_.core().heartbeats().unregister("", options_.group, deadline, hold);
  said_good_bye_ = good_byes_;
}

void PushConsumer::finish_close() noexcept {
  if (leaving_ == Leaving::gone) return;
  set_leaving(Leaving::gone);
  const std::shared_ptr<PushConsumer> keep = shared_from_this();
  life_.set_closed();
  is_added_ = false;
  client::ClientCore& core = context_.core();
  context_.troubles().stop();
  filter_check_.stop();
  core.deadlines().clear(subscribe_due_);
  core.deadlines().clear(good_bye_due_);
  core.deadlines().clear(persist_due_);
  core.deadlines().clear(close_due_);
  queues_.clear();
  for (const auto& [topic, subscription] : context_.subscriptions)
    core.routes().unwatch(topic, *this);
  context_.subscriptions.clear();
  core.release_consumer_group(options_.group);
  while (client::ControlOperation* close = closes_.pop_front()) {
    if (unanswered_ == 0) {
      close->complete(core);
      continue;
    }
    close->fail_with_rest(core, ErrorCode::CLOSE_TIMEOUT, unanswered_,
                          "deliveries were not answered within the close time limit",
                          "their messages are delivered again to the group");
  }
  core.on_member_closed(*this, is_closed_by_runtime_ ? unanswered_ : 0);
}

}  // namespace rmq::consumer
