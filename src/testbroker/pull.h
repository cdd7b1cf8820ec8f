// A pull as a broker works on it: at once, or kept and tried again later.
#pragma once

#include <cstdint>
#include <string>

#include "testbroker/refusal.h"
#include "testbroker/tag_filter.h"
#include "wire/command.h"

namespace rmq::testbroker {

class ServerState;
struct ServerOptions;

struct Pull {
  std::uint64_t connection = 0;
  std::string group;
  std::string topic;
  std::int32_t queue_id = 0;
  std::int64_t offset = 0;
  std::int32_t message_count_max = 0;
  std::int32_t sys_flag = 0;
  std::int64_t commit_offset = 0;
  std::int64_t suspend_timeout_ms = 0;
  std::string subscription;
  std::int64_t sub_version = 0;
  std::string expression_type;

  bool has(std::int32_t flag) const { return (sys_flag & flag) != 0; }
  std::size_t bytes() const {
    return sizeof *this + group.size() + topic.size() + subscription.size() +
           expression_type.size();
  }
};

Refusal read_pull(const wire::CommandView& request, std::uint64_t connection,
                  const ServerOptions& options, Pull* pull);

enum class PullOutcome : std::uint8_t {
  refused,   // by a check: nothing of the queue was looked at
  nothing,   // code 19: the offset is the queue's end
  answered,  // everything else
};

// Fills the answer; *filter is what was used to look, unless refused.
PullOutcome run_pull(const Pull& pull, ServerState& state, TagFilter* filter,
                     wire::Command* answer);

}  // namespace rmq::testbroker
