// The part of Producer that runs on the loop.
#include <algorithm>

#include "producer/producer.h"

namespace rmq::producer {
namespace {

using base::ErrorCode;
using base::make_error;

constexpr base::Duration kUnregisterTimeout = std::chrono::seconds(1);

}  // namespace

void Producer::run_on_loop() noexcept {
  const std::shared_ptr<Producer> self = std::move(self_);
  add_to_core();
}

void Producer::add_to_core() noexcept {
  if (is_added_ || life_.state() == State::closed) return;
  is_added_ = true;
  host_->core().add_member(shared_from_this());
}

void Producer::on_heartbeat_refused(const std::string&, const base::Error& error) {
  troubles_.note("heartbeat", {"", "", -1}, &error);
}

void Producer::on_broker_back(const std::string&) { troubles_.on_server_back(); }

remoting::Connection& Producer::connection_to(
    const std::shared_ptr<const Destination>& destination) {
  cluster::Connections& connections = host_->core().connections();
  if (last_destination_ != destination || last_generation_ != connections.generation()) {
    last_connection_ = &connections.connection_to(
        destination->address, static_cast<std::uint32_t>(std::max(destination->queue_id, 0)));
    last_destination_ = destination;
    last_generation_ = connections.generation();
  }
  return *last_connection_;
}

void Producer::begin_send(SendOperation& operation) noexcept {
  operation.set_sequence(next_sequence_++);
  pending_.push_back(operation);
  try {
    // A send may overtake the start that let it in.
    if (life_.state() == State::started) add_to_core();
    if (is_added_ && !is_cutting_short_) {
      if (operation.topic()) {
        router_.begin(operation);
      } else {
        operation.submit_to(connection_to(operation.destination()));
      }
      return;
    }
    operation.fail(
        make_error(ErrorCode::SHUTDOWN, "the producer was closed before the message was sent"));
  } catch (const std::bad_alloc&) {
    operation.fail(base::make_memory_error());
  }
  end_send(operation);
}

void Producer::end_send(SendOperation& operation) noexcept {
  static_cast<base::ListNode<SendOperation>&>(operation).unlink_if_linked();
  if (operation.error_code() == ErrorCode::SHUTDOWN) ++cut_short_;
  operation.leave_loop();
  deliver(operation);
  if (!is_cancelling_) end_waits();
}

void Producer::end_waits() noexcept {
  if (!flushes_.is_empty()) end_flushes();
  finish_close_when_quiet();
}

void Producer::note_topics_in_use() noexcept {
  const base::Instant now = host_->core().loop().now();
  for (SendOperation* send = pending_.front(); send != nullptr; send = pending_.next_of(*send)) {
    if (PublishTopic* topic = send->topic()) topic->used_at = now;
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
      if (!operation.waiter()->finish(operation)) {
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
    if (remoting::Connection* connection = operation->connection()) {
      connection->cancel(*operation);
    } else {
      router_.cancel_parked(*operation);
    }
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

void Producer::begin_user_close(client::ControlOperation& operation) noexcept {
  if (life_.state() == State::closed) {
    operation.complete(host_->core());
    return;
  }
  closes_.push_back(operation);
  close_by(operation.deadline);
}

void Producer::begin_close(base::Instant deadline) noexcept {
  // What is cut short from here on is the runtime's to report, unless the producer was closing
  // already.
  is_closed_by_runtime_ = life_.state() == State::started;
  close_by(deadline);
}

void Producer::close_by(base::Instant deadline) noexcept {
  add_to_core();  // This call may have overtaken the start.
  if (life_.state() == State::closed) return;
  life_.begin_closing();
  budget_->close();
  if (deadline <= host_->core().loop().now()) {
    on_deadline(close_deadline_);
  } else if (!close_deadline_.is_queued() || deadline < close_deadline_.due()) {
    // Also when nothing is pending: sends that were accepted may still be on their way here.
    host_->core().deadlines().set(close_deadline_, deadline);
  }
  finish_close_when_quiet();
}

void Producer::close_at_once() { close_by(host_->core().loop().now()); }

void Producer::finish_close_when_quiet() noexcept {
  if (life_.state() != State::closing || !pending_.is_empty()) return;
  if (arrivals_ != Arrivals::over) {
    quiet_check_.post(host_->core(), shared_from_this());
  } else {
    finish_close();
  }
}

void Producer::look_for_callers() {
  if (arrivals_ == Arrivals::possible && callers_.load() > 0) return;  // the last one posts this
  arrivals_ = arrivals_ == Arrivals::possible ? Arrivals::in_inbox : Arrivals::over;
  finish_close_when_quiet();
}

// Any thread, inside a CallScope. The closing loop sees the count before or after; what comes later
// here sees that it closes.
void Producer::note_last_caller_left() noexcept {
  if (life_.state() == State::closing) quiet_check_.post(host_->core(), shared_from_this());
}

void Producer::finish_close() noexcept {
  if (!life_.set_closed()) return;
  troubles_.stop();
  host_->core().deadlines().clear(close_deadline_);
  host_->core().deadlines().clear(flush_deadline_);
  last_destination_.reset();
  leave_brokers();
  while (client::ControlOperation* close = closes_.pop_front()) {
    if (cut_short_ == 0) {
      close->complete(host_->core());
      continue;
    }
    close->fail_with_rest(host_->core(), ErrorCode::CLOSE_TIMEOUT, cut_short_,
                          "sends were cut short by the close time limit",
                          "their events tell whether each may have been stored");
  }
  is_added_ = false;
  // Last: it may let go of this object.
  host_->core().on_member_closed(*this, is_closed_by_runtime_ ? cut_short_ : 0);
}

// Not waited for: a broker forgets the group with the connection, at the latest.
void Producer::leave_brokers() noexcept {
  if (!router_.is_in_use()) return;
  router_.leave();
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

void Producer::on_deadline(remoting::Deadline& deadline) {
  if (&deadline == &close_deadline_) {
    is_cutting_short_ = true;
    cancel_sends(nullptr);
    return;
  }
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
  if (is_cutting_short_ && error->code == ErrorCode::CANCELLED) {
    error->code = ErrorCode::SHUTDOWN;
    error->message = "the producer was closed before the send ended";
  }
}

}  // namespace rmq::producer
