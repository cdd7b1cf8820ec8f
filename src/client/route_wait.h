// Waits for the route of a topic on behalf of one call. What is known serves at once; a topic that
// does not exist is a failure at once. While no NameServer answers, the wait goes on until its time
// limit.
//
// Loop thread only. Owned by the call; stopped before it is destroyed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "client/client_core.h"
#include "cluster/route_table.h"
#include "remoting/deadlines.h"

namespace rmq::client {

class RouteWait final : private cluster::RouteWatcher, private remoting::DeadlineHandler {
 public:
  // A null route: NO_ROUTE, NO_NAMESERVER, NAMESERVER_ANSWER or what the NameServer answered. May
  // not throw.
  using Done = std::function<void(const cluster::RoutePtr& route, base::Error error)>;

  RouteWait() = default;
  ~RouteWait();
  RouteWait(const RouteWait&) = delete;
  RouteWait& operator=(const RouteWait&) = delete;

  // `done` is called once, in here or later, unless stop() comes before; it may destroy the wait.
  // Throws std::bad_alloc, and waits for nothing then.
  void start(ClientCore& core, const std::string& topic, base::Instant due, Done done);
  void stop() noexcept;

 private:
  void on_route(const cluster::RoutePtr& route) override;
  void on_route_failure(std::string_view topic, const cluster::RoutePtr& known,
                        const base::Error& error) override;
  bool wants_other_route(std::string_view) const override { return is_waiting_; }
  void on_deadline(remoting::Deadline& deadline) override;
  void finish(const cluster::RoutePtr& route, base::Error error) noexcept;

  ClientCore* core_ = nullptr;  // while it waits, and after
  std::string topic_;
  Done done_;
  std::unique_ptr<base::Error> failure_;  // of the last answer
  remoting::Deadline due_{*this};
  bool is_waiting_ = false;
};

}  // namespace rmq::client
