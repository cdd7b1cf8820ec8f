// The handle of a popped message (POP_CK, protocol.md 11.2) and the offset lists of a pop answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rmq::protocol {

// Which topic a popped message really came from.
enum class PopRetry : char { normal = '0', retry_v1 = '1', retry_v2 = '2' };

PopRetry pop_retry_of(std::string_view topic);
// The topic to name in an ACK or a change of the invisible time.
std::string pop_real_topic(PopRetry retry, std::string_view group, std::string_view topic);

struct PopHandle {
  std::int64_t ck_queue_offset = 0;
  std::int64_t pop_time_ms = 0;
  std::int64_t invisible_time_ms = 0;
  std::int32_t revive_queue_id = 0;
  PopRetry retry = PopRetry::normal;
  std::string broker_name{};
  std::int32_t queue_id = 0;
  std::optional<std::int64_t> queue_offset{};  // of the message; absent in a handle for many
  friend bool operator==(const PopHandle&, const PopHandle&) = default;
};

std::string to_text(const PopHandle& handle);
std::optional<PopHandle> parse_pop_handle(std::string_view text);

// One entry of startOffsetInfo or msgOffsetInfo: "retry queueId offset,offset".
struct PopOffsets {
  PopRetry retry = PopRetry::normal;
  std::int32_t queue_id = 0;
  std::vector<std::int64_t> offsets{};
  friend bool operator==(const PopOffsets&, const PopOffsets&) = default;
};

// Entries are joined by ';'. Empty text is an empty list; a malformed or repeated entry is none.
std::optional<std::vector<PopOffsets>> parse_pop_offsets(std::string_view text);
// startOffsetInfo has one offset per entry.
std::optional<std::vector<PopOffsets>> parse_pop_start_offsets(std::string_view text);

}  // namespace rmq::protocol
