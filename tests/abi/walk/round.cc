#include "tests/abi/walk/round.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/abi/walk/finding.h"
#include "tests/abi/walk/walker.h"
#include "tests/abi/walk/watchdog.h"

namespace rmq::walk {
namespace {

constexpr std::size_t kActions = 4000;  // of each thread
constexpr std::size_t kOperationsPerAction = 8;
constexpr std::int64_t kDrainMs = 60'000;  // a guard; closing has ended everything by then

// After the end of its runtime a queue gives what is left, and then only its end.
void drain(Walker& walker, Queue& queue) {
  for (;;) {
    rmq_event_t* event = nullptr;
    rmq_error_t* error = nullptr;
    const std::int32_t code = take_one(queue.handle, kDrainMs, &event, &error);
    rmq_error_destroy(error);
    if (event != nullptr) {
      look_at_event(walker, event, *queue.count);
      rmq_event_destroy(event);
    } else if (code == RMQ_ERROR_CLOSED) {
      break;
    } else if (code != RMQ_ERROR_INTERRUPTED) {
      report_finding("the queue of a closed runtime has no end: a poll gave " +
                     std::to_string(code));
    }
  }
  if (queue.count->seen != queue.count->accepted) {
    report_finding(std::to_string(queue.count->accepted) + " operations were accepted and " +
                   std::to_string(queue.count->seen) + " events came");
  }
}

void end_runtime(Runtime& runtime) {
  rmq_error_t* error = nullptr;
  const std::int32_t code = rmq_runtime_close(runtime.handle->handle, 2000, &error);
  if (code != RMQ_OK && code != RMQ_ERROR_CLOSE_TIMEOUT) {
    report_finding(std::string("a runtime does not close: ") + rmq_error_message(error));
  }
  rmq_error_destroy(error);
}

void end_world(World& world, Walker& walker) {
  lift_descriptors();
  rmq_testbroker_command(world.broker, "resume broker-a", nullptr, 0, nullptr);
  for (std::size_t i = 0; i < world.runtimes.size; ++i) {
    if (const auto runtime = world.runtimes.at(i)) end_runtime(*runtime);
  }
  for (std::size_t i = 0; i < world.producers.size; ++i) world.producers.put(i, nullptr);
  for (std::size_t i = 0; i < world.consumers.size; ++i) world.consumers.put(i, nullptr);
  for (std::size_t i = 0; i < world.queues.size; ++i) {
    const auto queue = world.queues.at(i);
    if (queue && !queue->callback()) drain(walker, *queue);
  }
  for (std::size_t i = 0; i < world.runtimes.size; ++i) {
    const auto runtime = world.runtimes.at(i);
    if (runtime && !runtime->default_queue->callback()) drain(walker, *runtime->default_queue);
  }
}

}  // namespace

std::uint64_t run_round(std::uint64_t seed, std::size_t threads) {
  World world(kActions * kOperationsPerAction * threads);
  std::vector<std::unique_ptr<Walker>> walkers;
  for (std::size_t i = 0; i < threads; ++i) {
    walkers.push_back(std::make_unique<Walker>(world, seed * 31 + i));
  }
  {
    Watchdog watchdog(walkers);
    std::vector<std::thread> running;
    for (const auto& walker : walkers) {
      running.emplace_back([&walker] {
        for (std::size_t i = 0; i < kActions; ++i) walker->step();
      });
    }
    for (std::thread& thread : running) thread.join();
  }
  end_world(world, *walkers[0]);
  std::uint64_t calls = 0;
  for (const auto& walker : walkers) calls += walker->calls();
  return calls;
}

}  // namespace rmq::walk
