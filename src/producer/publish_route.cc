#include "producer/publish_route.h"

#include <algorithm>

#include "protocol/route_queues.h"

namespace rmq::producer {

std::shared_ptr<const PublishRoute> PublishRoute::make(const cluster::Route& route,
                                                       std::int32_t default_queues_max) {
  std::shared_ptr<PublishRoute> made(new PublishRoute);
  made->is_default_ = route.is_default;
  made->is_static_ = !route.data.order_topic_conf && protocol::is_static_topic(route.data);
  // Keep brokers without writable queues: a send that names one should get that broker's own error.
  for (std::size_t i = 0; i < route.brokers.size(); ++i) {
    cluster::Endpoint* const master = route.brokers[i].find();
    if (master) made->add_broker(route.data.brokers[i].broker_name, *master);
  }
  for (const protocol::MessageQueue& queue : protocol::publish_queues(route.data, route.topic)) {
    if (route.is_default && queue.queue_id >= default_queues_max) continue;
    cluster::Endpoint* const master = route.find_endpoint(queue);
    if (master == nullptr) continue;
    const std::uint32_t broker = made->add_broker(queue.broker_name, *master);
    made->brokers_[broker].queue_ids.push_back(queue.queue_id);
    made->queues_.push_back({broker, queue.queue_id});
  }
  made->has_several_brokers_ =
      std::count_if(made->brokers_.begin(), made->brokers_.end(),
                    [](const Broker& broker) { return !broker.queue_ids.empty(); }) > 1;
  return made;
}

std::uint32_t PublishRoute::add_broker(std::string_view name, cluster::Endpoint& master) {
  const auto known = std::find_if(brokers_.begin(), brokers_.end(), [&](const Broker& broker) {
    return broker.master.get() == &master && broker.name == name;
  });
  if (known == brokers_.end()) {
    brokers_.push_back({std::string(name), master.shared_from_this(), {}});
    return static_cast<std::uint32_t>(brokers_.size() - 1);
  }
  return static_cast<std::uint32_t>(known - brokers_.begin());
}

std::optional<PublishRoute::Choice> PublishRoute::choose_on(std::string_view broker_name,
                                                            std::int32_t queue_id,
                                                            std::uint32_t n) const {
  if (is_static_ && queue_id >= 0) {
    const auto known = std::find_if(queues_.begin(), queues_.end(), [&](const Choice& queue) {
      return queue.queue_id == queue_id && brokers_[queue.broker].name == broker_name;
    });
    if (known != queues_.end()) return *known;
  }
  const auto broker = std::find_if(brokers_.begin(), brokers_.end(),
                                   [&](const Broker& each) { return each.name == broker_name; });
  if (broker == brokers_.end()) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(broker - brokers_.begin());
  if (queue_id >= 0 || broker->queue_ids.empty()) return Choice{index, queue_id};
  return Choice{index, broker->queue_ids[n % broker->queue_ids.size()]};
}

}  // namespace rmq::producer
