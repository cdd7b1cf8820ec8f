// One simulated process of a MemoryNetwork: a Loop whose time, streams, names and randomness come
// from that world. The owner of the network turns the clock; nothing here runs by itself. The
// network runs the turns of a loop, or has the loop's driver run them.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "transport/loop.h"
#include "transport/memory_network.h"
#include "transport/turn_end_queue.h"

namespace rmq::transport {

class MemoryLoop final : public Loop {
 public:
  // `host` is the IP address of the process, "10.0.0.1"; several loops may share one.
  MemoryLoop(MemoryNetwork& network, const std::string& host);
  ~MemoryLoop() override;

  base::Instant now() const override { return network_.now(); }
  std::int64_t wall_ms() const override { return network_.clock().wall_ms(); }
  std::unique_ptr<Timer> make_timer(TimerHandler& handler) override;
  std::unique_ptr<TurnEndTask> make_turn_end_task(TurnEndHandler& handler) override;
  std::unique_ptr<WakeUp> make_wake_up(WakeUpHandler& handler) override;
  std::unique_ptr<ByteStream> make_stream() override;
  base::Result<std::unique_ptr<Listener>> listen(const SocketAddress& address,
                                                 ListenerHandler& handler) override;
  Resolver& resolver() override { return *resolver_; }
  Executor& executor() override { return *executor_; }
  Random& random() override { return random_; }

  MemoryNetwork& network() { return network_; }
  const SocketAddress& host() const { return host_; }
  std::uint64_t id() const { return id_; }
  // Simulated time that each job of the executor takes.
  void set_job_duration(base::Duration duration) { job_duration_ = duration; }
  base::Duration job_duration() const { return job_duration_; }
  // For a process that runs its loop in steps of its own. The driver is called when something is
  // due, and calls step(). When the driver gives false, nobody steps this loop any more, and what
  // is due is dropped.
  void set_driver(std::function<bool()> driver) { driver_ = std::move(driver); }
  // One turn. False: nothing was due.
  bool step();

  // What was made on this loop and has not been given back.
  struct Holdings {
    std::size_t timers = 0;
    std::size_t armed_timers = 0;
    std::size_t wake_ups = 0;
    std::size_t streams = 0;
    std::size_t look_ups = 0;
  };
  Holdings& holdings() { return holdings_; }
  // Runs `action` in a later turn at the present instant.
  void post(std::function<void()> action);

 private:
  friend class MemoryNetwork;

  void come_due();
  void run_turn();
  void request_turn();

  MemoryNetwork& network_;
  SocketAddress host_;
  const std::uint64_t id_;
  SeededRandom random_;
  base::Duration job_duration_{0};
  std::map<MemoryNetwork::EventKey, std::function<void()>> events_;
  TurnEndQueue turn_end_;
  std::function<bool()> driver_;  // null: the network runs the turns
  Holdings holdings_;
  bool in_turn_ = false;
  bool turn_requested_ = false;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace rmq::transport
