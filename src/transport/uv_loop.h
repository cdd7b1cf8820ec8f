// The loop of production, on libuv. Two ways to run it:
//
//   a loop thread     base::Thread::start("loop", [&] { loop.run(); }), ended by stop()
//   driven            the host watches backend_fd() for reading, at most timeout_ms(), and calls
//                     step(), which never blocks (but for a name look-up without `resolver`)
//
// The thread that runs or steps the loop is the loop thread. make(), close() and the destructor
// belong to it, or to another thread while nothing runs. Order within a turn: what is ready on
// sockets and wake-ups, due timers, turn-end tasks.
//
// Nothing here changes the process: no signal disposition, no thread of libuv's pool, and every
// descriptor is close-on-exec. A forked child must not touch the loop, except its socket_copies().
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "transport/loop_runner.h"
#include "transport/loop_services.h"
#include "transport/memory_end.h"
#include "transport/name_look_up.h"
#include "transport/seeded_random.h"
#include "transport/sigpipe_guard.h"
#include "transport/socket_copies.h"
#include "transport/timer_queue.h"
#include "transport/turn_end_queue.h"

struct uv_loop_s;
struct uv_prepare_s;
struct uv_check_s;

namespace rmq::transport {

class InlineExecutor;
class InlineResolver;

struct UvLoopOptions {
  // No thread is ever made: jobs run inside step(), one in each, and so do look-ups unless
  // `resolver` is given.
  bool driven = false;
  Resolver* resolver = nullptr;  // the host's; outlives the loop
  NameLookUp look_up = look_up_with_system;
  std::size_t executor_jobs_max = 16 * 1024;  // each queue that is consumed has at most one
};

class UvLoop final : public Loop, public LoopRunner, private WakeUpHandler {
 public:
  // DESCRIPTORS, MEMORY: what libuv could not get.
  static base::Result<std::unique_ptr<UvLoop>> make(UvLoopOptions options = {});
  ~UvLoop() override;

  // Runs turns on the calling thread until stop(). May be called again.
  void run() override;
  void stop() override;  // any thread; a stop before run() makes that run() return at once
  // Threads may run the loop in turns, when each begins after the one before has ended: whoever is
  // inside is the loop thread. SIGPIPE is kept away only when libuv holds a write back, so that
  // most runs cost no system call but those of their turns.
  RunEnd run_until(Run& run) override;
  void set_sleeper(LoopSleeper* sleeper) override { sleeper_ = sleeper; }
  bool is_woken() const override { return raised_.load() != 0; }

  // The descriptor is readable when step() has something to do; it is the loop's own.
  int backend_fd() const override;
  // How long the host may wait: 0 do not wait, -1 no limit; rounded up, so that a step after it
  // finds the timer due.
  int timeout_ms() const override;
  // Handles all that is ready without blocking. Afterwards everything is registered with
  // backend_fd(), or timeout_ms() is 0.
  void step() override;

  // Ends the executor (jobs taken are run and done) and the resolver, closes every handle, and
  // runs the loop until they are gone. Streams left over are closed silently. Idempotent; only
  // destructors may follow. A look-up that hangs is waited for so long, see thread_resolver.h.
  void close(base::Duration look_up_wait_max) override;
  void close() { close(base::Duration::zero()); }
  void close_inherited_sockets() noexcept override { socket_copies_.close_all(); }
  Loop& loop() override { return *this; }

  base::Instant now() const override;
  std::int64_t wall_ms() const override;
  void refresh_now();  // after long work inside a turn
  std::unique_ptr<Timer> make_timer(TimerHandler& handler) override;
  std::unique_ptr<TurnEndTask> make_turn_end_task(TurnEndHandler& handler) override;
  std::unique_ptr<WakeUp> make_wake_up(WakeUpHandler& handler) override;
  std::unique_ptr<ByteStream> make_stream() override;
  base::Result<std::unique_ptr<Listener>> listen(const SocketAddress& address,
                                                 ListenerHandler& handler) override;
  Resolver& resolver() override;
  Executor& executor() override { return *executor_; }
  Random& random() override { return random_; }

  // --- For the streams and wake-ups of this folder ----------------------------------------------
  uv_loop_s* uv() { return uv_.get(); }
  // Of the streams that were connected; for a forked child.
  SocketCopies& socket_copies() { return socket_copies_; }
  // Before libuv is told to watch a descriptor, each time. 0, or why it cannot be watched, as a
  // code of libuv.
  int prepare_to_watch(int descriptor);
  // Wake-ups that are raised and not lowered. Any thread.
  void count_raised(int change) noexcept { raised_.fetch_add(change); }
  LoopSleeper* sleeper() const { return sleeper_; }
  // Writes that libuv holds until the kernel takes them, which it does by functions that may raise
  // SIGPIPE. To be counted before they are handed over.
  void count_held_write(int change);
  // Something may need a pass before the backend knows of it.
  void note_change() { changed_ = true; }
  // The edge between libuv's frames and ours: nothing is thrown past it. What arrives here has no
  // operation to fail, and is counted.
  template <typename Action>
  void enter_callback(Action action) noexcept {
    begin_callback();
    try {
      action();
    } catch (...) {
      ++exceptions_stopped_;
    }
  }
  // The host has closed descriptors of the loop, without which it goes on as well as it can.
  bool is_lost() const { return is_lost_.load(std::memory_order_relaxed); }
  // Any thread. False: the descriptor for wake-ups is gone, the loop looks for them by itself.
  bool can_be_woken() const { return !is_lost() && is_intact(); }
  std::uint64_t exceptions_stopped() const { return exceptions_stopped_; }
  // Around a write of libuv: keeps SIGPIPE away when no turn does so already.
  class WriteScope {
   public:
    explicit WriteScope(const UvLoop& loop) {
      if (!loop.guarded_) guard_.emplace();
    }

   private:
    std::optional<SigpipeGuard> guard_;
  };

 private:
  struct Handles;
  struct UvLoopDeleter {
    void operator()(uv_loop_s* loop) const;
  };

  explicit UvLoop(UvLoopOptions options);
  base::Status open();
  void on_wake_up() override;  // of stop()
  bool is_intact() const;
  void guard_run();
  void turn_without_kernel() noexcept;
  void run_without_kernel() noexcept;
  void begin_callback();
  void before_poll();
  void after_poll();
  void run_turn_end();
  bool has_work_now() const;
  bool has_jobs() const;
  bool has_questions() const;
  void look_up_first();

  UvLoopOptions options_;
  std::unique_ptr<uv_loop_s, UvLoopDeleter> uv_;
  std::unique_ptr<Handles> handles_;
  bool now_fresh_ = false;
  base::Instant now_{};
  bool guarded_ = false;    // SIGPIPE is blocked by run or step
  bool is_in_run_ = false;  // run_until() is under way
  base::Instant polled_at_{};
  std::optional<SigpipeGuard> run_guard_;
  int held_writes_ = 0;
  LoopSleeper* sleeper_ = nullptr;
  std::atomic<int> raised_{0};
  bool changed_ = true;  // the backend knows of no watcher before the first step
  bool closed_ = false;
  bool is_watching_ = false;          // the wake-up is in the epoll set
  std::atomic<bool> is_lost_{false};  // set by the loop thread, see uv_loop_lost.cc
  std::uint64_t activity_ = 0;        // callbacks so far
  std::uint64_t exceptions_stopped_ = 0;
  std::atomic<bool> stop_requested_{false};
  TimerQueue timers_;
  TurnEndQueue turn_end_;
  SeededRandom random_;
  SocketCopies socket_copies_;
  std::unique_ptr<WakeUp> stop_wake_up_;
  std::unique_ptr<OwnedResolver> resolver_;  // null: the host's
  std::unique_ptr<OwnedExecutor> executor_;
  std::optional<MemoryEnd> memory_end_;        // of the thread that runs or steps the loop
  InlineExecutor* inline_executor_ = nullptr;  // executor_ of a driven loop
  InlineResolver* inline_resolver_ = nullptr;  // resolver_ of a driven loop
};

}  // namespace rmq::transport
