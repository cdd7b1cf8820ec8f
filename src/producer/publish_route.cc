#include "producer/publish_route.h"

#include <algorithm>

#include "protocol/route_queues.h"

namespace rmq::producer {

std::shared_ptr<const PublishRoute> PublishRoute::make(const cluster::Route& route,
                                                       std::int32_t default_queues_max,
                                                       std::size_t connections_per_broker) {
  std::shared_ptr<PublishRoute> made(new PublishRoute);
  made->is_default_ = route.is_default;
  made->is_static_ = !route.data.order_topic_conf && protocol::is_static_topic(route.data);
  made->lanes_ = connections_per_broker;
  // Keep brokers without writable queues: a send that names one should get that broker's own error.
  for (const protocol::BrokerData& broker : route.data.brokers) {
    auto address = transport::HostPort::parse(route.address_of(broker.broker_name));
    if (address.ok()) made->add_broker(broker.broker_name, address.value());
  }
  for (const protocol::MessageQueue& queue : protocol::publish_queues(route.data, route.topic)) {
    if (route.is_default && queue.queue_id >= default_queues_max) continue;
    auto address = transport::HostPort::parse(route.address_of(queue));
    if (!address.ok()) continue;
    const std::uint32_t broker = made->add_broker(queue.broker_name, address.value());
    made->brokers_[broker].queue_ids.push_back(queue.queue_id);
    made->queues_.push_back({broker, queue.queue_id});
  }
  made->has_several_brokers_ =
      std::count_if(made->brokers_.begin(), made->brokers_.end(),
                    [](const Broker& broker) { return !broker.queue_ids.empty(); }) > 1;
  made->connections_.resize(made->brokers_.size() * made->lanes_);
  return made;
}

std::uint32_t PublishRoute::add_broker(std::string_view name, const transport::HostPort& address) {
  const auto known = std::find_if(brokers_.begin(), brokers_.end(), [&](const Broker& broker) {
    return broker.name == name && broker.address == address;
  });
  if (known == brokers_.end()) {
    brokers_.push_back({std::string(name), address, {}});
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

remoting::Connection& PublishRoute::connection(cluster::Connections& connections,
                                               Choice choice) const {
  const auto lane = static_cast<std::uint32_t>(std::max(choice.queue_id, 0));
  if (generation_ != connections.generation()) {
    std::fill(connections_.begin(), connections_.end(), nullptr);
    generation_ = connections.generation();
  }
  remoting::Connection*& known = connections_[choice.broker * lanes_ + lane % lanes_];
  if (known == nullptr) {
    known = &connections.connection_to(brokers_[choice.broker].address, lane);
  }
  return *known;
}

}  // namespace rmq::producer
