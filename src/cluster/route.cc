#include "cluster/route.h"

#include "protocol/route_queues.h"

namespace rmq::cluster {

std::string_view Route::address_of(std::string_view broker_name, std::int64_t broker_id,
                                   bool or_any) const {
  const protocol::BrokerData* broker = data.find_broker(broker_name);
  if (broker == nullptr || broker->addresses.empty()) return {};
  const auto wanted = broker->addresses.find(broker_id);
  if (wanted != broker->addresses.end()) return wanted->second;
  return or_any ? std::string_view(broker->addresses.begin()->second) : std::string_view();
}

std::string_view Route::address_of(const protocol::MessageQueue& queue, std::int64_t broker_id,
                                   bool or_any) const {
  return address_of(protocol::find_broker_name(data, queue.broker_name, queue.queue_id), broker_id,
                    or_any);
}

}  // namespace rmq::cluster
