#include "protocol/cluster_info.h"

#include "protocol/broker_data_json.h"

namespace rmq::protocol {

base::Result<ClusterInfo> parse_cluster_info(std::string_view text) {
  base::Result<JsonDocument> parsed = parse_json_object(text, "reading the cluster info");
  if (!parsed.ok()) return parsed.take_error();
  const JsonView body = parsed.value().root();
  ClusterInfo info;
  for (const JsonView broker : body.member("brokerAddrTable").members()) {
    info.brokers[std::string(broker.name())] = read_broker(broker);
  }
  for (const JsonView brokers : body.member("clusterAddrTable").members()) {
    info.clusters[std::string(brokers.name())] = texts_of(brokers);
  }
  return info;
}

std::string to_json(const ClusterInfo& info) {
  JsonWriter out;
  out.begin_object();
  out.begin_object("brokerAddrTable");
  for (const auto& [name, broker] : info.brokers) {
    out.name(name);
    write_broker(broker, false, &out);
  }
  out.end_object();
  out.begin_object("clusterAddrTable");
  for (const auto& [name, brokers] : info.clusters) out.texts(name, brokers);
  out.end_object();
  out.end_object();
  return out.take();
}

}  // namespace rmq::protocol
