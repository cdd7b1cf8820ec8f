#include "consumer/absent_brokers.h"

#include <algorithm>

#include "protocol/route_queues.h"

namespace rmq::consumer {

std::vector<protocol::MessageQueue> AbsentBrokers::queues_of(const cluster::RoutePtr& route,
                                                             const client::Heartbeats& heartbeats,
                                                             base::Instant now) {
  Topic& topic = topics_[route->topic];
  if (topic.route && topic.route != route) compare(topic, *route, heartbeats, now);
  topic.route = route;
  std::erase_if(topic.absent, [now](const auto& entry) { return entry.second.until <= now; });
  auto queues = protocol::subscribe_queues(route->data, route->topic);
  for (const auto& [name, absent] : topic.absent)
    queues.insert(queues.end(), absent.queues.begin(), absent.queues.end());
  std::sort(queues.begin(), queues.end());
  return queues;
}

void AbsentBrokers::compare(Topic& topic, const cluster::Route& route,
                            const client::Heartbeats& heartbeats, base::Instant now) {
  std::erase_if(topic.absent,
                [&](const auto& entry) { return route.data.find_broker(entry.first) != nullptr; });
  for (const protocol::BrokerData& broker : topic.route->data.brokers) {
    if (route.data.find_broker(broker.broker_name) != nullptr) continue;
    Absent absent;
    for (const auto& queue : protocol::subscribe_queues(topic.route->data, route.topic)) {
      if (queue.broker_name == broker.broker_name) absent.queues.push_back(queue);
    }
    const cluster::Endpoint* master = topic.route->find_endpoint(broker.broker_name);
    const auto lost_at = master ? heartbeats.lost_at(*master) : std::nullopt;
    absent.until = lost_at.value_or(now) + kCountedFor;
    topic.absent.insert_or_assign(broker.broker_name, std::move(absent));
  }
}

base::Instant AbsentBrokers::next_end() const {
  base::Instant next = base::kNever;
  for (const auto& [name, topic] : topics_) {
    for (const auto& [broker, absent] : topic.absent) next = std::min(next, absent.until);
  }
  return next;
}

}  // namespace rmq::consumer
