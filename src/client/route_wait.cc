#include "client/route_wait.h"

#include <cassert>
#include <utility>

namespace rmq::client {

using base::ErrorCode;

RouteWait::~RouteWait() { assert(!is_waiting_ && "destroyed while it waits"); }

void RouteWait::start(ClientCore& core, const std::string& topic, base::Instant due, Done done) {
  core_ = &core;
  topic_ = topic;
  done_ = std::move(done);
  const cluster::RoutePtr known =
      core_->routes().watch(topic_, *this, cluster::RouteTable::Missing::is_failure);
  is_waiting_ = true;
  if (known && !known->is_default) {
    finish(known, {});
    return;
  }
  core_->deadlines().set(due_, due);
  // Only others make do with the route of the default topic, and it is not news to the table.
  if (known) core_->routes().refresh(topic_);
}

void RouteWait::stop() noexcept {
  if (!std::exchange(is_waiting_, false)) return;
  core_->deadlines().clear(due_);
  core_->routes().unwatch(topic_, *this);
}

void RouteWait::finish(const cluster::RoutePtr& route, base::Error error) noexcept {
  const cluster::RoutePtr kept = route;  // the table may let it go with its watcher
  stop();
  const Done done = std::move(done_);
  done(kept, std::move(error));
}

void RouteWait::on_route(const cluster::RoutePtr& route) { finish(route, {}); }

void RouteWait::on_route_failure(std::string_view, const cluster::RoutePtr&,
                                 const base::Error& error) {
  if (error.code == ErrorCode::NO_ROUTE) {
    finish(nullptr, base::Error(error));
    return;
  }
  failure_ = std::make_unique<base::Error>(error);
  core_->routes().refresh(topic_);
}

void RouteWait::on_deadline(remoting::Deadline&) {
  const ErrorCode code = failure_ ? failure_->code : ErrorCode::NO_NAMESERVER;
  finish(nullptr, base::make_error_or_code(code, [&] {
           base::Error error =
               failure_ ? *failure_
                        : base::make_error(code,
                                           "no NameServer has answered yet: " +
                                               core_->name_servers().describe_servers(),
                                           "check namesrv_addr and that a NameServer runs there");
           error.message = "no route to the topic " + topic_ + " came in time: " + error.message;
           error.topic = topic_;
           return error;
         }));
}

}  // namespace rmq::client
