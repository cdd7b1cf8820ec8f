// What the users of a simulated world saw: every send and how it ended, every message and who
// consumed it. Invariants compare it with what the brokers have stored.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/instant.h"

namespace rmq::sim {

struct SendRecord {
  std::string key;  // in KEYS; no two sends have the same
  std::string body;
  std::string topic;
  std::string tag;
  bool is_oneway = false;
  int events = 0;
  bool is_applied = false;
  base::Outcome outcome = base::Outcome::not_applied;
  base::ErrorCode code = base::ErrorCode::OK;
  int uncertain_attempts = 0;  // that may have stored it, or did, and did not end the send well
  base::Instant due{};
  base::Instant ended_at{};
};

// What one group has seen of one message.
struct ConsumeRecord {
  int deliveries = 0;
  int consumed = 0;  // answered SUCCESS by the user
};

struct Ledger {
  std::vector<SendRecord> sends;  // by token
  std::map<std::string, std::map<std::string, ConsumeRecord, std::less<>>, std::less<>>
      groups;                    // group, body
  std::uint64_t operations = 0;  // that were accepted and owe an event, sends apart
  std::uint64_t operation_events = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t stale_answers = 0;
  std::vector<std::string> mistakes;  // that were seen at once

  const ConsumeRecord* find(std::string_view group, std::string_view key) const {
    const auto seen = groups.find(group);
    if (seen == groups.end()) return nullptr;
    const auto record = seen->second.find(key);
    return record == seen->second.end() ? nullptr : &record->second;
  }
};

}  // namespace rmq::sim
