// The broker that serves one queue, as the newest route says. The route is looked at again only
// after one has changed, so that a pull costs no search.
//
// Loop thread only; owned by its ProcessQueue.
#pragma once

#include <cstdint>

#include "cluster/route_table.h"
#include "protocol/message_queue.h"

namespace rmq::consumer {

class QueueBroker {
 public:
  // Both outlive this.
  QueueBroker(const cluster::RouteTable& routes, const protocol::MessageQueue& queue)
      : routes_(routes), queue_(queue) {}

  // The process with that id, or with `or_any` the first one else. Null: the route has none. Valid
  // in this turn.
  cluster::Endpoint* find(std::int64_t broker_id, bool or_any) {
    if (generation_ != routes_.generation()) look_up();
    return broker_ ? broker_->find(broker_id, or_any) : nullptr;
  }

 private:
  void look_up() {
    route_ = routes_.find(queue_.topic);
    broker_ = route_ ? route_->find_broker(queue_) : nullptr;
    generation_ = routes_.generation();
  }

  const cluster::RouteTable& routes_;
  const protocol::MessageQueue& queue_;
  std::uint64_t generation_ = 0;  // of the routes at the last look
  cluster::RoutePtr route_;
  const cluster::RouteBroker* broker_ = nullptr;  // in route_
};

}  // namespace rmq::consumer
