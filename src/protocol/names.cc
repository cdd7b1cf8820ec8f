#include "protocol/names.h"

#include <algorithm>
#include <iterator>

#include "base/format.h"
#include "base/quote.h"

namespace rmq::protocol {
namespace {

constexpr std::string_view kAllowed = "letters, digits, '%', '|', '_' and '-'";

constexpr std::string_view kSystemTopics[] = {
    "TBW102",
    kScheduleTopic,
    "BenchmarkTest",
    "RMQ_SYS_TRANS_HALF_TOPIC",
    "RMQ_SYS_TRACE_TOPIC",
    "RMQ_SYS_TRANS_OP_HALF_TOPIC",
    "TRANS_CHECK_MAX_TIME_TOPIC",
    "SELF_TEST_TOPIC",
    "OFFSET_MOVED_EVENT",
    "CHECKPOINT_TOPIC",
    "RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC",
    "RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC",
};

constexpr std::string_view kReservedGroups[] = {
    "DEFAULT_PRODUCER",   "DEFAULT_CONSUMER",   "TOOLS_CONSUMER",        "SCHEDULE_CONSUMER",
    "FILTERSRV_CONSUMER", "__MONITOR_CONSUMER", "CLIENT_INNER_PRODUCER", "SELF_TEST_P_GROUP",
    "SELF_TEST_C_GROUP",  "CID_ONSAPI_OWNER",   "CID_ONSAPI_PERMISSION", "CID_ONSAPI_PULL",
};

constexpr std::string_view kNoSendTopics[] = {
    kScheduleTopic,
    "RMQ_SYS_TRANS_HALF_TOPIC",
    "RMQ_SYS_TRANS_OP_HALF_TOPIC",
    "RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC",
    "RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC",
    "TRANS_CHECK_MAX_TIME_TOPIC",
    "SELF_TEST_TOPIC",
    "OFFSET_MOVED_EVENT",
};

bool is_allowed(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '%' || letter == '|' || letter == '_' ||
         letter == '-';
}

template <std::size_t kCount>
bool is_one_of(std::string_view name, const std::string_view (&names)[kCount]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

base::Status check_name(std::string_view kind, std::string_view name, std::size_t bytes_max,
                        base::ErrorCode code) {
  if (name.empty()) return base::make_error(code, base::format("the {} is empty", kind));
  if (name.size() > bytes_max) {
    return base::make_error(code,
                            base::format("the {} {} has {} bytes, at most {} are allowed", kind,
                                         base::quote(name, 32), name.size(), bytes_max));
  }
  const auto bad = std::find_if_not(name.begin(), name.end(), is_allowed);
  if (bad == name.end()) return {};
  return base::make_error(code,
                          base::format("the {} {} has a forbidden character at byte {}", kind,
                                       base::quote(name, bytes_max), bad - name.begin()),
                          base::format("use only {}", kAllowed));
}

std::string concat(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part);
  return text;
}

}  // namespace

base::Status check_topic(std::string_view topic) {
  return check_name("topic", topic, kTopicBytesMax, base::ErrorCode::TOPIC_ILLEGAL);
}

base::Status check_group(std::string_view group) {
  return check_name("group", group, kGroupBytesMax, base::ErrorCode::GROUP_ILLEGAL);
}

bool is_reserved_group(std::string_view group) {
  return is_one_of(group, kReservedGroups) || group.starts_with("CID_RMQ_SYS_") ||
         group.starts_with(kRetryPrefix) || group.starts_with(kDlqPrefix);
}

base::Status check_own_group(std::string_view group) {
  if (auto status = check_group(group); !status.ok()) return status;
  if (!is_reserved_group(group)) return {};
  return base::make_error(base::ErrorCode::GROUP_ILLEGAL,
                          base::format("the group {} is reserved, expected one of yours", group));
}

bool is_system_topic(std::string_view topic) {
  return topic.starts_with("rmq_sys_") || is_one_of(topic, kSystemTopics);
}

bool may_send_to(std::string_view topic) { return !is_one_of(topic, kNoSendTopics); }

bool is_retry_topic(std::string_view topic) { return topic.starts_with(kRetryPrefix); }

bool is_dlq_topic(std::string_view topic) { return topic.starts_with(kDlqPrefix); }

std::string retry_topic(std::string_view group) { return concat({kRetryPrefix, group}); }

std::string dlq_topic(std::string_view group) { return concat({kDlqPrefix, group}); }

std::string reply_topic(std::string_view cluster) { return concat({cluster, "_REPLY_TOPIC"}); }

std::string pop_retry_topic_v1(std::string_view group, std::string_view topic) {
  return concat({kRetryPrefix, group, "_", topic});
}

std::string pop_retry_topic_v2(std::string_view group, std::string_view topic) {
  return concat({kRetryPrefix, group, "+", topic});
}

}  // namespace rmq::protocol
