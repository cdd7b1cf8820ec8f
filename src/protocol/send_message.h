// SEND_MESSAGE_V2 (310) and its relatives: 10 with long field names, 320 for a batch, 324/325 for a
// reply. Views point into memory of the caller.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/decimal.h"
#include "base/error.h"
#include "protocol/request_code.h"
#include "wire/command.h"
#include "wire/header_scratch.h"

namespace rmq::protocol {

// The topic whose route and queue numbers a topic gets that is created by the first send.
inline constexpr std::string_view kAutoCreateTopic = "TBW102";
inline constexpr std::int32_t kQueueChosenByBroker = -1;

// What storing came to. All four are a success of the send.
enum class SendStatus : std::int32_t {
  ok = 0,
  flush_disk_timeout = 10,
  slave_not_available = 11,
  flush_slave_timeout = 12,
};

struct SendMessageResponse {
  SendStatus status = SendStatus::ok;
  std::string_view msg_id{};  // offset id; of a batch: joined by ','
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
  std::string_view transaction_id{};  // 5.x: on every send; 4.9: empty
  std::string_view batch_uniq_id{};
  std::string_view recall_handle{};
  std::string_view region_id = "DefaultRegion";
  bool trace_on = true;

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("msgId", msg_id);
    sink->field("queueId", queue_id);
    sink->field("queueOffset", queue_offset);
    sink->field("transactionId", transaction_id);
    sink->field("batchUniqId", batch_uniq_id);
    sink->field("recallHandle", recall_handle);
    sink->field("MSG_REGION", region_id);
    sink->field_bool("TRACE_ON", trace_on);
  }
};

bool is_stored(const wire::CommandView& response);

// Only for answers that is_stored() accepts; error_from_response() is for the others.
base::Result<SendMessageResponse> parse_send_response(const wire::CommandView& response);

enum class SendKind { message, batch, reply };

struct SendMessageRequest {
  using Response = SendMessageResponse;
  static bool is_answer(const wire::CommandView& response) { return is_stored(response); }
  static base::Result<Response> parse_response(const wire::CommandView& response) {
    return parse_send_response(response);
  }

  SendKind kind = SendKind::message;
  std::string_view producer_group{};
  std::string_view topic{};
  std::string_view default_topic = kAutoCreateTopic;
  std::int32_t default_topic_queue_count = 4;
  std::int32_t queue_id = kQueueChosenByBroker;
  std::int32_t sys_flag = 0;
  std::int64_t born_timestamp_ms = 0;
  std::int32_t flag = 0;
  std::string_view properties{};  // text of properties.h
  std::int32_t reconsume_times = 0;
  bool unit_mode = false;
  std::int32_t max_reconsume_times = -1;  // below 0: not sent
  std::string_view broker_name{};         // empty: not sent; proxies and static topics need it

  RequestCode request_code() const {
    if (kind == SendKind::batch) return RequestCode::SEND_BATCH_MESSAGE;
    return kind == SendKind::reply ? RequestCode::SEND_REPLY_MESSAGE_V2
                                   : RequestCode::SEND_MESSAGE_V2;
  }

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("a", producer_group);
    sink->field("b", topic);
    sink->field("c", default_topic);
    sink->field("d", default_topic_queue_count);
    sink->field("e", queue_id);
    sink->field("f", sys_flag);
    sink->field("g", born_timestamp_ms);
    sink->field("h", flag);
    sink->field("i", properties);
    sink->field("j", reconsume_times);
    sink->field_bool("k", unit_mode);
    if (max_reconsume_times >= 0) sink->field("l", max_reconsume_times);
    sink->field_bool("m", kind == SendKind::batch);
    sink->field("n", broker_name);
  }
};

// For servers: reads all five requests.
base::Result<SendMessageRequest> parse_send_request(const wire::CommandView& request);

// What another queue changes in the head of a SEND_MESSAGE_V2 or SEND_BATCH_MESSAGE.
class SendRedirect {
 public:
  SendRedirect(std::int32_t queue_id, std::string_view broker_name);
  SendRedirect(const SendRedirect&) = delete;
  SendRedirect& operator=(const SendRedirect&) = delete;
  std::span<const wire::Field> changes() const { return changes_; }  // of wire::rewrite_head

 private:
  const base::DecimalText queue_id_;
  const std::array<wire::Field, 2> changes_;
};

}  // namespace rmq::protocol
