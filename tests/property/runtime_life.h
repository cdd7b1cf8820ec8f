// A runtime of a simulated process from its making to its destroy, with all its event queues: the
// way that a program would use it, and what the runtime owes that program at its end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/property/watched_queue.h"
#include "tests/support/simulated_runtime.h"

namespace rmq::sim {

class RuntimeLife {
 public:
  RuntimeLife(World& world, Draw& draw, std::string address, std::string instance,
              WatchedQueue::OnEvent on_event);
  ~RuntimeLife();

  // The queue of the handle, or one of its own that is made now.
  WatchedQueue& default_queue() { return *queues_.front(); }
  WatchedQueue& add_queue();
  // Perhaps the host lacks something first, and the start has to be tried again.
  void start();
  // False: it was closed before, or never started.
  bool close(base::Duration timeout, std::uint64_t token);
  // The handle goes, with the default queue; other queues have handles of their own.
  void destroy();

  bool is_destroyed() const { return runtime_.is_destroyed(); }
  // All has ended that the network could still see.
  bool is_gone();
  const std::shared_ptr<client::Runtime>& share() const { return runtime_.share(); }
  transport::MemoryLoop* loop() { return runtime_.loop(); }
  // Nobody has a share of the runtime but this program's objects, which are gone too.
  void expect_free() { is_to_be_free_ = true; }

  void set_poll_delay(base::Duration most);
  void poll();
  void look();
  void conclude();

 private:
  static config::Config make_config(const World& world, Draw& draw, const std::string& address,
                                    const std::string& instance);
  void take_mistakes();

  World& world_;
  Draw draw_;
  const WatchedQueue::OnEvent on_event_;
  // A member, because compilers disagree about the order of two draws in one call.
  const std::uint64_t runtime_seed_;
  test::SimulatedRuntime runtime_;
  const std::weak_ptr<client::Runtime> watched_;
  base::Duration poll_delay_max_ = base::milliseconds(20);
  std::vector<std::unique_ptr<WatchedQueue>> queues_;
  bool is_to_be_free_ = false;
};

}  // namespace rmq::sim
