// The loop of a runtime and what runs it: a thread of the library, or the steps of the host (run
// mode "driven"). The thread lends the loop to blocking callers. Any thread, except where a method
// says otherwise.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "base/mutex.h"
#include "base/thread.h"
#include "client/call_row.h"
#include "client/client_core.h"
#include "client/loop_seat.h"
#include "client/surroundings.h"

namespace rmq::client {

class LoopHost final : private transport::LoopSleeper {
 public:
  LoopHost(bool is_driven, std::shared_ptr<Surroundings> surroundings)
      : is_driven_(is_driven), surroundings_(std::move(surroundings)) {}
  ~LoopHost();
  LoopHost(const LoopHost&) = delete;
  LoopHost& operator=(const LoopHost&) = delete;

  bool is_driven() const { return is_driven_; }

  // Of a start, one at a time; nothing else is called before it has succeeded.
  base::Status make_loop(std::unique_ptr<transport::Resolver> resolver);  // null: the loop's own
  // What works on the loop is `core`, until the last turn has ended.
  base::Status start_thread(ClientCore& core);  // not driven
  void make_caller_driver(ClientCore& core);    // driven
  // Takes a start back that went wrong. What was made on the loop is gone.
  void stop_thread() noexcept;
  void drop_loop() noexcept;

  // Valid from make_loop() on.
  transport::LoopRunner& runner() { return *runner_; }
  const transport::LoopRunner& runner() const { return *runner_; }
  transport::Loop& loop() { return runner_->loop(); }

  // True on the thread that runs the loop, or drives it: waiting there would wait for itself.
  bool is_loop_thread() const { return loop_thread_id_.load() == std::this_thread::get_id(); }
  // True inside a turn of the loop: in a wake-up function that it calls.
  bool is_inside_turn() const;

  // Not driven, around each blocking call: what decides whether callers run the loop.
  CallRow& calls() { return calls_; }
  // Not driven, for a call with no other beside it: runs the loop on this thread until `run` is
  // done. False: somebody else runs the loop, and `run` has not begun.
  bool run_for_caller(transport::LoopRunner::Run& run);  // which wakes the other callers

  // Driven: one step. False: another one is under way, on this thread or beside it.
  bool try_step();
  // Driven, for a host that does not step any more: steps until `is_done` holds or `until` has
  // come. Waits for a step that is under way, at most for as long. True: it is done.
  bool drive(const std::function<bool()>& is_done, base::Instant until);

  // After the last turn: joins the thread and closes the loop. Again: does nothing. A look-up of a
  // name that hangs is waited for so long.
  void end(base::Duration look_up_wait);

 private:
  class ThreadRun;

  void run_thread();
  void on_loop_woken() noexcept override { seat_.recall(); }
  bool begin_turn(base::Instant until);  // false: another turn does not end in time
  void end_turn();

  const bool is_driven_;
  const std::shared_ptr<Surroundings> surroundings_;
  std::unique_ptr<transport::Resolver> resolver_;
  std::unique_ptr<transport::LoopRunner> runner_;
  ClientCore* core_ = nullptr;
  CallRow calls_;
  LoopSeat seat_;
  std::atomic<std::thread::id> loop_thread_id_{};

  base::Mutex ending_;
  base::Thread thread_ RMQ_GUARDED_BY(ending_);

  mutable base::Mutex turn_mutex_;
  base::Condition turn_ended_;
  bool is_turning_ RMQ_GUARDED_BY(turn_mutex_) = false;  // a step; a loop thread always is
};

}  // namespace rmq::client
