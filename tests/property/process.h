// One process of a user in a simulated world: a driven runtime, the member that works on it, and
// the event queues that the process polls. How a process begins and ends is drawn: the queue of its
// member, a start that fails first, a close or none, and the order in which its handles go.
#pragma once

#include <memory>
#include <string>

#include "tests/property/runtime_life.h"
#include "tests/property/world.h"

namespace rmq::sim {

class Process {
 public:
  Process(World& its_world, std::uint64_t seed);
  virtual ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // What it does when it has lost its patience, or was told to end: the runtime closes whatever it
  // has within the time limit, or is destroyed at once.
  void end(base::Duration timeout);
  // The machine loses its power: nobody hears of it, and nothing of it is heard again.
  void cut_power();
  bool is_ending() const { return is_ending_; }
  bool has_power() const { return has_power_; }
  bool is_gone();
  // All that no turn of a loop brings: polls, ends of queues, what is left of a destroyed runtime.
  void look();
  void conclude();
  // Takes all that waits.
  void poll();
  // How long it may take to look at what has come.
  void set_poll_delay(base::Duration most);
  base::Duration poll_delay_max() const { return queue_->poll_delay_max(); }
  // Of the network: 0 hears everybody of side 0.
  void set_side(int side);
  const std::string& client_id() const { return client_id_; }

  World& world;
  Draw draw;

 protected:
  const std::shared_ptr<client::Runtime>& runtime() const { return life_.share(); }
  const WatchedQueue& queue() const { return *queue_; }  // of the member
  // The number of an operation that is about to be accepted, and that it was.
  std::uint64_t next_operation() const { return world.ledger.operations.size(); }
  void note_accepted(const char* name, base::Duration time_limit, const WatchedQueue& queue);
  // The end of a flush or a close.
  void note_operation(const event::Event& event);

  // The event is the callee's. No error event comes here.
  virtual void on_event(event::Event* event) = 0;
  // The member's handle goes; the object stays.
  virtual void abandon() = 0;
  // The runtime is about to be destroyed with all that is on it, whatever was closed before.
  virtual void on_destroying() {}
  // The object goes too, after its runtime's handle. False: it stays until the world ends.
  virtual bool drop() = 0;

 private:
  // True: it was an error event, and is counted and gone. Its token is its member's and names no
  // operation.
  bool take_error(event::Event* event);
  void add_neighbour();
  void destroy();
  void forget_events_of(const WatchedQueue& queue);

  const std::string address_;
  RuntimeLife life_;
  // Perhaps a second runtime of the process, that nothing works on.
  std::unique_ptr<RuntimeLife> neighbour_;
  WatchedQueue* queue_ = nullptr;  // of the member
  std::string client_id_;
  bool is_member_abandoned_ = false;
  bool is_ending_ = false;
  bool has_power_ = true;
};

}  // namespace rmq::sim
