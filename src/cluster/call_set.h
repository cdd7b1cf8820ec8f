// Requests whose answer goes to a function: for calls that are rare enough to afford it. Sends and
// pulls are requests of their own (remoting::Request).
//
// Loop thread only. The set belongs to whoever asks; destroying it forgets what is pending.
#pragma once

#include <functional>
#include <string>

#include "base/intrusive_list.h"
#include "remoting/connection.h"

namespace rmq::cluster {

// Valid while the function that gets it runs; a copy of the slab keeps response->body alive.
struct CallAnswer {
  const wire::CommandView* response;
  const base::SlabRef* slab;
};

class CallSet {
 public:
  // Called once, never inside start(). Whatever the response code: judging it is up to the caller.
  // The error is the connection's.
  using Done = std::function<void(base::Result<CallAnswer>)>;

  // What becomes of a request while its connection cannot be opened.
  enum class WhenAway : bool {
    fail,  // it fails with the attempt to connect, or at once between attempts
    wait,  // it waits for a connection until its deadline
  };

  CallSet() = default;
  ~CallSet() { forget_all(); }
  CallSet(const CallSet&) = delete;
  CallSet& operator=(const CallSet&) = delete;

  // `frame` is whole. The connection must outlive the call.
  void start(remoting::Connection& connection, std::string frame, base::Instant deadline, Done done,
             WhenAway when_away = WhenAway::fail);
  // Nothing is heard of it.
  void start_oneway(remoting::Connection& connection, std::string frame, base::Instant deadline);

  // Cancels what can be cancelled; no function is called any more.
  void forget_all() noexcept;

 private:
  class Call;
  base::IntrusiveList<Call, Call> calls_;
};

}  // namespace rmq::cluster
