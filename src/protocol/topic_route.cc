#include "protocol/topic_route.h"

#include <algorithm>

#include "protocol/broker_data_json.h"

namespace rmq::protocol {
namespace {

QueueData read_queue_data(JsonView value) {
  // Servers before 4.9 misspelt the last member.
  const std::int32_t old_flag = int32_at(value, "topicSynFlag");
  return {.broker_name = text_at(value, "brokerName"),
          .read_queue_count = int32_at(value, "readQueueNums"),
          .write_queue_count = int32_at(value, "writeQueueNums"),
          .perm = int32_at(value, "perm"),
          .topic_sys_flag = int32_at(value, "topicSysFlag", old_flag)};
}

void write_queue_data(const QueueData& queue, JsonWriter* out) {
  out->begin_object();
  out->text("brokerName", queue.broker_name);
  out->number("perm", queue.perm);
  out->number("readQueueNums", queue.read_queue_count);
  out->number("topicSysFlag", queue.topic_sys_flag);
  out->number("writeQueueNums", queue.write_queue_count);
  out->end_object();
}

QueueMapping read_mapping(JsonView value) {
  QueueMapping mapping{.topic = text_at(value, "topic"),
                       .broker_name = text_at(value, "bname"),
                       .scope = text_at(value, "scope"),
                       .total_queues = int32_at(value, "totalQueues"),
                       .epoch = int64_at(value, "epoch"),
                       .dirty = bool_at(value, "dirty"),
                       .physical_ids = {}};
  for (const JsonView physical : value.member("currIdMap").members()) {
    const auto logical = base::parse_int32(physical.name());
    if (logical) mapping.physical_ids[*logical] = int32_of(physical);
  }
  return mapping;
}

void write_mapping(const QueueMapping& mapping, bool standard, JsonWriter* out) {
  out->begin_object();
  out->text("bname", mapping.broker_name);
  out->begin_object("currIdMap");
  for (const auto& [logical, physical] : mapping.physical_ids) {
    write_number_name(logical, standard, out);
    out->number(physical);
  }
  out->end_object();
  out->boolean("dirty", mapping.dirty);
  out->number("epoch", mapping.epoch);
  out->text("scope", mapping.scope);
  out->text("topic", mapping.topic);
  out->number("totalQueues", mapping.total_queues);
  out->end_object();
}

}  // namespace

const BrokerData* TopicRoute::find_broker(std::string_view broker_name) const {
  const auto found = std::find_if(brokers.begin(), brokers.end(), [&](const BrokerData& broker) {
    return broker.broker_name == broker_name;
  });
  return found == brokers.end() ? nullptr : &*found;
}

base::Result<TopicRoute> parse_topic_route(std::string_view text) {
  base::Result<JsonDocument> parsed = parse_json_object(text, "reading a topic route");
  if (!parsed.ok()) return parsed.take_error();
  const JsonView body = parsed.value().root();
  TopicRoute route;
  if (const JsonView conf = body.member("orderTopicConf"); conf.is(JsonKind::string)) {
    route.order_topic_conf = conf.text();
  }
  for (const JsonView queue : body.member("queueDatas").elements()) {
    route.queues.push_back(read_queue_data(queue));
  }
  for (const JsonView broker : body.member("brokerDatas").elements()) {
    route.brokers.push_back(read_broker(broker));
  }
  for (const JsonView servers : body.member("filterServerTable").members()) {
    route.filter_servers[std::string(servers.name())] = texts_of(servers);
  }
  for (const JsonView mapping : body.member("topicQueueMappingByBroker").members()) {
    route.mappings[std::string(mapping.name())] = read_mapping(mapping);
  }
  return route;
}

std::string to_json(const TopicRoute& route, bool standard) {
  JsonWriter out;
  out.begin_object();
  out.begin_array("brokerDatas");
  for (const BrokerData& broker : route.brokers) write_broker(broker, standard, &out);
  out.end_array();
  out.begin_object("filterServerTable");
  for (const auto& [address, servers] : route.filter_servers) out.texts(address, servers);
  out.end_object();
  if (route.order_topic_conf) out.text("orderTopicConf", *route.order_topic_conf);
  out.begin_array("queueDatas");
  for (const QueueData& queue : route.queues) write_queue_data(queue, &out);
  out.end_array();
  if (!route.mappings.empty()) {
    out.begin_object("topicQueueMappingByBroker");
    for (const auto& [broker_name, mapping] : route.mappings) {
      out.name(broker_name);
      write_mapping(mapping, standard, &out);
    }
    out.end_object();
  }
  out.end_object();
  return out.take();
}

}  // namespace rmq::protocol
