// What the brokers of a world have ever stored, read from their stores step by step, so that it
// outlives a broker's memory.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "testbroker/store.h"

namespace rmq::test {
class MemoryCluster;
}

namespace rmq::sim {

struct StoredEntry {
  std::string key;
  std::string tag;
  std::int32_t reconsume_times = 0;
};

// One queue since its broker last lost its memory.
struct AuditedQueue {
  std::size_t broker = 0;
  std::string topic;
  std::int32_t queue_id = 0;
  std::vector<StoredEntry> entries;  // by queue offset
  int generation = 0;                // how often it lost it
  // Offsets below were in use before the broker lost its memory: clients may still be beyond.
  std::int64_t unsafe_below = 0;
};

class StoreAudit {
 public:
  explicit StoreAudit(test::MemoryCluster& cluster) : cluster_(cluster) {}

  // Reads what was stored since the last time.
  void scan();
  // The broker is about to lose its memory. Scans first.
  void note_memory_lost(std::size_t broker);

  // How often a message was stored for its topic, delayed ones included, on all brokers ever.
  int copies(std::string_view topic, std::string_view key) const;
  // True when a copy of at least that count of deliveries is kept for the group to consume again,
  // or as a dead letter.
  bool was_sent_back(std::string_view group, std::string_view key,
                     std::int32_t reconsume_times) const;
  // True when a broker lost its memory after it had taken the message to be consumed again, or took
  // it to where clients had been before it lost its memory.
  bool was_lost_in_retry(std::string_view group, std::string_view key) const;
  bool is_dead_letter(std::string_view group, std::string_view key) const;
  // Queues of the topic, on all brokers.
  const std::vector<AuditedQueue>& queues() const { return queues_; }
  // What waits for its delay to pass, of all brokers.
  std::size_t delayed_count() const;

 private:
  void scan_broker(std::size_t index);
  void forget_beyond(std::size_t broker);
  void take(const AuditedQueue& queue, const testbroker::Message& message);
  AuditedQueue& queue_of(std::size_t broker, const std::string& topic, std::int32_t queue_id);

  using Name = std::pair<std::string, std::string>;  // topic or group, key

  test::MemoryCluster& cluster_;
  // Of each broker: the store that was read last, and its appended() then.
  std::vector<std::pair<const testbroker::Store*, std::uint64_t>> scanned_;
  std::vector<AuditedQueue> queues_;
  std::map<std::tuple<std::size_t, std::string, std::int32_t>, std::size_t> places_;
  std::map<Name, int> copies_;
  std::map<Name, std::int32_t> sent_back_;            // the highest count
  std::map<std::size_t, std::set<Name>> retries_on_;  // by broker, since it lost its memory
  std::set<Name> lost_retries_;
  std::map<Name, int> dead_letters_;
};

}  // namespace rmq::sim
