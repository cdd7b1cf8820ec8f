#include "consumer/process_queue.h"

#include <cassert>

namespace rmq::consumer {
const char* to_text(QueueState state) {
  switch (state) {
    case QueueState::idle:
      return "idle";
    case QueueState::locating:
      return "locating";
    case QueueState::pulling:
      return "pulling";
    case QueueState::paused:
      return "paused";
    case QueueState::waiting:
      return "waiting";
    case QueueState::stopped:
      return "stopped";
    case QueueState::dropped:
      return "dropped";
  }
  return "unknown";
}

ProcessQueue::ProcessQueue(ConsumerContext& context, const ConsumerParts& parts,
                           OffsetStore& offsets, QueueGate* gate, QueueHandler& handler,
                           protocol::MessageQueue queue)
    : context_(context),
      offsets_(offsets),
      gate_(gate),
      handler_(handler),
      queue_(std::move(queue)),
      broker_(context.core().routes(), queue_),
      consumption_(
          parts.make_consumption(context_, queue_, static_cast<ConsumptionHandler&>(*this))),
      pause_(*this) {}

ProcessQueue::~ProcessQueue() {
  drop();
  context_.core().deadlines().clear(pause_);
}

void ProcessQueue::change_state(QueueState to) noexcept {
  if (to == state_) return;
  assert(state_ != QueueState::dropped && "goes on after its end");
  assert((state_ != QueueState::stopped || to == QueueState::dropped) && "goes on after its stop");
  if (to != QueueState::paused) RoomWaiter::unlink_if_linked();
  if (to != QueueState::waiting) {
    context_.core().deadlines().clear(pause_);
    RegistrationWaiter::unlink_if_linked();
    GateWaiter::unlink_if_linked();
  }
  if (to >= QueueState::stopped) {
    start_offset_.reset();
    forget_pull();
  }
  base::note_transition("ProcessQueue", state_, to);
  state_ = to;
}

void ProcessQueue::start(base::Duration pause) {
  if (pause > base::Duration::zero()) {
    wait(pause);
  } else {
    step();
  }
}

void ProcessQueue::stop() {
  if (!is_live()) return;
  change_state(QueueState::stopped);
  consumption_->withdraw();
}

std::size_t ProcessQueue::drop() noexcept {
  if (state_ == QueueState::dropped) return 0;
  change_state(QueueState::dropped);
  if (gate_) gate_->leave(queue_);
  const std::size_t with_user = consumption_->drop();
  release_cached();
  return with_user;
}

void ProcessQueue::note_offset() {
  if (is_located_) offsets_.update(queue_, window_.commit_offset());
}

protocol::RunningQueue ProcessQueue::running_info() const {
  protocol::RunningQueue info;
  info.queue = queue_;
  info.commit_offset = window_.commit_offset();
  if (window_.entries() > 0) {
    info.cached_min_offset = window_.commit_offset();
    info.cached_max_offset = window_.end_offset() - 1;
  }
  info.cached_messages = static_cast<std::int64_t>(cached_messages_);
  info.cached_mib = static_cast<std::int64_t>(cached_bytes_ >> 20);
  if (pulled_at_ != base::Instant{})
    info.last_pull_ms = context_.host.wall_ms() - base::to_ms(context_.now() - pulled_at_);
  return info;
}

void ProcessQueue::persist() {
  if (!is_located_) return;
  note_offset();
  offsets_.persist(queue_);
}

void ProcessQueue::set_topic_share(const CacheLimits& share) {
  topic_share_ = share;
  if (state_ == QueueState::paused) step();
}

void ProcessQueue::step() noexcept {
  try {
    if (is_live()) take_next_step();
  } catch (const std::bad_alloc&) {
    on_broken();
  }
}

// Decides what comes next, from what is known.
void ProcessQueue::take_next_step() {
  cluster::Endpoint* const stranger = is_answered_ ? nullptr : find_broker();
  if (context_.find_subscription(queue_.topic) == nullptr) {
    wait(kErrorPause);
  } else if (stranger && !is_known_to(*stranger)) {
    wait_for(*stranger);
  } else if (gate_ && !gate_->is_open(queue_)) {
    wait(kErrorPause);  // should nobody open it
    GateWaiter::unlink_if_linked();
    gate_->wait(queue_, *this);
  } else if (!is_located_) {
    locate();
  } else if (!has_own_room() || context_.queue->is_abandoned()) {
    change_state(QueueState::paused);
  } else if (!context_.has_room()) {
    change_state(QueueState::paused);
    if (!RoomWaiter::is_linked()) context_.wait_for_room(*this);
  } else {
    pull();
  }
}

bool ProcessQueue::has_own_room() const {
  const ConsumerOptions& options = context_.options;
  return options.queue_limits.allow(cached_messages_, cached_bytes_) &&
         topic_share_.allow(cached_messages_, cached_bytes_) && window_.span() < options.span_max &&
         next_offset_ - window_.commit_offset() <= options.uncommitted_max;
}

void ProcessQueue::locate() {
  change_state(QueueState::locating);
  start_offset_ = std::make_unique<StartOffset>(context_, offsets_, queue_);
  start_offset_->find([this](const base::Result<FoundOffset>& found) {
    try {
      take_start(found);
    } catch (const std::bad_alloc&) {
      on_broken();
    }
  });
}

void ProcessQueue::take_start(const base::Result<FoundOffset>& found) {
  if (!found.ok()) {
    fail(found.error());
    return;
  }
  if (found.value().offset < 0) {
    fail(illegal_offset(found.value().offset));
    return;
  }
  failures_ = 0;
  // The 0 of a young queue may be stored nowhere, and is then another answer when the queue is old.
  offsets_.hold(queue_, found.value().offset, found.value().is_stored && found.value().offset > 0);
  begin(found.value().offset);
  is_located_ = true;
  step();
}

base::Error ProcessQueue::illegal_offset(std::int64_t offset) {
  return base::make_error(
      base::ErrorCode::OFFSET_ILLEGAL,
      "the broker names the offset " + std::to_string(offset) + " to go on at, expected 0 or more");
}

// Nothing that was pulled before counts from here on.
void ProcessQueue::begin(std::int64_t offset) {
  auto holding = std::make_shared<Holding>();
  holding->host = context_.weak_host;
  holding->group = context_.options.group;
  holding->topic = queue_.topic;
  holding->broker_name = queue_.broker_name;
  holding->queue_id = queue_.queue_id;
  holding->epoch = epoch_ = ++context_.last_epoch;
  consumption_->begin(std::move(holding));
  release_cached();
  window_ = OffsetWindow(offset);
  next_offset_ = offset;
  pulls_one_ = false;
}

void ProcessQueue::wait(base::Duration pause) noexcept {
  change_state(QueueState::waiting);
  context_.core().deadlines().set(pause_, context_.now() + pause);
}

void ProcessQueue::on_deadline(remoting::Deadline&) { step(); }

void ProcessQueue::on_room() noexcept { step(); }

void ProcessQueue::on_gate_opened() noexcept {
  if (state_ == QueueState::waiting) step();
}

void ProcessQueue::on_broker_ready() noexcept {
  if (state_ == QueueState::waiting) step();
}

void ProcessQueue::on_route_changed() noexcept {
  if (state_ == QueueState::waiting && !is_answered_) step();
}

bool ProcessQueue::is_known_to(const cluster::Endpoint& broker) const {
  return context_.core().heartbeats().registered_since(broker).has_value();
}

// A broker refuses the pulls of clients that it has no heartbeat of. The pause is for the case that
// another broker takes its place.
void ProcessQueue::wait_for(cluster::Endpoint& broker) {
  wait(kErrorPause);
  context_.core().heartbeats().wait(broker, *this);
}

// Wherever the broker was asked: it may have moved, or a slave may have gone.
void ProcessQueue::fail(const base::Error& error) {
  ++failures_;
  context_.troubles().note(to_text(state_), queue_, &error);
  is_answered_ = false;
  suggested_broker_id_ = protocol::kMasterId;
  context_.core().routes().refresh(queue_.topic);
  // The pause is shorter when the broker was lost and is back.
  cluster::Endpoint* const broker = find_broker();
  if (broker && context_.core().heartbeats().lost_at(*broker)) {
    wait_for(*broker);
  } else {
    wait(kErrorPause);
  }
}

void ProcessQueue::on_finished(OffsetWindow::Ticket ticket, PulledMessages& pulled) noexcept {
  if (!window_.finish(ticket)) return;
  std::size_t bytes = 0;
  assert(pulled.unfinished > 0);
  assert(cached_messages_ > 0);
  if (--pulled.unfinished == 0) bytes = pulled.bytes;
  assert(cached_bytes_ >= bytes);
  --cached_messages_;
  cached_bytes_ -= bytes;
  context_.remove_cached(1, bytes);
  if (state_ == QueueState::paused && !RoomWaiter::is_linked()) step();
}

void ProcessQueue::release_cached() noexcept {
  context_.remove_cached(std::exchange(cached_messages_, 0), std::exchange(cached_bytes_, 0));
}

void ProcessQueue::on_broken() noexcept {
  consumption_->drop();
  release_cached();
  window_.restart();
  is_located_ = false;
  start_offset_.reset();
  forget_pull();
  if (is_live()) {
    context_.discard_withdrawn();
    wait(kErrorPause);
  } else {
    handler_.on_queue_quiet();  // no answer comes any more
  }
}

}  // namespace rmq::consumer
