// Name look-ups on short-lived threads. Each name that is looked up has a thread to itself, so that
// names that hang hold up no other. A thread ends when nothing is left to look up.
//
// The bound is kThreadsMax threads, those that hang included. When all hang, a further name waits
// until a look-up ends or its askers give up. Literals need no thread and never wait.
//
// A name is looked up once for all who ask for it at the same time, whatever their ports. A name
// that nobody waits for any more is not looked up. So there are never more questions than askers.
//
// The rule for closing. A look-up sits in a system call that nothing can end. close() forgets all
// questions, so that no answer is delivered, and waits up to `wait_max` for the threads. What still
// hangs then is abandoned (base/thread.h): it touches nothing but the shared state, which it keeps
// alive, and the library stays mapped for it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "transport/loop_services.h"
#include "transport/name_look_up.h"
#include "transport/pending_look_ups.h"

namespace rmq::transport {

class ThreadResolver final : public OwnedResolver, private WakeUpHandler, private TurnEndHandler {
 public:
  static constexpr std::size_t kThreadsMax = 16;

  ThreadResolver(Loop& loop, NameLookUp look_up);
  ~ThreadResolver() override { close(base::Duration::zero()); }

  std::unique_ptr<Resolution> resolve(const HostPort& name, Done done) override;
  void close(base::Duration wait_max) override;
  std::size_t thread_count() const { return threads_.size(); }

 private:
  struct Shared;
  class Asking;
  struct Worker {
    std::uint64_t number = 0;
    base::Thread thread;
  };

  void on_turn_end() override;  // starts threads
  void on_wake_up() override;   // delivers answers, joins threads
  void start_workers() noexcept;
  bool needs_worker() const;
  bool start_worker() noexcept;
  base::Status try_start_worker();
  void refuse_questions(const base::Error& cause) noexcept;
  void join_ended();
  static void work(Shared& shared, std::uint64_t worker);

  const std::shared_ptr<Shared> shared_;
  PendingLookUps pending_;
  std::vector<std::unique_ptr<Worker>> threads_;  // has room for kThreadsMax
  std::uint64_t last_worker_ = 0;
  bool has_new_questions_ = false;
  bool closed_ = false;
  std::unique_ptr<TurnEndTask> turn_end_;
  std::unique_ptr<WakeUp> wake_up_;
};

}  // namespace rmq::transport
