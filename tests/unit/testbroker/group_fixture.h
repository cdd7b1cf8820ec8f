// Requests of consumers and of what they need.
#pragma once

#include <string>

#include "protocol/heartbeat.h"
#include "protocol/pull_message.h"
#include "protocol/request_frame.h"
#include "tests/unit/testbroker/testbroker_fixture.h"

namespace rmq::testbroker {

inline protocol::ConsumerData make_consumer(std::string group, std::string topic = "orders",
                                            std::string expression = "*",
                                            std::int64_t sub_version = 1) {
  protocol::ConsumerData consumer{.group = std::move(group)};
  auto subscription = protocol::parse_tag_expression(topic, expression).take_value();
  subscription.sub_version = sub_version;
  consumer.subscriptions.push_back(std::move(subscription));
  return consumer;
}

inline wire::Command make_heartbeat(std::int32_t opaque, const protocol::HeartbeatData& heartbeat) {
  return make_request(RequestCode::HEART_BEAT, opaque, {}, protocol::to_json(heartbeat));
}

inline wire::Command make_heartbeat(std::int32_t opaque, std::string client_id, std::string group,
                                    std::string topic = "orders", std::string expression = "*",
                                    std::int64_t sub_version = 1) {
  return make_heartbeat(opaque, {.client_id = std::move(client_id),
                                 .consumers = {make_consumer(std::move(group), std::move(topic),
                                                             std::move(expression), sub_version)}});
}

// A typed request with its opaque, ready to be sent.
template <typename Request>
wire::Command make_typed(std::int32_t opaque, const Request& request) {
  wire::Command command = protocol::to_command(request);
  command.opaque = opaque;
  return command;
}

inline protocol::PullMessageRequest pull_of(std::int64_t offset, std::int32_t sys_flag = 0,
                                            std::int64_t suspend_ms = 0) {
  return {.consumer_group = "group",
          .topic = "orders",
          .queue_offset = offset,
          .sys_flag = sys_flag,
          .suspend_timeout_ms = suspend_ms,
          .sub_version = 1};
}

inline std::size_t count_of(const test::RawClient& client, RequestCode code) {
  std::size_t count = 0;
  for (const wire::Command& command : client.answers()) {
    const bool is_request = (command.flag & wire::kFlagResponse) == 0;
    if (is_request && command.code == static_cast<std::int32_t>(code)) ++count;
  }
  return count;
}

inline wire::Command make_send_with_tag(std::int32_t opaque, std::string tag) {
  return make_send(opaque, "x", "orders", 0, "TAGS\x01" + tag + "\x02");
}

}  // namespace rmq::testbroker
