// The life of a producer or consumer as its user's threads see it: started once, closed from
// everywhere and as often as one likes. What closing means is up to the member's part on the loop.
// Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "client/control_operation.h"
#include "client/host.h"

namespace rmq::client {

// A blocking caller waits for the loop's own deadline, and so much longer before it gives the loop
// up. A request whose bytes still move may take one write timeout more.
inline base::Duration wait_grace(Host& host) {
  return host.core().options().connections.write_timeout + std::chrono::seconds(5);
}

class MemberLife {
 public:
  enum class State : int {
    created,  // -> started: start; -> closed: close
    started,  // -> closing: close, of the member or its runtime
    closing,  // Nothing new is accepted. -> closed: nothing is pending
    closed,
  };
  // Makes the operation that closes on the loop, with its deadline.
  using MakeClose = std::function<ControlOperation*()>;

  // `noun` is what errors call the member.
  MemberLife(Host& host, std::string_view noun) : host_(host), noun_(noun) {}

  State state() const { return state_.load(); }
  // The loop may know of it.
  bool was_started() const { return was_started_.load(); }

  // ALREADY_STARTED, CLOSED.
  base::Status begin_start();
  // From here on nothing is accepted.
  void begin_closing() noexcept { state_ = State::closing; }
  // False when it was closed before.
  bool set_closed() noexcept { return state_.exchange(State::closed) != State::closed; }

  // OK while started; FORKED, NOT_STARTED, CLOSING, CLOSED.
  base::Status check_started() const;
  // As above, and OK before the start.
  base::Status check_open() const;

  base::Status close(const MakeClose& make_close);
  // The end is told on `queue`.
  base::Status close_async(const std::shared_ptr<event::EventQueue>& queue,
                           const MakeClose& make_close);
  // The user's handle goes. True when the loop is to be told.
  bool abandon() noexcept;

 private:
  base::Status check(State state) const;
  base::Error error(base::ErrorCode code, std::string_view rest, std::string hint = {}) const;

  Host& host_;
  const std::string_view noun_;
  std::atomic<State> state_{State::created};
  std::atomic<bool> was_started_{false};
};

}  // namespace rmq::client
