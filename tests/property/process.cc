#include "tests/property/process.h"

#include "tests/support/simulated_tls.h"

namespace rmq::sim {
namespace {

constexpr std::size_t kEventsPerPoll = 16;

}  // namespace

Process::Process(World& its_world, std::uint64_t seed)
    : world(its_world),
      draw(seed),
      host(std::make_shared<test::SimulatedHost>(
          world.network, world.next_address(), kNameServer, make_options(draw),
          world.shape.has_tls ? test::simulated_tls().client : nullptr)),
      queue(std::make_shared<event::EventQueue>(100)) {
  queue->set_wake_up(&Process::wake_up, this);
}

Process::~Process() { queue->set_wake_up(nullptr, nullptr); }

client::CoreOptions Process::make_options(Draw& draw) {
  // As a runtime reads them.
  client::CoreOptions options = client::CoreOptions::read(config::Config(), {}).take_value();
  options.connections_per_broker = static_cast<std::size_t>(draw.between(1, 3));
  options.heartbeat_v2 = draw.chance(0.3);
  return options;
}

void Process::wake_up(void* user_data) {
  auto* self = static_cast<Process*>(user_data);
  if (self->is_poll_due_) return;
  self->is_poll_due_ = true;
  self->world.after(self->draw.between(base::Duration{0}, self->poll_delay_max_), [self] {
    self->is_poll_due_ = false;
    self->poll();
  });
}

void Process::poll() {
  event::Event* events[kEventsPerPoll];
  std::size_t count = 0;
  while (queue->poll(events, base::Duration::zero(), &count) ==
         event::EventQueue::PollEnd::events) {
    for (std::size_t i = 0; i < count; ++i) on_event(events[i]);
  }
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
  abandon();
  host->begin_close(timeout);
}

void Process::cut_power() {
  has_power_ = false;
  for (const auto& connection : world.network.connections_of(host->loop())) {
    connection->go_silent();
  }
  world.network.set_side(host->loop(), -1);
  end(base::Duration{0});
}

}  // namespace rmq::sim
