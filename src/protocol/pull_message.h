// PULL_MESSAGE (11) and LITE_PULL_MESSAGE (361).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "protocol/request_code.h"
#include "wire/command.h"

namespace rmq::protocol {

inline constexpr std::int32_t kPullFlagCommitOffset = 1;
inline constexpr std::int32_t kPullFlagSuspend = 2;
inline constexpr std::int32_t kPullFlagSubscription = 4;
inline constexpr std::int32_t kPullFlagLitePull = 16;

// Of codes 0, 19, 20 and 21. The body of code 0 is for StoredMessageReader.
struct PullMessageResponse {
  std::int64_t suggested_broker_id = 0;
  std::int64_t next_begin_offset = 0;
  std::int64_t min_offset = 0;
  std::int64_t max_offset = 0;
  std::int64_t offset_delta = 0;  // static topics: added to each message's queue offset

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("suggestWhichBrokerId", suggested_broker_id);
    sink->field("nextBeginOffset", next_begin_offset);
    sink->field("minOffset", min_offset);
    sink->field("maxOffset", max_offset);
    if (offset_delta != 0) sink->field("offsetDelta", offset_delta);
  }
};

base::Result<PullMessageResponse> parse_pull_response(const wire::CommandView& response);

struct PullMessageRequest {
  using Response = PullMessageResponse;
  static bool is_answer(const wire::CommandView& response);
  static base::Result<Response> parse_response(const wire::CommandView& response) {
    return parse_pull_response(response);
  }

  std::string_view consumer_group{};
  std::string_view topic{};
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
  std::int32_t message_count_max = 32;
  std::int32_t sys_flag = 0;
  std::int64_t commit_offset = 0;
  std::int64_t suspend_timeout_ms = 0;
  std::string_view subscription{};  // needed with kPullFlagSubscription
  std::int64_t sub_version = 0;
  std::string_view expression_type{};
  std::int32_t message_bytes_max = -1;  // 5.x; below 0: not sent
  std::string_view broker_name{};

  RequestCode request_code() const {
    return (sys_flag & kPullFlagLitePull) != 0 ? RequestCode::LITE_PULL_MESSAGE
                                               : RequestCode::PULL_MESSAGE;
  }

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("consumerGroup", consumer_group);
    sink->field("topic", topic);
    sink->field("queueId", queue_id);
    sink->field("queueOffset", queue_offset);
    sink->field("maxMsgNums", message_count_max);
    sink->field("sysFlag", sys_flag);
    sink->field("commitOffset", commit_offset);
    sink->field("suspendTimeoutMillis", suspend_timeout_ms);
    sink->field("subscription", subscription);
    sink->field("subVersion", sub_version);
    sink->field("expressionType", expression_type);
    if (message_bytes_max >= 0) sink->field("maxMsgBytes", message_bytes_max);
    sink->field("bname", broker_name);
  }
};

base::Result<PullMessageRequest> parse_pull_request(const wire::CommandView& request);

}  // namespace rmq::protocol
