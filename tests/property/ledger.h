// What the users of a simulated world saw: every send and how it ended, every message and who
// consumed it. Invariants compare it with what the brokers have stored.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "base/instant.h"

namespace rmq::sim {

class WatchedQueue;

struct SendRecord {
  std::string key;  // in KEYS; no two sends have the same
  std::string body;
  std::string topic;
  std::string tag;
  std::string order;           // of an ordered send: its process and its sharding key
  std::uint64_t ended_as = 0;  // the how manieth of all ends that users saw
  bool is_oneway = false;
  int events = 0;
  bool is_applied = false;
  base::Outcome outcome = base::Outcome::not_applied;
  base::ErrorCode code = base::ErrorCode::OK;
  int attempts_max = 1;
  int uncertain_attempts = 0;  // that may have stored it, or did, and did not end the send well
  bool is_cancelled = false;
  base::Duration time_limit{};
  base::Instant due{};
  base::Duration look_after{};  // how long the user may take to look at the event
  base::Instant ended_at{};
  const WatchedQueue* queue = nullptr;  // for its event
  bool is_given_up = false;             // the queue was destroyed before the event was taken
};

// A flush or a close.
struct OperationRecord {
  const char* name = "";
  base::Instant due{};
  base::Duration look_after{};
  base::Instant ended_at{};
  int events = 0;
  const WatchedQueue* queue = nullptr;
  bool is_given_up = false;
};

// What one group has seen of one message, of which brokers may hold several copies.
struct ConsumeRecord {
  using Place = std::tuple<std::string, std::int32_t, std::int64_t>;  // broker name, queue, offset
  int deliveries = 0;
  int consumed = 0;        // answered SUCCESS by the user
  int consumed_again = 0;  // of these, from the retry topic
  std::set<Place> places;  // of the others
};

struct Ledger {
  std::vector<SendRecord> sends;  // by token
  std::uint64_t ends = 0;         // of sends, that users saw
  std::map<std::string, std::map<std::string, ConsumeRecord, std::less<>>, std::less<>>
      groups;                               // group, body
  std::vector<OperationRecord> operations;  // that were accepted; by token
  std::uint64_t deliveries = 0;
  std::uint64_t stale_answers = 0;
  std::uint64_t background_errors = 0;  // error events: they belong to no operation
  // What invariants looked at, and what they left out.
  std::uint64_t checked_messages = 0;
  std::uint64_t checked_offsets = 0;
  std::uint64_t checked_ordered = 0;
  std::uint64_t exempt_messages = 0;
  std::uint64_t checked_last_offsets = 0;  // of consumers whose runtime was destroyed
  std::vector<std::string> mistakes;       // that were seen at once

  const ConsumeRecord* find(std::string_view group, std::string_view key) const {
    const auto seen = groups.find(group);
    if (seen == groups.end()) return nullptr;
    const auto record = seen->second.find(key);
    return record == seen->second.end() ? nullptr : &record->second;
  }
};

}  // namespace rmq::sim
