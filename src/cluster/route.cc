#include "cluster/route.h"

#include <algorithm>

#include "base/java_string_hash.h"
#include "cluster/endpoints.h"
#include "protocol/route_queues.h"

namespace rmq::cluster {
namespace {

void sort_by_name(protocol::TopicRoute* data) {
  std::stable_sort(data->queues.begin(), data->queues.end(), [](const auto& a, const auto& b) {
    return base::less_in_java(a.broker_name, b.broker_name);
  });
  std::stable_sort(data->brokers.begin(), data->brokers.end(), [](const auto& a, const auto& b) {
    return base::less_in_java(a.broker_name, b.broker_name);
  });
}

RouteBroker take_addresses(Endpoints& endpoints, protocol::BrokerData* broker) {
  RouteBroker taken;
  taken.processes.reserve(broker->addresses.size());
  for (auto& [id, address] : broker->addresses) {
    if (EndpointPtr endpoint = endpoints.intern(address))
      taken.processes.push_back({id, std::move(endpoint)});
    address = std::string();
  }
  return taken;
}

}  // namespace

Endpoint* RouteBroker::find(std::int64_t broker_id, bool or_any) const {
  for (const Process& process : processes) {
    if (process.id == broker_id) return process.endpoint.get();
  }
  return or_any && !processes.empty() ? processes.front().endpoint.get() : nullptr;
}

std::shared_ptr<Route> Route::make(Endpoints& endpoints, std::string topic,
                                   protocol::TopicRoute data, bool is_default) {
  auto route = std::make_shared<Route>();
  route->topic = std::move(topic);
  route->data = std::move(data);
  route->is_default = is_default;
  sort_by_name(&route->data);
  route->brokers.reserve(route->data.brokers.size());
  for (protocol::BrokerData& broker : route->data.brokers)
    route->brokers.push_back(take_addresses(endpoints, &broker));
  return route;
}

const RouteBroker* Route::find_broker(std::string_view broker_name) const {
  const protocol::BrokerData* broker = data.find_broker(broker_name);
  return broker ? &brokers[static_cast<std::size_t>(broker - data.brokers.data())] : nullptr;
}

const RouteBroker* Route::find_broker(const protocol::MessageQueue& queue) const {
  return find_broker(protocol::find_broker_name(data, queue.broker_name, queue.queue_id));
}

Endpoint* Route::find_endpoint(std::string_view broker_name, std::int64_t broker_id,
                               bool or_any) const {
  const RouteBroker* broker = find_broker(broker_name);
  return broker ? broker->find(broker_id, or_any) : nullptr;
}

Endpoint* Route::find_endpoint(const protocol::MessageQueue& queue, std::int64_t broker_id,
                               bool or_any) const {
  const RouteBroker* broker = find_broker(queue);
  return broker ? broker->find(broker_id, or_any) : nullptr;
}

}  // namespace rmq::cluster
