#include "protocol/cluster_info.h"

#include "protocol/broker_data_json.h"

namespace rmq::protocol {

base::Result<ClusterInfo> parse_cluster_info(std::string_view text) {
  base::Result<Json> parsed = parse_json_object(text, "reading the cluster info");
  if (!parsed.ok()) return parsed.take_error();
  ClusterInfo info;
  const Json& brokers = member(parsed.value(), "brokerAddrTable");
  if (brokers.is_object()) {
    for (const auto& [name, broker] : brokers.items()) {
      info.brokers[name] = broker_from_json(broker);
    }
  }
  const Json& clusters = member(parsed.value(), "clusterAddrTable");
  if (clusters.is_object()) {
    for (const auto& [name, unused] : clusters.items()) {
      info.clusters[name] = texts_at(clusters, name.c_str());
    }
  }
  return info;
}

std::string to_json(const ClusterInfo& info) {
  Json body = {{"brokerAddrTable", Json::object()}, {"clusterAddrTable", Json::object()}};
  for (const auto& [name, broker] : info.brokers) {
    body["brokerAddrTable"][name] = broker_to_json(broker, false);
  }
  for (const auto& [name, brokers] : info.clusters) body["clusterAddrTable"][name] = brokers;
  return to_java_json(body);
}

}  // namespace rmq::protocol
