#include "protocol/topic_route.h"

#include <algorithm>

#include "protocol/broker_data_json.h"

namespace rmq::protocol {
namespace {

QueueData queue_data_from_json(const Json& value) {
  // Servers before 4.9 misspelt the last member.
  const std::int32_t old_flag = int32_at(value, "topicSynFlag");
  return {.broker_name = text_at(value, "brokerName"),
          .read_queue_count = int32_at(value, "readQueueNums"),
          .write_queue_count = int32_at(value, "writeQueueNums"),
          .perm = int32_at(value, "perm"),
          .topic_sys_flag = int32_at(value, "topicSysFlag", old_flag)};
}

Json queue_data_to_json(const QueueData& queue) {
  return {{"brokerName", queue.broker_name},
          {"readQueueNums", queue.read_queue_count},
          {"writeQueueNums", queue.write_queue_count},
          {"perm", queue.perm},
          {"topicSysFlag", queue.topic_sys_flag}};
}

QueueMapping mapping_from_json(const Json& value) {
  QueueMapping mapping{.topic = text_at(value, "topic"),
                       .broker_name = text_at(value, "bname"),
                       .scope = text_at(value, "scope"),
                       .total_queues = int32_at(value, "totalQueues"),
                       .epoch = int64_at(value, "epoch"),
                       .dirty = bool_at(value, "dirty"),
                       .physical_ids = {}};
  const Json& ids = member(value, "currIdMap");
  if (!ids.is_object()) return mapping;
  for (const auto& [logical, physical] : ids.items()) {
    const auto number = base::parse_int32(logical);
    if (number) mapping.physical_ids[*number] = int32_at(ids, logical.c_str());
  }
  return mapping;
}

Json mapping_to_json(const QueueMapping& mapping, bool standard) {
  return {{"topic", mapping.topic},
          {"bname", mapping.broker_name},
          {"scope", mapping.scope},
          {"totalQueues", mapping.total_queues},
          {"epoch", mapping.epoch},
          {"dirty", mapping.dirty},
          {"currIdMap", number_keyed_to_json(mapping.physical_ids, standard)}};
}

}  // namespace

const BrokerData* TopicRoute::find_broker(std::string_view broker_name) const {
  const auto found = std::find_if(brokers.begin(), brokers.end(), [&](const BrokerData& broker) {
    return broker.broker_name == broker_name;
  });
  return found == brokers.end() ? nullptr : &*found;
}

base::Result<TopicRoute> parse_topic_route(std::string_view text) {
  base::Result<Json> parsed = parse_json_object(text, "reading a topic route");
  if (!parsed.ok()) return parsed.take_error();
  const Json& body = parsed.value();
  TopicRoute route;
  if (member(body, "orderTopicConf").is_string()) {
    route.order_topic_conf = text_at(body, "orderTopicConf");
  }
  for (const Json& queue : member(body, "queueDatas")) {
    route.queues.push_back(queue_data_from_json(queue));
  }
  for (const Json& broker : member(body, "brokerDatas")) {
    route.brokers.push_back(broker_from_json(broker));
  }
  const Json& filters = member(body, "filterServerTable");
  if (filters.is_object()) {
    for (const auto& [address, unused] : filters.items()) {
      route.filter_servers[address] = texts_at(filters, address.c_str());
    }
  }
  const Json& mappings = member(body, "topicQueueMappingByBroker");
  if (mappings.is_object()) {
    for (const auto& [broker_name, mapping] : mappings.items()) {
      route.mappings[broker_name] = mapping_from_json(mapping);
    }
  }
  return route;
}

std::string to_json(const TopicRoute& route, bool standard) {
  Json body = {{"queueDatas", Json::array()},
               {"brokerDatas", Json::array()},
               {"filterServerTable", Json::object()}};
  if (route.order_topic_conf) body["orderTopicConf"] = *route.order_topic_conf;
  for (const QueueData& queue : route.queues) {
    body["queueDatas"].push_back(queue_data_to_json(queue));
  }
  for (const BrokerData& broker : route.brokers) {
    body["brokerDatas"].push_back(broker_to_json(broker, standard));
  }
  for (const auto& [address, servers] : route.filter_servers) {
    body["filterServerTable"][address] = servers;
  }
  for (const auto& [broker_name, mapping] : route.mappings) {
    body["topicQueueMappingByBroker"][broker_name] = mapping_to_json(mapping, standard);
  }
  return to_java_json(body);
}

}  // namespace rmq::protocol
