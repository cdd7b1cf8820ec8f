#include "tests/conformance/requests.h"

#include <fmt/format.h>

#include <stdexcept>

#include "base/java_string_hash.h"
#include "tests/support/raw_client.h"

namespace rmq::conformance {

Fields send_v1_fields(const Send& send) {
  Fields fields{{"producerGroup", send.group},
                {"topic", send.topic},
                {"defaultTopic", send.default_topic},
                {"defaultTopicQueueNums", std::to_string(send.default_queues)},
                {"queueId", std::to_string(send.queue_id)},
                {"sysFlag", std::to_string(send.sys_flag)},
                {"bornTimestamp", "1700000000000"},
                {"flag", std::to_string(send.flag)},
                {"properties", send.properties},
                {"reconsumeTimes", std::to_string(send.reconsume_times)},
                {"unitMode", "false"},
                {"batch", "false"}};
  if (send.max_reconsume_times >= 0) {
    fields.emplace_back("maxReconsumeTimes", std::to_string(send.max_reconsume_times));
  }
  return fields;
}

Fields send_v2_fields(const Send& send, bool batch) {
  Fields fields{{"a", send.group},
                {"b", send.topic},
                {"c", send.default_topic},
                {"d", std::to_string(send.default_queues)},
                {"e", std::to_string(send.queue_id)},
                {"f", std::to_string(send.sys_flag)},
                {"g", "1700000000000"},
                {"h", std::to_string(send.flag)},
                {"i", send.properties},
                {"j", std::to_string(send.reconsume_times)},
                {"k", "false"},
                {"m", batch ? "true" : "false"}};
  if (send.max_reconsume_times >= 0) {
    fields.emplace_back("l", std::to_string(send.max_reconsume_times));
  }
  return fields;
}

wire::Command make_send(World& world, const Send& send) {
  return world.request(RequestCode::SEND_MESSAGE_V2, send_v2_fields(send), send.body);
}

std::string property_text(const Fields& properties) {
  std::string text;
  for (const auto& [name, value] : properties) text += name + '\x01' + value + '\x02';
  return text;
}

Fields pull_fields(const Pull& pull) {
  Fields fields{{"consumerGroup", pull.group},
                {"topic", pull.topic},
                {"queueId", std::to_string(pull.queue_id)},
                {"queueOffset", std::to_string(pull.offset)},
                {"maxMsgNums", std::to_string(pull.message_count_max)},
                {"sysFlag", std::to_string(pull.sys_flag)},
                {"commitOffset", std::to_string(pull.commit_offset)},
                {"suspendTimeoutMillis", std::to_string(pull.suspend_ms)},
                {"subVersion", std::to_string(pull.sub_version)},
                {"expressionType", pull.expression_type}};
  if (!pull.subscription.empty()) fields.emplace_back("subscription", pull.subscription);
  if (pull.message_bytes_max >= 0) {
    fields.emplace_back("maxMsgBytes", std::to_string(pull.message_bytes_max));
  }
  return fields;
}

wire::Command make_pull(World& world, const Pull& pull) {
  return world.request(RequestCode::PULL_MESSAGE, pull_fields(pull));
}

wire::Command make_topic(World& world, const std::string& topic, int queues, int perm) {
  return world.request(RequestCode::UPDATE_AND_CREATE_TOPIC,
                       {{"topic", topic},
                        {"defaultTopic", "TBW102"},
                        {"readQueueNums", std::to_string(queues)},
                        {"writeQueueNums", std::to_string(queues)},
                        {"perm", std::to_string(perm)},
                        {"topicFilterType", "SINGLE_TAG"},
                        {"topicSysFlag", "0"},
                        {"order", "false"}});
}

void create_topic(World& world, Connection& broker, const std::string& topic, int queues,
                  int perm) {
  const wire::Command answer = world.need(broker, make_topic(world, topic, queues, perm));
  if (answer.code != 0) {
    throw std::runtime_error("no topic: " + answer.remark.value_or(std::to_string(answer.code)));
  }
}

void wait_for_route(World& world, const std::string& topic) {
  Connection nameserver(world.target().nameserver);
  world.need_until(
      nameserver,
      [&] {
        return world.request(RequestCode::GET_ROUTEINFO_BY_TOPIC, {{"topic", topic}});
      },
      [](const wire::Command& answer) { return answer.code == 0; });
}

wire::Command store(World& world, Connection& broker, const Send& send) {
  wire::Command answer = world.need(broker, make_send(world, send));
  if (answer.code != 0) {
    throw std::runtime_error("not stored: " + answer.remark.value_or(std::to_string(answer.code)));
  }
  return answer;
}

wire::Command pull_found(World& world, Connection& broker, const Pull& pull) {
  return world.need_until(
      broker, [&] { return make_pull(world, pull); },
      [](const wire::Command& answer) { return answer.code == 0; });
}

wire::Command make_heartbeat(World& world, const Heartbeat& heartbeat) {
  const bool all = heartbeat.subscription == "*" || heartbeat.expression_type != "TAG";
  const std::string subscription = fmt::format(
      R"({{"classFilterMode":false,"codeSet":[{}],"expressionType":"{}","subString":"{}",)"
      R"("subVersion":{},"tagsSet":[{}],"topic":"{}"}})",
      all ? "" : std::to_string(base::java_string_hash(heartbeat.subscription)),
      heartbeat.expression_type, heartbeat.subscription, heartbeat.sub_version,
      all ? "" : "\"" + heartbeat.subscription + "\"", heartbeat.topic);
  const std::string consumer = fmt::format(
      R"({{"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","consumeType":"CONSUME_PASSIVELY",)"
      R"("groupName":"{}","messageModel":"{}","subscriptionDataSet":[{}],"unitMode":false}})",
      heartbeat.group, heartbeat.model, heartbeat.subscribes ? subscription : "");
  return world.request(
      RequestCode::HEART_BEAT, {},
      fmt::format(R"({{{}"clientID":"{}","consumerDataSet":[{}],"producerDataSet":[]}})",
                  heartbeat.more, heartbeat.client_id, heartbeat.group.empty() ? "" : consumer));
}

}  // namespace rmq::conformance
