// What the NameServer says about a topic. Shared and never changed, so that sending threads may
// read it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/endpoint.h"
#include "protocol/message_queue.h"
#include "protocol/topic_route.h"

namespace rmq::cluster {

class Endpoints;

// The processes of one broker: its master and its slaves.
struct RouteBroker {
  struct Process {
    std::int64_t id;
    EndpointPtr endpoint;
    friend bool operator==(const Process&, const Process&) = default;
  };

  std::vector<Process> processes;  // by id, so the master comes first

  // The process with that id, or with `or_any` the first one else. Null: there is none.
  Endpoint* find(std::int64_t broker_id = protocol::kMasterId, bool or_any = false) const;
  friend bool operator==(const RouteBroker&, const RouteBroker&) = default;
};

struct Route {
  std::string topic;
  // Queues and brokers in the order of their names. Addresses are ids without texts here: the texts
  // have become endpoints, which no code compares or reads again.
  protocol::TopicRoute data;
  std::vector<RouteBroker> brokers;  // of data.brokers, in that order
  // The topic is not known yet: this is the route of TBW102, whose brokers create the topic when
  // the first message comes (protocol.md 9.1).
  bool is_default = false;

  // Throws std::bad_alloc. Addresses that cannot be read are left out.
  static std::shared_ptr<Route> make(Endpoints& endpoints, std::string topic,
                                     protocol::TopicRoute data, bool is_default);
  bool says_the_same(const Route& other) const {
    return is_default == other.is_default && data == other.data && brokers == other.brokers;
  }

  // Null: the route has no such broker.
  const RouteBroker* find_broker(std::string_view broker_name) const;
  // The broker that serves a queue, which for a logical queue is another one than the queue names.
  const RouteBroker* find_broker(const protocol::MessageQueue& queue) const;
  // Of that broker, as RouteBroker::find. Null when there is none.
  Endpoint* find_endpoint(std::string_view broker_name,
                          std::int64_t broker_id = protocol::kMasterId, bool or_any = false) const;
  Endpoint* find_endpoint(const protocol::MessageQueue& queue,
                          std::int64_t broker_id = protocol::kMasterId, bool or_any = false) const;
};

using RoutePtr = std::shared_ptr<const Route>;

}  // namespace rmq::cluster
