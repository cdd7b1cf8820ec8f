// The part of GroupMember that ends it, on the loop.
#include <algorithm>

#include "consumer/group_member.h"

namespace rmq::consumer {

namespace {

// For the brokers to take note, when the time limit leaves no more.
constexpr base::Duration kUnregisterTimeout = std::chrono::seconds(1);

}  // namespace

void GroupMember::on_closing() noexcept {
  assignment_.reset();
  queues_->stop();
  context_.discard_withdrawn();
}

// A queue says so from the middle of its work.
void GroupMember::on_queue_quiet() noexcept { life_.look_for_quiet(); }

// The time limit ends the wait for answers.
bool GroupMember::is_quiet() noexcept { return life_.is_cut_short() || queues_->is_quiet(); }

void GroupMember::say_good_bye(base::Instant deadline) noexcept {
  unanswered_ += queues_->drop_all();
  context_.discard_withdrawn();
  try_to_leave(deadline);
}

// Memory may be there in a moment. When the time is over before, the messages behind the last
// persisted offset are delivered again. The brokers then forget this member when its connections
// end or its heartbeats stay away.
void GroupMember::try_to_leave(base::Instant deadline) noexcept {
  const base::Instant again = context_.now() + kMemoryPause;
  try {
    leave(std::max(deadline, context_.now() + kUnregisterTimeout));
  } catch (const std::bad_alloc&) {
    if (!life_.is_cut_short() && again < life_.close_due()) {
      context_.core().deadlines().set(good_bye_due_, again);
    } else {
      life_.finish();
    }
  }
}

// The offsets go first, on the same connections.
void GroupMember::leave(base::Instant deadline) {
  // Its last copy ends the closing, unless this attempt lacks memory.
  const std::shared_ptr<void> all_done(nullptr,
                                       [self = shared_from_this(), attempt = ++good_byes_](void*) {
                                         if (self->said_good_bye_ == attempt) self->life_.finish();
                                       });
  const auto hold = [all_done] {};
  queues_->offsets().flush(deadline, hold);
  context_.core().heartbeats().unregister("", options_.group, deadline, hold);
  said_good_bye_ = good_byes_;
}

void GroupMember::on_closed() noexcept {
  client::ClientCore& core = context_.core();
  context_.troubles().stop();
  filter_check_->stop();
  core.deadlines().clear(subscribe_due_);
  core.deadlines().clear(good_bye_due_);
  queues_->clear();
  for (const auto& [topic, subscription] : context_.subscriptions)
    core.routes().unwatch(topic, *this);
  context_.subscriptions.clear();
  core.release_consumer_group(options_.group);
}

client::CutShort GroupMember::count_cut_short() const noexcept {
  return {unanswered_, "deliveries were not answered within the close time limit",
          "their messages are delivered again to the group"};
}

}  // namespace rmq::consumer
