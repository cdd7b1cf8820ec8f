// Requests about the offsets of one queue: 14, 15, 29, 30, 31. All but the update answer `offset`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "protocol/empty_response.h"
#include "protocol/request_code.h"
#include "wire/command.h"

namespace rmq::protocol {

base::Result<std::int64_t> parse_offset_response(const wire::CommandView& response);

struct QueryConsumerOffsetRequest {
  static constexpr RequestCode kCode = RequestCode::QUERY_CONSUMER_OFFSET;
  using Response = std::optional<std::int64_t>;  // nothing: the group has no offset there
  static bool is_answer(const wire::CommandView& response);
  static base::Result<Response> parse_response(const wire::CommandView& response);

  std::string_view consumer_group{};
  std::string_view topic{};
  std::int32_t queue_id = 0;
  // True lets the broker answer 0 for a young queue without a stored offset; 4.9 always does.
  bool set_zero_if_not_found = true;
  std::string_view broker_name{};

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("consumerGroup", consumer_group);
    sink->field("topic", topic);
    sink->field("queueId", queue_id);
    if (!set_zero_if_not_found) sink->field_bool("setZeroIfNotFound", false);
    sink->field("bname", broker_name);
  }
};

struct UpdateConsumerOffsetRequest {
  static constexpr RequestCode kCode = RequestCode::UPDATE_CONSUMER_OFFSET;
  using Response = EmptyResponse;

  std::string_view consumer_group{};
  std::string_view topic{};
  std::int32_t queue_id = 0;
  std::int64_t commit_offset = 0;
  std::string_view broker_name{};

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("consumerGroup", consumer_group);
    sink->field("topic", topic);
    sink->field("queueId", queue_id);
    sink->field("commitOffset", commit_offset);
    sink->field("bname", broker_name);
  }
};

struct SearchOffsetRequest {
  static constexpr RequestCode kCode = RequestCode::SEARCH_OFFSET_BY_TIMESTAMP;
  using Response = std::int64_t;
  static base::Result<Response> parse_response(const wire::CommandView& response) {
    return parse_offset_response(response);
  }

  std::string_view topic{};
  std::int32_t queue_id = 0;
  std::int64_t timestamp_ms = 0;
  bool upper_boundary = false;  // 5.x
  std::string_view broker_name{};

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("topic", topic);
    sink->field("queueId", queue_id);
    sink->field("timestamp", timestamp_ms);
    if (upper_boundary) sink->field("boundaryType", "UPPER");
    sink->field("bname", broker_name);
  }
};

struct GetMaxOffsetRequest {
  static constexpr RequestCode kCode = RequestCode::GET_MAX_OFFSET;
  using Response = std::int64_t;
  static base::Result<Response> parse_response(const wire::CommandView& response) {
    return parse_offset_response(response);
  }

  std::string_view topic{};
  std::int32_t queue_id = 0;
  std::string_view broker_name{};

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("topic", topic);
    sink->field("queueId", queue_id);
    sink->field("bname", broker_name);
  }
};

struct GetMinOffsetRequest : GetMaxOffsetRequest {
  static constexpr RequestCode kCode = RequestCode::GET_MIN_OFFSET;
};

}  // namespace rmq::protocol
