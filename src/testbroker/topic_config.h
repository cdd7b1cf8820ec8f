// A topic as one broker has it.
#pragma once

#include <cstdint>
#include <string>

namespace rmq::testbroker {

inline constexpr std::int32_t kPermInherit = 1;
inline constexpr std::int32_t kPermWrite = 2;
inline constexpr std::int32_t kPermRead = 4;

struct TopicConfig {
  std::string name;
  std::int32_t read_queues = 4;
  std::int32_t write_queues = 4;
  std::int32_t perm = kPermRead | kPermWrite;
  std::int32_t topic_sys_flag = 0;

  bool operator==(const TopicConfig&) const = default;
};

}  // namespace rmq::testbroker
