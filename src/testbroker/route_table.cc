#include "testbroker/route_table.h"

#include "base/format.h"
#include "protocol/json_writer.h"

namespace rmq::testbroker {
namespace {

std::string quote(std::string_view text) {
  protocol::JsonWriter out;
  out.text(text);
  return out.take();
}

}  // namespace

void RouteTable::put_broker(const BrokerAddress& broker) {
  Broker& entry = brokers_[broker.broker_name];
  entry.cluster_name = broker.cluster_name;
  entry.addresses[broker.broker_id] = broker.address;
}

void RouteTable::remove_broker(std::string_view broker_name, std::int64_t broker_id) {
  const auto broker = brokers_.find(broker_name);
  if (broker == brokers_.end()) return;
  broker->second.addresses.erase(broker_id);
  if (broker->second.addresses.empty()) brokers_.erase(broker);
}

void RouteTable::put_topic(std::string_view broker_name, const TopicConfig& topic) {
  topics_[topic.name][std::string(broker_name)] = topic;
}

void RouteTable::remove_topic(std::string_view broker_name, std::string_view topic) {
  const auto entry = topics_.find(topic);
  if (entry == topics_.end()) return;
  const auto broker = entry->second.find(broker_name);
  if (broker != entry->second.end()) entry->second.erase(broker);
  if (entry->second.empty()) topics_.erase(entry);
}

void RouteTable::set_order_conf(std::string_view topic, std::string_view conf) {
  order_confs_[std::string(topic)] = conf;
}

void RouteTable::set_queue_mappings(std::string_view topic, std::string_view json) {
  queue_mappings_[std::string(topic)] = json;
}

std::string RouteTable::render_broker(std::string_view name, const Broker& broker, JsonForm form,
                                      bool acting_master) {
  const char* key_quote = form == JsonForm::standard ? "\"" : "";
  std::string addresses;
  for (const auto& [id, address] : broker.addresses) {
    addresses += base::format("{}{}{}{}:{}", addresses.empty() ? "" : ",", key_quote, id, key_quote,
                              quote(address));
  }
  return base::format(R"({{"brokerAddrs":{{{}}},"brokerName":{},"cluster":{}{}}})", addresses,
                      quote(name), quote(broker.cluster_name),
                      acting_master ? R"(,"enableActingMaster":false)" : "");
}

std::optional<std::string> RouteTable::render(std::string_view topic, JsonForm form,
                                              bool acting_master) const {
  const auto entry = topics_.find(topic);
  if (entry == topics_.end()) return std::nullopt;
  std::string brokers;
  std::string queues;
  for (const auto& [broker_name, config] : entry->second) {
    const auto broker = brokers_.find(broker_name);
    if (broker == brokers_.end()) continue;
    if (!brokers.empty()) brokers += ',';
    brokers += render_broker(broker_name, broker->second, form, acting_master);
    queues += base::format(
        R"({}{{"brokerName":{},"perm":{},"readQueueNums":{},"topicSysFlag":{},"writeQueueNums":{}}})",
        queues.empty() ? "" : ",", quote(broker_name), config.perm, config.read_queues,
        config.topic_sys_flag, config.write_queues);
  }
  if (brokers.empty()) return std::nullopt;
  const auto order = order_confs_.find(topic);
  const std::string order_member =
      order == order_confs_.end() ? ""
                                  : base::format(R"("orderTopicConf":{},)", quote(order->second));
  const auto mappings = queue_mappings_.find(topic);
  const std::string mapping_member =
      mappings == queue_mappings_.end()
          ? ""
          : base::format(R"(,"topicQueueMappingByBroker":{})", mappings->second);
  return base::format(R"({{"brokerDatas":[{}],"filterServerTable":{{}},{}"queueDatas":[{}]{}}})",
                      brokers, order_member, queues, mapping_member);
}

std::string RouteTable::render_cluster(bool acting_master) const {
  std::string brokers;
  std::map<std::string_view, std::string> clusters;
  for (const auto& [name, broker] : brokers_) {
    if (!brokers.empty()) brokers += ',';
    brokers +=
        quote(name) + ":" + render_broker(name, broker, JsonForm::number_keys, acting_master);
    std::string& members = clusters[broker.cluster_name];
    members += (members.empty() ? "" : ",") + quote(name);
  }
  std::string lists;
  for (const auto& [name, members] : clusters) {
    lists += base::format("{}{}:[{}]", lists.empty() ? "" : ",", quote(name), members);
  }
  return base::format(R"({{"brokerAddrTable":{{{}}},"clusterAddrTable":{{{}}}}})", brokers, lists);
}

}  // namespace rmq::testbroker
