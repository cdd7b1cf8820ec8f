// What a runtime handle stands for: the loop and what runs it, the event queues, the dispatchers,
// and the shared core. This class is its life: which of these parts exists when.
//
// Any thread. The user's handle and everything made on the runtime share it, so that handles may be
// destroyed in any order. The user's handle goes through abandon(), which stops all threads, so
// that the destructor never runs on one of them.
#pragma once

#include <atomic>
#include <cassert>
#include <memory>

#include "base/mutex.h"
#include "base/process_stamp.h"
#include "client/close_calls.h"
#include "client/event_queues.h"
#include "client/host.h"
#include "client/loop_host.h"
#include "client/month_clock.h"
#include "client/stream_factory.h"
#include "client/surroundings.h"
#include "config/config.h"
#include "event/dispatchers.h"
#include "protocol/unique_id.h"

namespace rmq::client {

class Runtime final : public Host, public std::enable_shared_from_this<Runtime> {
 public:
  static base::Result<std::shared_ptr<Runtime>> make(
      const config::Config& config,
      std::shared_ptr<Surroundings> surroundings = make_system_surroundings(), event::Tag tag = {});
  ~Runtime() override;

  const config::Config& config() const { return config_; }
  // Writes one log line when a file or the environment has set options that have no effect yet.
  void warn_of_options(const config::Config& config) noexcept;
  const std::shared_ptr<event::EventQueue>& event_queue() const { return default_queue_; }
  base::Result<std::shared_ptr<event::EventQueue>> make_event_queue();
  // When it returns, no function of the queue runs or will run, unless it is called inside one.
  void give_up_event_queue(event::EventQueue& queue);
  base::Status route(event::EventType type, std::shared_ptr<event::EventQueue> queue);
  // Before or after the start. `threads` 0: as the configuration says.
  base::Status set_callback(const std::shared_ptr<event::EventQueue>& queue,
                            event::Callback callback, std::size_t threads);
  base::Status remove_callback(const event::EventQueue& queue);

  // Takes over the options that are set there, all or none.
  base::Status update(const config::Config& changes);

  // After a failure everything is as before, and it may be tried again.
  base::Status start();
  base::Status close(base::Duration timeout);
  base::Status close_async(base::Duration timeout, event::Tag tag);
  // False: it was called inside a turn of the loop, which cannot end itself. The runtime closes if
  // its loop goes on, and the caller must leave its share of it where it is.
  [[nodiscard]] bool abandon() noexcept;

  // In a forked child: closes the child's copies of the sockets. Nothing else may be called there.
  void close_inherited_sockets() noexcept;

  int descriptor() const;
  std::int64_t timeout_ms();
  base::Status step();
  std::size_t thread_count() const;

  // Host
  ClientCore& core() override {
    assert(core_ && "asked for before the start");
    return *core_;
  }
  base::Instant now() const override { return surroundings_->now(); }
  std::int64_t wall_ms() const override { return surroundings_->wall_ms(); }
  const std::string& client_id() const override { return client_id_; }
  std::size_t make_unique_id(std::int64_t now_ms, char* out) override;
  base::Status check_running() const override;
  bool is_forked() const override { return stamp_->forked(); }
  bool is_driven() const override { return loop_host_.is_driven(); }
  bool may_block() const override { return !loop_host_.is_loop_thread(); }
  event::Budget* common_budget() override { return budget_.get(); }
  bool is_in_callback() const override { return dispatchers_.has_current_thread(); }
  CallEnd call(base::InboxItem& item, event::UnsharedWaiter waiter,
               base::Instant deadline) noexcept override;

 private:
  enum class State : int {
    created,  // -> running: start; -> closed: close
    running,  // -> closing: close
    closing,  // -> closed: nothing is pending, or the time limit
    closed,
  };

  // The close request of a runtime whose handle goes: needs no memory.
  class Abandonment final : public base::InboxItem {
   public:
    explicit Abandonment(Runtime& runtime) : runtime_(runtime) {}
    void run_on_loop() noexcept override { runtime_.close_at_once(); }

   private:
    Runtime& runtime_;
  };

  Runtime(const config::Config& config, std::shared_ptr<Surroundings> surroundings, event::Tag tag);
  State state() const { return published_state_.load(std::memory_order_acquire); }
  bool has_loop() const { return was_started_.load(std::memory_order_acquire); }
  void set_state(State state) RMQ_REQUIRES(life_mutex_);
  base::Status check_startable() const RMQ_REQUIRES(life_mutex_);
  base::Status start_parts() RMQ_REQUIRES(life_mutex_);
  base::Status make_loop() RMQ_REQUIRES(life_mutex_);
  void undo_start() noexcept RMQ_REQUIRES(life_mutex_);
  base::Status check_not_forked() const;
  base::Status add_callback(const std::shared_ptr<event::EventQueue>& queue,
                            event::Callback callback, std::size_t threads, bool& was_added);

  // runtime_close.cc
  bool begin_closing();  // true for the first caller only
  ControlOperation* make_close(base::Duration limit, event::Tag tag);
  void begin_close(ControlOperation& operation) noexcept;
  void close_at_once() noexcept;
  void on_core_closed() noexcept;
  base::Status wait_for_other_close(base::Duration timeout, bool waits);
  static base::Error close_in_progress();
  bool wait_closed(base::Duration wait);
  base::Status join(base::Duration look_up_wait);
  bool drive_to_end();

  const config::Config config_;
  const event::Budget::Owned budget_;  // of all producers together; null: no bound is set
  CloseCalls closes_;
  const std::shared_ptr<Surroundings> surroundings_;
  std::shared_ptr<base::ProcessStamp> stamp_;
  const event::Tag tag_;  // of its own events
  std::string client_id_;
  Logger logger_;
  std::unique_ptr<protocol::UniqueIdGenerator> unique_ids_;
  MonthClock month_clock_;
  std::unique_ptr<StreamFactory> streams_;
  EventQueues event_queues_;
  const std::shared_ptr<event::EventQueue> default_queue_;
  event::Dispatchers dispatchers_;
  Abandonment abandonment_{*this};

  // Held for all of a start, so that a close comes before it or after it.
  mutable base::Mutex life_mutex_;
  base::Condition closed_;
  State state_ RMQ_GUARDED_BY(life_mutex_) = State::created;
  std::shared_ptr<event::EventQueue> resolve_queue_ RMQ_GUARDED_BY(life_mutex_);
  // For readers without the lock, who may be late, but never see a part that is not there yet.
  std::atomic<State> published_state_{State::created};
  std::atomic<bool> was_started_{false};

  // Made by start(); the loop thread's from then on.
  LoopHost loop_host_;
  std::unique_ptr<ClientCore> core_;
};

}  // namespace rmq::client
