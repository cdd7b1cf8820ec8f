// The part of Producer that runs on the loop.
#include <algorithm>

#include "producer/producer.h"

namespace rmq::producer {
namespace {

using base::ErrorCode;
using base::make_error;

constexpr base::Duration kUnregisterTimeout = std::chrono::seconds(1);

}  // namespace

void Producer::on_heartbeat_refused(cluster::Endpoint&, const base::Error& error) {
  troubles_.note("heartbeat", {"", "", -1}, &error);
}

void Producer::on_broker_back(cluster::Endpoint&) { troubles_.on_server_back(); }

void Producer::begin_send(SendOperation& operation) noexcept {
  operation.set_sequence(next_sequence_++);
  pending_.push_back(operation);
  try {
    // A send may overtake the start that let it in.
    if (life_.state() == client::MemberLife::State::started) life_.join();
    if (life_.is_running()) {
      router_.begin(operation);
    } else {
      router_.fail(
          operation.attempt(),
          make_error(ErrorCode::SHUTDOWN, "the producer was closed before the message was sent"));
    }
  } catch (const std::bad_alloc&) {
    router_.fail(operation.attempt(), base::make_memory_error());
  }
}

void Producer::end_send(SendOperation& operation) noexcept {
  static_cast<base::ListNode<SendOperation>&>(operation).unlink_if_linked();
  if (operation.error_code() == ErrorCode::SHUTDOWN) ++cut_short_;
  if (operation.question()) transactions_.on_half_sent(operation);
  operation.leave_loop();
  deliver(operation);
  if (!is_cancelling_) end_waits();
}

void Producer::end_waits() noexcept {
  if (!flushes_.is_empty()) end_flushes();
  if (pending_.is_empty() && transactions_.is_quiet()) life_.look_for_quiet();
}

void Producer::note_topics_in_use() noexcept {
  const base::Instant now = host_->core().loop().now();
  for (SendOperation* send = pending_.front(); send != nullptr; send = pending_.next_of(*send)) {
    if (PublishTopic* topic = send->attempt().topic()) topic->used_at = now;
  }
}

void Producer::deliver(SendOperation& operation) noexcept {
  switch (operation.mode()) {
    case SendMode::event:
    case SendMode::oneway_event:
      host_->core().deliver(queue_, &operation);
      return;
    case SendMode::silent_oneway:
      operation.release_held();
      operation.destroy();
      return;
    case SendMode::waiting:
    case SendMode::oneway_waiting:
      if (!operation.waiter()->finish(operation, host_->core().woken_callers())) {
        operation.release_held();
        operation.destroy();
      }
      return;
  }
}

void Producer::cancel_sends(const std::uint64_t* token) noexcept {
  const std::shared_ptr<Producer> keep = shared_from_this();
  // Ending one send may end others: the rest waits in a list that they can leave, too. Until it is
  // back in pending_, neither a flush nor the close can tell whether it is over.
  is_cancelling_ = true;
  base::IntrusiveList<SendOperation, SendOperation> rest;
  while (SendOperation* operation = pending_.pop_front()) rest.push_back(*operation);
  while (SendOperation* operation = rest.pop_front()) {
    pending_.push_back(*operation);
    if (token && operation->token() != *token) continue;
    router_.cancel(*operation);
  }
  is_cancelling_ = false;
  end_waits();
}

void Producer::begin_flush(client::ControlOperation& operation) noexcept {
  operation.sequence = next_sequence_;
  flushes_.push_back(operation);
  end_flushes();
  if (flushes_.is_empty()) return;
  if (flush_deadline_.is_queued() && flush_deadline_.due() <= operation.deadline) return;
  host_->core().deadlines().set(flush_deadline_, operation.deadline);
}

void Producer::end_flushes() noexcept {
  while (client::ControlOperation* flush = flushes_.front()) {
    SendOperation* oldest = pending_.front();
    if (oldest && oldest->sequence() < flush->sequence) return;
    flushes_.pop_front();
    flush->complete(host_->core());
  }
  host_->core().deadlines().clear(flush_deadline_);
}

void Producer::on_closed() noexcept {
  transactions_.close();
  troubles_.stop();
  host_->core().deadlines().clear(flush_deadline_);
  router_.leave();  // also when a close has overtaken the start, and no good-bye was said
}

client::CutShort Producer::count_cut_short() const noexcept {
  const std::size_t others = calls_.count_cut_short() + transactions_.cancelled_ends();
  return {cut_short_ + others,
          others == 0
              ? "sends were cut short by the close time limit"
              : "sends, calls and ends of transactions were cut short by the close time limit",
          "events tell whether a message may have been stored; brokers ask how transactions end"};
}

// Not waited for: a broker forgets the group with the connection, at the latest.
void Producer::say_good_bye(base::Instant) noexcept {
  if (router_.is_in_use()) {
    router_.leave();
    leave_group();
  }
  life_.finish();
}

void Producer::leave_group() noexcept {
  client::Heartbeats& heartbeats = host_->core().heartbeats();
  try {
    if (heartbeats.has_producer_group(options_.group)) return;
    heartbeats.unregister(options_.group, {}, host_->core().loop().now() + kUnregisterTimeout, {});
  } catch (const std::bad_alloc&) {
    // The brokers learn it later.
  }
}

void Producer::add_to_heartbeat(protocol::HeartbeatData* heartbeat) const {
  if (!router_.is_in_use()) return;
  auto& groups = heartbeat->producer_groups;
  if (std::find(groups.begin(), groups.end(), options_.group) == groups.end())
    groups.push_back(options_.group);
}

void Producer::on_deadline(remoting::Deadline&) {
  const base::Instant now = host_->core().loop().now();
  base::Instant next = base::kNever;
  for (client::ControlOperation* flush = flushes_.front(); flush != nullptr;) {
    client::ControlOperation* following = flushes_.next_of(*flush);
    if (flush->deadline <= now) {
      std::size_t left = 0;
      for (SendOperation* send = pending_.front(); send && send->sequence() < flush->sequence;
           send = pending_.next_of(*send)) {
        ++left;
      }
      static_cast<base::ListNode<client::ControlOperation>&>(*flush).unlink();
      flush->fail_with_rest(host_->core(), ErrorCode::REQUEST_TIMEOUT, left,
                            "sends are still pending at the flush time limit", "");
    } else if (flush->deadline < next) {
      next = flush->deadline;
    }
    flush = following;
  }
  if (next != base::kNever) host_->core().deadlines().set(flush_deadline_, next);
}

void Producer::describe(base::Error* error) const {
  error->group = options_.group;
  error->client_id = host_->client_id();
}

void Producer::name_cause(base::Error* error) const {
  if (!life_.is_cut_short() || error->code != ErrorCode::CANCELLED) return;
  error->code = ErrorCode::SHUTDOWN;
  error->message = "the producer was closed before the send ended";
}

}  // namespace rmq::producer
