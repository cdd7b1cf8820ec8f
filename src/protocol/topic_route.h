// GET_ROUTEINFO_BY_TOPIC (105) and its body TopicRouteData: which brokers have which queues.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "protocol/request_code.h"
#include "wire/command.h"

namespace rmq::protocol {

inline constexpr std::int32_t kPermWrite = 2;
inline constexpr std::int32_t kPermRead = 4;
inline constexpr std::int64_t kMasterId = 0;

struct QueueData {
  std::string broker_name{};
  std::int32_t read_queue_count = 0;
  std::int32_t write_queue_count = 0;
  std::int32_t perm = 0;
  std::int32_t topic_sys_flag = 0;
  friend bool operator==(const QueueData&, const QueueData&) = default;
};

struct BrokerData {
  std::string cluster{};
  std::string broker_name{};
  std::map<std::int64_t, std::string> addresses{};  // by broker id; 0 is the master
  bool enable_acting_master = false;
  std::string zone_name{};
  friend bool operator==(const BrokerData&, const BrokerData&) = default;
};

// Static topics (5.x): logical queues that one broker hosts.
struct QueueMapping {
  std::string topic{};
  std::string broker_name{};
  std::string scope{};
  std::int32_t total_queues = 0;
  std::int64_t epoch = 0;
  bool dirty = false;
  std::map<std::int32_t, std::int32_t> physical_ids{};  // by logical queue id
  friend bool operator==(const QueueMapping&, const QueueMapping&) = default;
};

struct TopicRoute {
  std::optional<std::string> order_topic_conf{};
  std::vector<QueueData> queues{};
  std::vector<BrokerData> brokers{};
  std::map<std::string, std::vector<std::string>> filter_servers{};
  std::map<std::string, QueueMapping> mappings{};  // by broker name
  friend bool operator==(const TopicRoute&, const TopicRoute&) = default;

  const BrokerData* find_broker(std::string_view broker_name) const;
};

base::Result<TopicRoute> parse_topic_route(std::string_view text);
// `standard`: broker ids as quoted keys, which all readers take; else as old NameServers write
// them.
std::string to_json(const TopicRoute& route, bool standard = true);

struct GetRouteRequest {
  static constexpr RequestCode kCode = RequestCode::GET_ROUTEINFO_BY_TOPIC;
  using Response = TopicRoute;
  static base::Result<Response> parse_response(const wire::CommandView& response) {
    return parse_topic_route(base::as_text(response.body));
  }

  std::string_view topic{};
  bool accept_standard_json_only = true;

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("topic", topic);
    if (accept_standard_json_only) sink->field_bool("acceptStandardJsonOnly", true);
  }
};

}  // namespace rmq::protocol
