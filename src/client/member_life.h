// The life of a producer or consumer, whatever its kind: started once, closed from everywhere and
// as often as one likes. What the steps of a closing mean to the kind is up to its MemberSteps.
//
// Owned by the member. Methods of the first part may be called from any thread; those of the second
// run on the loop.
#pragma once

#include <atomic>
#include <memory>

#include "client/close_calls.h"
#include "client/host.h"
#include "client/loop_signal.h"

namespace rmq::client {

// A blocking caller waits for the loop's own deadline, and so much longer before it gives the loop
// up. A request whose bytes still move may take one write timeout more.
inline base::Duration wait_grace(Host& host) {
  return host.core().options().connections.write_timeout + std::chrono::seconds(5);
}

// What a kind of member does at each step of its life. Called on the loop, in this order; share()
// is for any thread.
class MemberSteps {
 public:
  // Keeps the member alive.
  virtual std::shared_ptr<Member> share() = 0;

  // The core knows the member. Left out when a close has overtaken the start.
  virtual void on_joined() {}
  // The closing begins: nothing new is taken up. What is pending goes on.
  virtual void on_closing() noexcept = 0;
  // Nothing is pending. The member calls MemberLife::look_for_quiet() when that may have come true.
  virtual bool is_quiet() noexcept = 0;
  // The time limit has come: all that is pending ends, and need not do so at once.
  virtual void cut_short() noexcept {}
  // Tells brokers that the member goes, until `deadline`; then calls MemberLife::finish(). Left out
  // when on_joined() was.
  virtual void say_good_bye(base::Instant deadline) noexcept = 0;
  // The member is closed: gives back all that it has on the loop.
  virtual void on_closed() noexcept = 0;
  // What the time limit has cost, for the close calls.
  virtual CutShort count_cut_short() const noexcept = 0;

 protected:
  ~MemberSteps() = default;
};

class MemberLife final : private remoting::DeadlineHandler {
 public:
  enum class State : int {
    created,  // -> started: start; -> closed: close
    started,  // -> closing: close, of the member or its runtime
    closing,  // Nothing new is accepted. -> closed: nothing is pending
    closed,
  };
  struct Traits {
    std::string_view noun;  // what errors call the member
    base::Duration close_timeout;
    // Calls of the user's threads check that the member is open and post then: a CallScope each.
    bool has_callers = false;
    // A runtime cuts its connections at its time limit. A member with last words ends before.
    bool has_last_words = false;
  };

  MemberLife(Host& host, MemberSteps& steps, Traits traits);
  MemberLife(const MemberLife&) = delete;
  MemberLife& operator=(const MemberLife&) = delete;

  State state() const { return state_.load(); }
  // OK while started; FORKED, NOT_STARTED, CLOSING, CLOSED.
  base::Status check_started() const;
  // As above, and OK before the start.
  base::Status check_open() const;

  // The loop makes the member join. ALREADY_STARTED, CLOSED.
  base::Status start();
  void update(const config::Config& changes) { closes_.update(changes); }
  // A timeout of zero means the option close_timeout.
  base::Status close(base::Duration timeout);
  // The end is told on `queue`.
  base::Status close_async(const std::shared_ptr<event::EventQueue>& queue, base::Duration timeout,
                           event::Tag tag);
  // The user's handle goes: closes with a limit of zero.
  void abandon() noexcept;

  // A call of a user's thread, which the closing waits for. The call keeps the member: its event
  // may come, and a callback destroy the handle, before the call returns.
  class CallScope {
   public:
    explicit CallScope(MemberLife& life) : member_(life.steps_.share()), life_(life) {
      ++life_.callers_;
    }
    ~CallScope() {
      if (--life_.callers_ == 0) life_.note_last_caller_left();
    }
    CallScope(const CallScope&) = delete;
    CallScope& operator=(const CallScope&) = delete;

   private:
    const std::shared_ptr<Member> member_;
    MemberLife& life_;
  };

  // Loop thread. A call that was accepted may arrive before the start that let it in.
  void join() noexcept;
  // True from on_joined() to on_closing().
  bool is_active() const { return stage_ == Stage::joined; }
  // What was accepted still runs.
  bool is_running() const {
    return (stage_ == Stage::joined || stage_ == Stage::draining) && !is_cut_short_;
  }
  // All that the member may still send is pending or cut short: its heartbeats end.
  bool is_leaving() const { return stage_ >= Stage::leaving; }
  bool is_cut_short() const { return is_cut_short_; }
  base::Instant close_due() const { return close_due_.due(); }

  // The runtime closes.
  void begin_close(base::Instant deadline) noexcept;
  // Goes on with the closing from outside the member's work, once that is over.
  void look_for_quiet() noexcept;
  // The good-bye is over.
  void finish() noexcept;

 private:
  using Signal = LoopSignal<MemberLife>;

  // How far the member got, on the loop.
  enum class Stage : int {
    outside,   // -> joined: the start. -> draining: a close overtook it
    joined,    // -> draining: closing begins
    draining,  // Waits for what is pending. -> leaving: nothing is, or the time limit
    leaving,   // Waits for the brokers to let it go. -> gone: they did, or the time limit
    gone,
  };
  // What is on its way to the loop while the member closes.
  enum class Arrivals : int {
    possible,  // -> in_inbox: no call of a user's thread is under way
    in_inbox,  // -> over: the inbox was run once since
    over,
  };

  bool has_callers() const { return callers_.load() != 0; }
  base::Status begin_start();
  base::Status check(State state) const;
  base::Error error(base::ErrorCode code, std::string_view rest, std::string hint = {}) const;
  ControlOperation* make_close(base::Duration timeout, event::Tag tag);
  void note_last_caller_left() noexcept;
  std::shared_ptr<MemberLife> share() { return {steps_.share(), this}; }

  // member_life_loop.cc
  void set_stage(Stage stage) noexcept;
  void start_on_loop() { join(); }
  void add_to_core() noexcept;
  void begin_user_close(ControlOperation& close) noexcept;
  void close_at_once();
  void close_by(base::Instant deadline) noexcept;
  void reach_limit() noexcept;
  void go_on();
  void leave(base::Instant deadline) noexcept;
  void on_deadline(remoting::Deadline& deadline) override;

  Host& host_;
  MemberSteps& steps_;
  const Traits traits_;
  std::atomic<State> state_{State::created};
  std::atomic<bool> was_started_{false};
  std::atomic<std::uint32_t> callers_{0};
  CloseCalls closes_;
  Signal start_{&MemberLife::start_on_loop};
  Signal abandonment_{&MemberLife::close_at_once};
  Signal quiet_check_{&MemberLife::go_on};

  // Loop thread.
  Stage stage_ = Stage::outside;
  Arrivals arrivals_;
  bool is_added_ = false;         // to the core
  bool is_good_bye_due_ = false;  // brokers may know the member
  bool is_cut_short_ = false;
  bool is_closed_by_runtime_ = false;
  remoting::Deadline close_due_{*this};
};

}  // namespace rmq::client
