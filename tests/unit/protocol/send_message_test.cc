#include "protocol/send_message.h"

#include <gtest/gtest.h>

#include <vector>

#include "protocol/request_frame.h"
#include "protocol/response_code.h"
#include "wire/rewrite_head.h"

namespace rmq::protocol {
namespace {

SendMessageRequest some_request() {
  return {.producer_group = "group",
          .topic = "topic",
          .queue_id = 3,
          .sys_flag = 1,
          .born_timestamp_ms = 1700000000123,
          .flag = -2,
          .properties = "KEYS\x01k\x02",
          .max_reconsume_times = 5,
          .broker_name = "broker-a"};
}

void expect_equal(const SendMessageRequest& a, const SendMessageRequest& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.producer_group, b.producer_group);
  EXPECT_EQ(a.topic, b.topic);
  EXPECT_EQ(a.default_topic, b.default_topic);
  EXPECT_EQ(a.default_topic_queue_count, b.default_topic_queue_count);
  EXPECT_EQ(a.queue_id, b.queue_id);
  EXPECT_EQ(a.sys_flag, b.sys_flag);
  EXPECT_EQ(a.born_timestamp_ms, b.born_timestamp_ms);
  EXPECT_EQ(a.flag, b.flag);
  EXPECT_EQ(a.properties, b.properties);
  EXPECT_EQ(a.max_reconsume_times, b.max_reconsume_times);
  EXPECT_EQ(a.broker_name, b.broker_name);
}

TEST(SendMessageRequest, is_read_back_from_both_headers) {
  for (const auto serialization : {wire::Serialization::json, wire::Serialization::rocketmq}) {
    for (const auto kind : {SendKind::message, SendKind::batch, SendKind::reply}) {
      SendMessageRequest request = some_request();
      request.kind = kind;
      const wire::FrameHead head{.serialization = serialization, .opaque = 9};
      std::vector<std::uint8_t> frame(write_request(request, head, 0, {}));
      ASSERT_EQ(write_request(request, head, 0, frame), frame.size());
      wire::CommandReader reader;
      auto view = reader.read(frame);
      ASSERT_TRUE(view.ok()) << view.error().message;
      EXPECT_EQ(view.value().code, static_cast<std::int32_t>(request.request_code()));
      auto parsed = parse_send_request(view.value());
      ASSERT_TRUE(parsed.ok()) << parsed.error().message;
      expect_equal(parsed.value(), request);
    }
  }
}

TEST(SendMessageRequest, names_the_field_that_is_missing) {
  wire::Command command = to_command(some_request());
  std::erase_if(command.fields, [](const auto& field) { return field.first == "e"; });
  std::string frame;
  append_frame(command, &frame);
  wire::CommandReader reader;
  auto parsed = parse_send_request(reader.read(base::as_bytes(frame)).value());
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.error().message.find("field e is missing"), std::string::npos)
      << parsed.error().message;
}

wire::CommandView answer(std::int32_t code, std::string_view remark = {}) {
  wire::CommandView view;
  view.code = code;
  view.flag = wire::kFlagResponse;
  if (!remark.empty()) view.remark = remark;
  return view;
}

TEST(SendMessageResponse, takes_the_four_stored_codes_and_no_other) {
  for (const std::int32_t code : {0, 10, 11, 12}) EXPECT_TRUE(is_stored(answer(code)));
  for (const std::int32_t code : {1, 2, 13, 16, 1500}) EXPECT_FALSE(is_stored(answer(code)));
}

TEST(SendMessageResponse, reads_numbers_region_and_trace_switch) {
  const wire::Field fields[] = {{"msgId", "AA"},
                                {"queueId", "3"},
                                {"queueOffset", "77"},
                                {"MSG_REGION", ""},
                                {"TRACE_ON", "false"}};
  wire::CommandView view = answer(12);
  view.fields = fields;
  auto parsed = parse_send_response(view);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(parsed.value().status, SendStatus::flush_slave_timeout);
  EXPECT_EQ(parsed.value().queue_offset, 77);
  EXPECT_EQ(parsed.value().region_id, "DefaultRegion");
  EXPECT_FALSE(parsed.value().trace_on);
}

base::ErrorCode code_for(std::int32_t code, std::string_view remark,
                         base::ServerRole role = base::ServerRole::broker) {
  return error_from_response(answer(code, remark), role, 310, "10.0.0.1:10911").code;
}

TEST(ErrorFromResponse, tells_failures_apart_by_code_and_words) {
  using base::ErrorCode;
  EXPECT_EQ(code_for(1, "disk"), ErrorCode::BROKER_SYSTEM);
  EXPECT_EQ(code_for(1, "org.apache.rocketmq.acl.common.AclException: Check signature failed"),
            ErrorCode::AUTHENTICATION);
  EXPECT_EQ(code_for(16, "check signature failed."), ErrorCode::AUTHENTICATION);
  EXPECT_EQ(code_for(16, "User:x is not found."), ErrorCode::AUTHENTICATION);
  EXPECT_EQ(code_for(16, "username cannot be null."), ErrorCode::AUTHENTICATION);
  EXPECT_EQ(code_for(16, "the broker's sending is forbidden"), ErrorCode::NO_PERMISSION);
  EXPECT_EQ(code_for(17, "no topic"), ErrorCode::TOPIC_MISSING);
  EXPECT_EQ(code_for(17, "no topic", base::ServerRole::nameserver), ErrorCode::NO_ROUTE);
  EXPECT_EQ(code_for(1, "not ready", base::ServerRole::nameserver), ErrorCode::NAMESERVER_ANSWER);
  EXPECT_EQ(code_for(1, "[PC_SYNCHRONIZED]broker busy"), ErrorCode::BROKER_BUSY);
  EXPECT_EQ(code_for(29, "request queueId[99] is illegal"), ErrorCode::QUEUE_MISSING);
  EXPECT_EQ(code_for(1500, ""), ErrorCode::SERVER_LEAVING);
  EXPECT_EQ(code_for(4711, "new"), ErrorCode::BROKER);
}

TEST(ErrorFromResponse, proves_what_the_request_did) {
  using base::Outcome;
  const auto outcome_for = [](std::int32_t code, std::string_view remark = {},
                              base::ServerRole role = base::ServerRole::broker) {
    return error_from_response(answer(code, remark), role, 310, "10.0.0.1:10911").outcome;
  };
  // Brokers give these before they have begun with the request.
  for (const int code : {2,  3,  13, 14, 15,  16,  17,  18,  19,  20,  21,  22,  23,  24,  25,
                         26, 27, 28, 29, 204, 205, 206, 208, 209, 210, 211, 213, 215, 501, 1500}) {
    EXPECT_EQ(outcome_for(code), Outcome::not_applied) << code;
  }
  // Stored, but not as safely as was asked for.
  for (const int code : {10, 12}) EXPECT_EQ(outcome_for(code), Outcome::applied) << code;
  // Whatever goes wrong, before or after; what transactions and consumers answer; unknown ones.
  for (const int code : {1, 4, 11, 200, 201, 202, 203, 207, 604, 4711, -7}) {
    EXPECT_EQ(outcome_for(code), Outcome::maybe_applied) << code;
  }
  // The words of a 1 may prove that the broker refused.
  for (const std::string_view remark :
       {"org.apache.rocketmq.acl.common.AclException: Check signature failed",
        "request queueId[99] is illegal, TopicConfig [...]",
        "[PC_SYNCHRONIZED]broker busy, start flow control for a while",
        "[TIMEOUT_CLEAN_QUEUE]broker busy, start flow control for a while, period in queue: 201ms",
        "[REJECTREQUEST]system busy, start flow control for a while", "[OVERLOAD]system busy"}) {
    EXPECT_EQ(outcome_for(1, remark), Outcome::not_applied) << remark;
  }
  EXPECT_EQ(outcome_for(1, "not ready", base::ServerRole::nameserver), Outcome::not_applied);
}

TEST(ErrorFromResponse, says_who_answered_what_to_which_request) {
  const base::Error error =
      error_from_response(answer(2, "[REJECTREQUEST]"), base::ServerRole::broker, 310, "h:1");
  EXPECT_EQ(error.message,
            "SEND_MESSAGE_V2 (310): broker h:1 answered 2 (SYSTEM_BUSY): [REJECTREQUEST]");
  EXPECT_EQ(error.response_code, 2);
  EXPECT_EQ(error.remark, "[REJECTREQUEST]");
}

TEST(SendMessage, redirecting_changes_the_queue_and_nothing_else) {
  for (const auto serialization : {wire::Serialization::rocketmq, wire::Serialization::json}) {
    wire::FrameHead head;
    head.serialization = serialization;
    SendMessageRequest request = some_request();
    std::string frame(write_request(request, head, 4, {}), '\0');
    write_request(request, head, 4, {reinterpret_cast<std::uint8_t*>(frame.data()), frame.size()});
    const SendRedirect redirect(11, "another-broker");
    auto redirected = wire::rewrite_head(base::as_bytes(frame), redirect.changes());
    ASSERT_TRUE(redirected.ok()) << redirected.error().message;
    frame = redirected.value() + "body";
    wire::CommandReader reader;
    const auto command = reader.read(base::as_bytes(frame));
    ASSERT_TRUE(command.ok()) << command.error().message;
    const auto parsed = parse_send_request(command.value());
    ASSERT_TRUE(parsed.ok());
    request.queue_id = 11;
    request.broker_name = "another-broker";
    expect_equal(parsed.value(), request);
    EXPECT_EQ(base::as_text(command.value().body), "body");
  }
}

}  // namespace
}  // namespace rmq::protocol
