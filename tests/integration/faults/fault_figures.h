// What a fault did to one side, computed from its records and from what the brokers have stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/faults/contestant.h"

namespace rmq::test {

// Key -> the places ("broker-a:3", offset) at which a message with that key is stored.
using StoredKeys = std::map<std::string, std::vector<std::pair<std::string, std::int64_t>>>;

// Seconds from the end of a fault until the first success of what began after it.
struct Recovery {
  std::optional<double> single;    // a send of the sender that waits
  std::optional<double> many;      // a send of the one that does not
  std::optional<double> delivery;  // a delivery from any queue
  std::optional<double> whole;     // all of these, and a delivery from every queue
};

// All times are in seconds. Deliveries count from the beginning of the fault.
struct FaultFigures {
  double single_gap = 0;       // longest time without a successful send, of the sender that waits
  double many_gap = 0;         // the same, of the one that does not
  double delivery_gap = 0;     // longest time without any delivery
  double latest_delivery = 0;  // longest time from a successful send to its first delivery
  Recovery recovery;
  std::size_t applied = 0;
  std::size_t maybe_applied = 0;
  std::size_t not_applied = 0;
  std::size_t missing = 0;          // applied, but not stored
  std::size_t falsely_denied = 0;   // not applied, but stored
  std::size_t maybe_stored = 0;     // maybe applied, and stored
  std::size_t stored_twice = 0;     // copies in the store beyond the first of a key
  std::size_t undelivered = 0;      // keys that are stored and were never delivered whole
  std::size_t corrupt = 0;          // damaged bodies that were delivered as if they were whole
  std::size_t delivered = 0;        // different places of the store that were delivered
  std::size_t delivered_twice = 0;  // deliveries of a place beyond its first
  std::size_t queue_moves = 0;
  std::size_t connections = 0;                // that were made
  std::map<std::string, std::size_t> errors;  // of sends
};

// The part of a run that is judged, in the clock of the records.
struct FaultWindow {
  std::int64_t fault_begin_ns = 0;
  std::int64_t fault_end_ns = 0;
  std::int64_t sending_end_ns = 0;
};

// Counts messages whose send began after `since_ns`.
Recovery recovery_since(const TrafficRecords& records, std::int64_t since_ns,
                        std::size_t queue_count);

// True when every message that was said to be stored was delivered whole.
bool is_all_delivered(const TrafficRecords& records);

FaultFigures figures_of(const TrafficRecords& records, const StoredKeys& stored,
                        const FaultWindow& window);

// A line of the table, and the one above all lines.
std::string table_head();
std::string table_line(const std::string& scenario, const std::string& version,
                       const std::string& side, const FaultFigures& figures);

}  // namespace rmq::test
