// The one way to ask a server. A request goes out as a frame, and its answer comes back as the
// request's Response. The set holds the calls of whoever asks, and forgets them with it.
// Sends and pulls are requests of their own, in memory of their own (remoting::Request), whose
// frames the same RequestDecorator makes.
//
// Loop thread only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/intrusive_list.h"
#include "cluster/call_end.h"
#include "cluster/request_decorator.h"
#include "remoting/connection.h"

namespace rmq::cluster {

// Whom to ask. The connection must outlive the call.
struct Target {
  remoting::Connection& connection;
  // The broker that the request is meant for, where its address does not say: behind a proxy, and
  // of static topics. Empty for requests that have no field for it.
  std::string_view broker_name{};
};

class CallSet {
 public:
  // What becomes of a request while its connection cannot be opened.
  enum class WhenAway : bool {
    fail,  // it fails with the attempt to connect, or at once between attempts
    wait,  // it waits for a connection until its deadline
  };

  // The decorator outlives the set.
  explicit CallSet(const RequestDecorator& decorator) : decorator_(decorator) {}
  ~CallSet() { forget_all(); }
  CallSet(const CallSet&) = delete;
  CallSet& operator=(const CallSet&) = delete;

  // `done` is called once with a base::Result<Request::Response>, never inside ask(). The error is
  // the server's (protocol::read_response) or the connection's. What the result views is valid
  // while `done` runs. Throws std::bad_alloc, and has done nothing then.
  template <typename Request, typename Done>
  void ask(const Target& target, Request request, std::string_view body, base::Instant deadline,
           Done done, WhenAway when_away = WhenAway::fail) {
    name_broker(target.broker_name, &request);
    start(
        target.connection, decorator_.make_frame(request, body, Expects::answer), deadline,
        std::make_unique<TypedCallEnd<Request, Done>>(protocol::code_of(request), std::move(done)),
        when_away);
  }
  // Nothing is heard of it.
  template <typename Request>
  void tell(const Target& target, Request request, std::string_view body, base::Instant deadline) {
    name_broker(target.broker_name, &request);
    start_oneway(target.connection, decorator_.make_frame(request, body, Expects::nothing),
                 deadline);
  }

  // A frame of the decorator, for those who ask several servers the same.
  void start(remoting::Connection& connection, std::string frame, base::Instant deadline,
             std::unique_ptr<CallEnd> end, WhenAway when_away = WhenAway::fail);

  // Cancels what can be cancelled; no function is called any more. Tells what servers may have done
  // all the same: `maybe_applied` when something of a request was written.
  base::Outcome forget_all() noexcept;

 private:
  class Call;

  static void start_oneway(remoting::Connection& connection, std::string frame,
                           base::Instant deadline);

  const RequestDecorator& decorator_;
  base::IntrusiveList<Call, Call> calls_;
};

}  // namespace rmq::cluster
