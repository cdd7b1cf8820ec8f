// What a runtime handle stands for: the loop and the thread that runs it (or the host that drives
// it), the event queues, the dispatchers, and the shared core.
//
// Any thread. Shared by the user's handle and by everything made on the runtime, so that handles
// may be destroyed in any order; the user's handle goes through abandon(), which stops all threads,
// so that the destructor never runs on one of them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/process_stamp.h"
#include "base/thread.h"
#include "client/control_operation.h"
#include "client/host.h"
#include "client/month_clock.h"
#include "client/stream_factory.h"
#include "config/config.h"
#include "event/dispatcher.h"
#include "protocol/unique_id.h"
#include "transport/uv_loop.h"

namespace rmq::client {

class QuestionResolver;

class Runtime final : public Host, public std::enable_shared_from_this<Runtime> {
 public:
  static base::Result<std::shared_ptr<Runtime>> make(const config::Config& config);
  ~Runtime() override;

  const config::Config& config() const { return config_; }
  // Writes one log line when a file or the environment has set options that have no effect yet.
  void warn_of_options(const config::Config& config) noexcept;
  const std::shared_ptr<event::EventQueue>& event_queue() const { return default_queue_; }
  base::Result<std::shared_ptr<event::EventQueue>> make_event_queue();
  void forget_event_queue(const event::EventQueue& queue);
  base::Status route(event::EventType type, std::shared_ptr<event::EventQueue> queue);
  base::Status set_callback(const std::shared_ptr<event::EventQueue>& queue,
                            event::Callback callback);

  base::Status start();
  base::Status close(base::Duration timeout);
  base::Status close_async(base::Duration timeout, std::uint64_t token, void* user_data);
  void abandon() noexcept;

  bool is_driven() const { return is_driven_; }
  int descriptor() const;
  std::int64_t timeout_ms();
  base::Status step();
  std::size_t thread_count() const;

  // Host
  ClientCore& core() override { return *core_; }
  base::Instant now() const override;
  std::int64_t wall_ms() const override;
  const std::string& client_id() const override { return client_id_; }
  std::size_t make_unique_id(char* out) override;
  base::Status check_running() const override;
  bool is_forked() const override { return stamp_->forked(); }
  bool may_block() const override;
  bool is_in_callback() const override { return dispatcher_->is_own_thread(); }

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

  explicit Runtime(const config::Config& config);
  base::Status make_loop();
  base::Status start_threads();
  void undo_start() noexcept;
  base::Status check_not_forked() const;
  bool begin_closing();  // true for the first caller only
  ControlOperation* make_close(base::Duration timeout, std::uint64_t token, void* user_data);
  void begin_close(ControlOperation& operation) noexcept;
  void close_at_once() noexcept;
  void on_core_closed() noexcept;
  base::Status wait_for_other_close(base::Duration timeout, bool waits);
  static base::Error close_in_progress();
  bool wait_closed(base::Duration wait);
  bool join(base::Duration look_up_wait);
  void drive_to_end();

  const config::Config config_;
  const bool is_driven_;
  std::shared_ptr<base::ProcessStamp> stamp_;
  std::string client_id_;
  Logger logger_;
  std::unique_ptr<protocol::UniqueIdGenerator> unique_ids_;
  MonthClock month_clock_;
  std::unique_ptr<StreamFactory> streams_;
  std::shared_ptr<event::EventQueue> default_queue_;
  std::shared_ptr<event::Dispatcher> dispatcher_;

  mutable std::mutex mutex_;  // guards queues_ and the routes before start
  std::vector<std::shared_ptr<event::EventQueue>> queues_;
  std::shared_ptr<event::EventQueue> resolve_queue_;

  std::atomic<State> state_{State::created};
  std::mutex closed_mutex_;
  std::condition_variable closed_;
  std::mutex join_mutex_;
  std::atomic<std::thread::id> driving_thread_{};
  std::atomic<bool> is_stepping_{false};
  Abandonment abandonment_{*this};

  // Made by start(); the loop thread's from then on.
  std::unique_ptr<QuestionResolver> question_resolver_;
  std::unique_ptr<transport::UvLoop> loop_;
  std::unique_ptr<ClientCore> core_;
  base::IntrusiveList<ControlOperation, ControlOperation> closes_;
  base::Thread loop_thread_;
};

}  // namespace rmq::client
