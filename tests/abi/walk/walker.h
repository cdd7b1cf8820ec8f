// One thread of the walk: takes one action after the other, at random, from its seed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

#include "rocketmq_c.h"
#include "tests/abi/memory/failing_allocator.h"
#include "tests/abi/walk/world.h"

namespace rmq::walk {

class Walker;

// Takes one event; null when none came.
inline std::int32_t take_one(rmq_event_queue_t* queue, std::int64_t timeout_ms, rmq_event_t** event,
                             rmq_error_t** error) {
  rmq_event_view_t view{};
  std::size_t count = 0;
  const std::int32_t code =
      rmq_event_queue_poll(queue, timeout_ms, &view, sizeof view, 1, &count, error);
  *event = count == 1 ? view.event : nullptr;
  return code;
}

struct Action {
  std::string_view name;
  unsigned weight;  // how often, beside the others
  void (*run)(Walker& walker);
};

// In actions_<subject>.cc.
void add_runtime_actions(std::vector<Action>& actions);
void add_queue_actions(std::vector<Action>& actions);
void add_producer_actions(std::vector<Action>& actions);
void add_consumer_actions(std::vector<Action>& actions);
void add_trouble_actions(std::vector<Action>& actions);
const std::vector<Action>& all_actions();
// Undoes what an action did to the limits of the process.
void lift_descriptors();

class Walker {
 public:
  Walker(World& its_world, std::uint64_t seed) : world(its_world), random_(seed) {}

  void step();

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }

  // Calls the library, now and then with an allocation that fails, and checks what all calls
  // promise of their error. `function` gets the place for the error object.
  template <typename Function>
  std::int32_t call(Function function) {
    rmq_error_t* error = nullptr;
    if (chance(kFailsOneIn))
      test::abi::fail_allocation_of_this_thread(1 + static_cast<long>(below(12)));
    const std::int32_t code = function(&error);
    test::abi::fail_allocation_of_this_thread(0);
    note_call(code, error);
    return code;
  }
  // For functions that return something else than a code.
  void note_call() { calls_.fetch_add(1, std::memory_order_relaxed); }

  // Issues a token for an operation on `queue`, calls, and takes the token back when refused.
  template <typename Function>
  void start_operation(Queue& queue, Function function) {
    const std::uint64_t token = world.tokens.issue();
    if (token == 0) return;
    queue.count->accepted.fetch_add(1);
    const std::int32_t code = call([&](rmq_error_t** error) { return function(token, error); });
    if (code == RMQ_OK) return;
    queue.count->accepted.fetch_sub(1);
    world.tokens.refuse(token);
  }

  std::uint64_t calls() const { return calls_.load(std::memory_order_relaxed); }
  std::string_view action() const { return all_actions()[action_.load()].name; }

  // The runtime whose queue this thread waits on without limit; for the watchdog, which closes it.
  std::shared_ptr<RuntimeHandle> awaited();
  void set_awaited(std::shared_ptr<RuntimeHandle> runtime);

  World& world;

 private:
  static constexpr std::uint64_t kFailsOneIn = 64;

  void note_call(std::int32_t code, rmq_error_t* error);

  std::mt19937_64 random_;
  std::atomic<std::uint64_t> calls_{0};
  std::atomic<std::size_t> action_{0};
  std::mutex awaited_mutex_;
  std::shared_ptr<RuntimeHandle> awaited_;
};

// What a poll or a callback got: looks at all of it, answers what wants an answer, counts it.
// The caller still owns the event.
void look_at_event(Walker& walker, rmq_event_t* event, QueueCount& count);

}  // namespace rmq::walk
