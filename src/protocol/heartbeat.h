// HEART_BEAT (34): tells a broker which groups live behind this connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/request_code.h"
#include "protocol/subscription.h"
#include "wire/command.h"

namespace rmq::protocol {

enum class ConsumeType { actively, passively };  // pull; push
enum class MessageModel { broadcasting, clustering };
enum class ConsumeFromWhere {
  last_offset,
  last_offset_and_from_min_when_boot_first,
  min_offset,
  max_offset,
  first_offset,
  timestamp,
};

std::string_view to_text(ConsumeType type);
std::string_view to_text(MessageModel model);
std::string_view to_text(ConsumeFromWhere where);

struct ConsumerData {
  std::string group{};
  ConsumeType consume_type = ConsumeType::passively;
  MessageModel message_model = MessageModel::clustering;
  ConsumeFromWhere consume_from_where = ConsumeFromWhere::last_offset;
  bool unit_mode = false;
  std::vector<SubscriptionData> subscriptions{};
  friend bool operator==(const ConsumerData&, const ConsumerData&) = default;
};

struct HeartbeatData {
  std::string client_id{};
  std::vector<std::string> producer_groups{};
  std::vector<ConsumerData> consumers{};
  std::int32_t fingerprint = 0;  // heartbeat V2; 0: not used
  bool without_sub = false;      // only to brokers that said that they know it
  friend bool operator==(const HeartbeatData&, const HeartbeatData&) = default;
};

struct HeartbeatResponse {
  std::int32_t broker_version = 0;
  bool supports_v2 = false;
  bool subscription_changed = false;
};
HeartbeatResponse parse_heartbeat_response(const wire::CommandView& response);

struct HeartbeatRequest {
  static constexpr RequestCode kCode = RequestCode::HEART_BEAT;
  using Response = HeartbeatResponse;
  static base::Result<Response> parse_response(const wire::CommandView& response) {
    return parse_heartbeat_response(response);
  }

  template <typename Sink>
  void write_fields(Sink*) const {}
};

base::Result<HeartbeatData> parse_heartbeat(std::string_view text);
std::string to_json(const HeartbeatData& heartbeat);

// Never 0; changes when groups or subscriptions do, not with the client id or subVersion.
std::int32_t heartbeat_fingerprint(const HeartbeatData& heartbeat);

}  // namespace rmq::protocol
