// Names of topics and groups (protocol.md 7.1), and the names made from them.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace rmq::protocol {

inline constexpr std::size_t kTopicBytesMax = 127;
inline constexpr std::size_t kGroupBytesMax = 120;
// Where brokers keep messages with a delay level; one queue for each level.
inline constexpr std::string_view kScheduleTopic = "SCHEDULE_TOPIC_XXXX";
inline constexpr std::string_view kRetryPrefix = "%RETRY%";
inline constexpr std::string_view kDlqPrefix = "%DLQ%";

// TOPIC_ILLEGAL and GROUP_ILLEGAL with what is wrong.
base::Status check_topic(std::string_view topic);
base::Status check_group(std::string_view group);

// The groups that clients must not use. They are the two defaults, those of RocketMQ's own parts,
// and names that belong to the topics of a group (%RETRY%, %DLQ%).
bool is_reserved_group(std::string_view group);
// check_group, and no reserved one: what a user may name their own.
base::Status check_own_group(std::string_view group);
bool is_system_topic(std::string_view topic);
// Some system topics take no messages from clients.
bool may_send_to(std::string_view topic);
bool is_retry_topic(std::string_view topic);
bool is_dlq_topic(std::string_view topic);

std::string retry_topic(std::string_view group);
std::string dlq_topic(std::string_view group);
std::string reply_topic(std::string_view cluster);
std::string pop_retry_topic_v1(std::string_view group, std::string_view topic);
std::string pop_retry_topic_v2(std::string_view group, std::string_view topic);

}  // namespace rmq::protocol
