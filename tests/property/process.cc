#include "tests/property/process.h"

#include <utility>

namespace rmq::sim {

Process::Process(World& its_world, std::uint64_t seed)
    : world(its_world),
      draw(seed),
      address_(world.next_address()),
      life_(world, draw, address_, "simulated", [this](event::Event* event) {
        if (!take_error(event)) on_event(event);
      }) {
  queue_ = &life_.default_queue();
  const bool has_own_queue = draw.chance(0.5);
  const bool is_queue_late = draw.chance(0.5);
  if (has_own_queue && !is_queue_late) queue_ = &life_.add_queue();
  life_.start();
  if (has_own_queue && is_queue_late) queue_ = &life_.add_queue();
  client_id_ = runtime()->client_id();
  if (draw.chance(0.1)) add_neighbour();
}

Process::~Process() = default;

// Some are never started, some are destroyed while they run, and some are closed.
void Process::add_neighbour() {
  neighbour_ = std::make_unique<RuntimeLife>(
      world, draw, address_, "neighbour", [this](event::Event* event) {
        if (take_error(event)) return;
        world.mistake("an event of a runtime without members");
        event->destroy();
      });
  neighbour_->add_queue();
  if (draw.chance(0.3)) return;
  neighbour_->start();
  neighbour_->add_queue();
  const base::Duration age = draw.between(base::Duration{0}, std::chrono::seconds(30));
  world.after(age, [this] { neighbour_->destroy(); });
}

bool Process::take_error(event::Event* event) {
  if (event->type() != event::EventType::error) return false;
  ++world.ledger.background_errors;
  event->destroy();
  return true;
}

void Process::set_poll_delay(base::Duration most) { life_.set_poll_delay(most); }

void Process::set_side(int side) {
  if (life_.loop() != nullptr) world.network.set_side(*life_.loop(), side);
}

bool Process::is_gone() { return life_.is_gone(); }

void Process::poll() { life_.poll(); }

void Process::look() {
  life_.look();
  if (neighbour_) neighbour_->look();
}

void Process::note_accepted(const char* name, base::Duration time_limit,
                            const WatchedQueue& queue) {
  world.ledger.operations.push_back(
      {name, world.now() + time_limit, poll_delay_max(), {}, 0, &queue, false});
}

void Process::note_operation(const event::Event& event) {
  auto& operations = world.ledger.operations;
  if (event.token() >= operations.size()) {
    world.mistake("an event of an operation with the unknown token " +
                  std::to_string(event.token()));
    return;
  }
  ++operations[event.token()].events;
  operations[event.token()].ended_at = world.now();
}

void Process::end(base::Duration timeout) {
  if (is_ending_) return;
  is_ending_ = true;
  world.note_disturbance();
  if (draw.chance(0.5)) {
    is_member_abandoned_ = true;
    abandon();
  }
  const bool is_closed = has_power_ && timeout > base::Duration::zero() && draw.chance(0.5);
  if (!is_closed) return destroy();
  if (life_.close(timeout, next_operation())) {
    note_accepted("close of a runtime", timeout, life_.default_queue());
  }
  // Most destroy it when it has told them of its end, some before.
  const base::Duration patience = draw.chance(0.3) ? draw.between(base::Duration{0}, timeout)
                                                   : timeout + std::chrono::seconds(10);
  world.after(patience, [this] { destroy(); });
}

void Process::destroy() {
  if (life_.is_destroyed()) return;
  if (!life_.is_gone()) on_destroying();
  life_.destroy();
  if (!life_.is_destroyed()) return;
  forget_events_of(life_.default_queue());
  if (!std::exchange(is_member_abandoned_, true)) abandon();
  if (draw.chance(0.5) && drop()) life_.expect_free();
}

// What was not taken from it went with its handle.
void Process::forget_events_of(const WatchedQueue& queue) {
  for (SendRecord& send : world.ledger.sends) {
    if (send.queue == &queue && send.events == 0) send.is_given_up = true;
  }
  for (OperationRecord& operation : world.ledger.operations) {
    if (operation.queue == &queue && operation.events == 0) operation.is_given_up = true;
  }
}

void Process::cut_power() {
  has_power_ = false;
  if (life_.loop() != nullptr) {
    for (const auto& connection : world.network.connections_of(*life_.loop())) {
      connection->go_silent();
    }
  }
  set_side(-1);
  end(base::Duration{0});
}

void Process::conclude() {
  destroy();
  life_.conclude();
  if (!neighbour_) return;
  neighbour_->destroy();
  neighbour_->expect_free();
  neighbour_->conclude();
}

}  // namespace rmq::sim
