// GET_BROKER_CLUSTER_INFO (106): all brokers that a NameServer knows.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/topic_route.h"

namespace rmq::protocol {

struct GetClusterInfoRequest {
  static constexpr RequestCode kCode = RequestCode::GET_BROKER_CLUSTER_INFO;
  template <typename Sink>
  void write_fields(Sink*) const {}
};

struct ClusterInfo {
  std::map<std::string, BrokerData> brokers{};                 // by broker name
  std::map<std::string, std::vector<std::string>> clusters{};  // broker names by cluster
  friend bool operator==(const ClusterInfo&, const ClusterInfo&) = default;
};

base::Result<ClusterInfo> parse_cluster_info(std::string_view text);
// Broker ids are bare keys: Java writes no other form of this body.
std::string to_json(const ClusterInfo& info);

}  // namespace rmq::protocol
