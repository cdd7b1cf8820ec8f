// One process of a user in a simulated world: a runtime and an event queue, which it polls some
// time after each wake-up, as a busy program does.
#pragma once

#include <memory>
#include <string>

#include "event/event_queue.h"
#include "tests/property/world.h"
#include "tests/support/simulated_host.h"

namespace rmq::sim {

class Process {
 public:
  Process(World& its_world, std::uint64_t seed);
  virtual ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // What it does when it has lost its patience, or was told to end: the runtime closes whatever it
  // has within the time limit.
  void end(base::Duration timeout);
  // The machine loses its power: nobody hears of it, and nothing of it is heard again.
  void cut_power();
  bool is_ending() const { return is_ending_; }
  bool has_power() const { return has_power_; }
  bool is_gone() const { return host->is_closed(); }
  // Takes all that waits.
  void poll();
  // How long it may take to look at what has come.
  void set_poll_delay(base::Duration most) { poll_delay_max_ = most; }
  base::Duration poll_delay_max() const { return poll_delay_max_; }

  World& world;
  Draw draw;
  const std::shared_ptr<test::SimulatedHost> host;
  const std::shared_ptr<event::EventQueue> queue;

 protected:
  // The event is the callee's.
  virtual void on_event(event::Event* event) = 0;
  // The end of a flush or a close.
  void note_operation(const event::Event& event);
  // The user's handles go.
  virtual void abandon() = 0;

 private:
  static void wake_up(void* user_data);
  static client::CoreOptions make_options(Draw& draw);

  base::Duration poll_delay_max_ = base::milliseconds(20);
  bool is_poll_due_ = false;
  bool is_ending_ = false;
  bool has_power_ = true;
};

}  // namespace rmq::sim
