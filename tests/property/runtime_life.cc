#include "tests/property/runtime_life.h"

#include <cstdlib>
#include <utility>

namespace rmq::sim {

using base::ErrorCode;

RuntimeLife::RuntimeLife(World& world, Draw& draw, std::string address, std::string instance,
                         WatchedQueue::OnEvent on_event)
    : world_(world),
      draw_(draw.seed()),
      on_event_(std::move(on_event)),
      runtime_seed_(draw_.seed()),
      runtime_(world.network, address, make_config(world, draw_, address, instance), runtime_seed_),
      watched_(runtime_.share()) {
  queues_.push_back(
      std::make_unique<WatchedQueue>(world_, draw_.seed(), runtime_->event_queue(), on_event_));
}

RuntimeLife::~RuntimeLife() { destroy(); }

config::Config RuntimeLife::make_config(const World& world, Draw& draw, const std::string& address,
                                        const std::string& instance) {
  config::Config config;
  const auto set = [&config](std::string_view name, std::string_view value) {
    if (!config.set(name, value).ok()) std::abort();
  };
  set("run_mode", "driven");
  set("client_ip", address);
  set("instance_name", instance);
  set("namesrv_addr", kNameServer);
  set("connection_pool_size", std::to_string(draw.between(1, 3)));
  set("heartbeat_v2", draw.chance(0.3) ? "true" : "false");
  if (world.shape.has_tls) {
    set("tls_enable", "true");
    set("tls_verify", "false");
  }
  if (draw.chance(0.5)) set("events", "error");
  return config;
}

WatchedQueue& RuntimeLife::add_queue() {
  queues_.push_back(std::make_unique<WatchedQueue>(
      world_, draw_.seed(), runtime_->make_event_queue().take_value(), on_event_));
  queues_.back()->set_poll_delay(poll_delay_max_);
  return *queues_.back();
}

void RuntimeLife::start() {
  if (draw_.chance(0.05)) {
    runtime_.surroundings().refuse_loops(1);
    if (runtime_->start().ok()) world_.mistake("a runtime started without a loop");
    if (runtime_->descriptor() >= 0) world_.mistake("a descriptor after a start that failed");
  }
  if (!runtime_->start().ok()) world_.mistake("a runtime did not start");
  if (runtime_->start().ok()) world_.mistake("a runtime started twice");
}

bool RuntimeLife::close(base::Duration timeout, std::uint64_t token) {
  if (is_destroyed()) return false;
  // From the thread that drives it nobody can wait; the same thread may close it in two ways.
  if (draw_.chance(0.2)) {
    const ErrorCode code = runtime_->close(timeout).code();
    if (code != ErrorCode::IN_PROGRESS) world_.mistake("a blocking close on the driving thread");
    return false;
  }
  return runtime_->close_async(timeout, {.token = token}).ok();
}

void RuntimeLife::destroy() {
  if (is_destroyed()) return;
  constexpr std::size_t kIdleStepsMax = 2;
  test::SimulatedSurroundings& surroundings = runtime_.surroundings();
  const std::size_t idle_before = surroundings.idle_steps();
  if (!runtime_.destroy()) {
    world_.mistake("a runtime was not destroyed: it does not come to its end");
    return;
  }
  default_queue().note_given_up();
  if (surroundings.idle_steps() - idle_before > kIdleStepsMax) {
    world_.mistake("a destroy waited for " +
                   std::to_string(surroundings.idle_steps() - idle_before) + " idle steps");
  }
  take_mistakes();
}

bool RuntimeLife::is_gone() {
  return is_destroyed() || runtime_->check_running().code() == ErrorCode::CLOSED;
}

void RuntimeLife::set_poll_delay(base::Duration most) {
  poll_delay_max_ = most;
  for (const auto& queue : queues_) queue->set_poll_delay(most);
}

void RuntimeLife::poll() {
  for (const auto& queue : queues_) queue->poll();
}

void RuntimeLife::look() {
  for (const auto& queue : queues_) queue->look();
  take_mistakes();
}

void RuntimeLife::take_mistakes() {
  for (std::string& mistake : runtime_.surroundings().take_mistakes()) {
    world_.mistake(std::move(mistake));
  }
}

void RuntimeLife::conclude() {
  if (!is_gone()) world_.mistake("a runtime has not ended");
  poll();
  for (const auto& queue : queues_) {
    if (!queue->is_over()) world_.mistake("a queue of a closed runtime has not ended");
  }
  if (is_to_be_free_ && !watched_.expired()) world_.mistake("a destroyed runtime is half alive");
  if (watched_.expired() && loop() != nullptr) world_.mistake("a loop without its runtime");
  take_mistakes();
}

}  // namespace rmq::sim
