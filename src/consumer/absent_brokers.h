// The queues of brokers that left a topic's route a moment ago. They still count when the topic is
// divided, so that the restart of a broker moves no queue. Members learn of a route at different
// times. While they divide different sets of queues, two of them may hold the same one.
//
// Loop thread only; owned by Rebalance.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "client/heartbeats.h"
#include "cluster/route.h"
#include "protocol/message_queue.h"

namespace rmq::consumer {

class AbsentBrokers {
 public:
  // How long a broker counts after its connection was lost, which all members see at once.
  static constexpr base::Duration kCountedFor = std::chrono::seconds(30);

  // All queues of the topic, sorted: those of the route and those of absent brokers.
  std::vector<protocol::MessageQueue> queues_of(const cluster::RoutePtr& route,
                                                const client::Heartbeats& heartbeats,
                                                base::Instant now);
  // When the next one stops to count; kNever: none is absent.
  base::Instant next_end() const;
  // Topics that are not subscribed any more.
  template <typename IsWanted>
  void keep_only(IsWanted is_wanted) {
    std::erase_if(topics_, [&](const auto& entry) { return !is_wanted(entry.first); });
  }

 private:
  struct Absent {
    std::vector<protocol::MessageQueue> queues;
    base::Instant until;
  };
  struct Topic {
    cluster::RoutePtr route;                            // that was divided last
    std::map<std::string, Absent, std::less<>> absent;  // by broker name
  };

  static void compare(Topic& topic, const cluster::Route& route,
                      const client::Heartbeats& heartbeats, base::Instant now);

  std::map<std::string, Topic, std::less<>> topics_;
};

}  // namespace rmq::consumer
