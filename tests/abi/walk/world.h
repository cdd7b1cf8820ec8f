// What all threads of a walk share: a broker, and places with the handles that are there now.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rocketmq_c.h"
#include "rocketmq_testbroker.h"
#include "tests/abi/walk/handles.h"
#include "tests/abi/walk/tokens.h"

namespace rmq::walk {

template <typename T, std::size_t count>
class Places {
 public:
  static constexpr std::size_t size = count;

  std::shared_ptr<T> at(std::size_t index) {
    std::lock_guard lock(mutex_);
    return places_[index % count];
  }
  // The old one goes with its last user, outside the lock.
  std::shared_ptr<T> put(std::size_t index, std::shared_ptr<T> value) {
    std::lock_guard lock(mutex_);
    places_[index % count].swap(value);
    return value;
  }

 private:
  std::mutex mutex_;
  std::array<std::shared_ptr<T>, count> places_;
};

// Events that somebody took and has not destroyed.
class TakenEvents {
 public:
  ~TakenEvents();
  // One that was kept before, when there are many already.
  rmq_event_t* keep(rmq_event_t* event);
  rmq_event_t* take();

 private:
  static constexpr std::size_t kEventsMax = 64;
  std::mutex mutex_;
  std::vector<rmq_event_t*> events_;
};

struct World {
  explicit World(std::size_t operations_max);
  ~World();
  World(const World&) = delete;

  rmq_testbroker_t* broker;
  std::string namesrv_addr;
  Tokens tokens;
  Places<Runtime, 3> runtimes;
  Places<Queue, 5> queues;
  Places<Producer, 4> producers;
  Places<Consumer, 3> consumers;
  TakenEvents taken;
  // Taken by wake-up functions, and by walkers around calls that need no function of theirs to end.
  std::mutex host_mutex;
};

}  // namespace rmq::walk
