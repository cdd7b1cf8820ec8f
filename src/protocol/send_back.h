// CONSUMER_SEND_MSG_BACK (36): the broker that stored the message delivers it to the group later.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/empty_response.h"
#include "protocol/request_code.h"

namespace rmq::protocol {

inline constexpr std::int32_t kDelayLevelByCount = 0;
inline constexpr std::int32_t kDelayLevelDeadLetter = -1;
// Brokers have 18 levels unless their messageDelayLevel says otherwise, and take their highest one
// for a higher number.
inline constexpr std::int32_t kDelayLevelMax = 255;

struct SendBackRequest {
  static constexpr RequestCode kCode = RequestCode::CONSUMER_SEND_MSG_BACK;
  using Response = EmptyResponse;

  std::int64_t commit_log_offset = 0;
  std::string_view group{};
  std::int32_t delay_level = kDelayLevelByCount;
  std::string_view origin_message_id{};
  std::string_view origin_topic{};
  bool unit_mode = false;
  std::int32_t max_reconsume_times = 16;
  std::string_view broker_name{};

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("offset", commit_log_offset);
    sink->field("group", group);
    sink->field("delayLevel", delay_level);
    sink->field("originMsgId", origin_message_id);
    sink->field("originTopic", origin_topic);
    sink->field_bool("unitMode", unit_mode);
    sink->field("maxReconsumeTimes", max_reconsume_times);
    sink->field("bname", broker_name);
  }
};

}  // namespace rmq::protocol
