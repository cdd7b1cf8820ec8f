#include "tests/property/store_audit.h"

#include <algorithm>

#include "protocol/names.h"
#include "protocol/properties.h"
#include "tests/support/memory_cluster.h"

namespace rmq::sim {
namespace {

constexpr std::int32_t kQueueIdMax = 63;

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace

void StoreAudit::scan() {
  scanned_.resize(cluster_.broker_count());
  for (std::size_t i = 0; i < cluster_.broker_count(); ++i) scan_broker(i);
}

void StoreAudit::scan_broker(std::size_t index) {
  const testbroker::Store& store = cluster_.master(index)->store();
  const std::pair<const testbroker::Store*, std::uint64_t> now(&store, store.appended());
  if (scanned_[index] == now) return;
  if (scanned_[index].first != nullptr && scanned_[index].first != now.first) forget_beyond(index);
  scanned_[index] = now;
  for (const std::string& topic : store.topics()) {
    for (std::int32_t id = 0; id <= kQueueIdMax; ++id) {
      const std::int64_t max = store.max_offset(topic, id);
      if (max == 0) continue;
      AuditedQueue& queue = queue_of(index, topic, id);
      while (static_cast<std::int64_t>(queue.entries.size()) < max) {
        const auto* message =
            store.find(topic, id, static_cast<std::int64_t>(queue.entries.size()));
        queue.entries.push_back({std::string(message->property(protocol::kPropertyKeys)),
                                 std::string(message->property(protocol::kPropertyTags)),
                                 message->reconsume_times});
        take(queue, *message);
      }
    }
  }
}

// Another replica is the master now: what it does not have is lost, and its offsets are used again.
void StoreAudit::forget_beyond(std::size_t broker) {
  const testbroker::Store& store = cluster_.master(broker)->store();
  for (AuditedQueue& queue : queues_) {
    if (queue.broker != broker) continue;
    const auto end = static_cast<std::int64_t>(queue.entries.size());
    const std::int64_t max = store.max_offset(queue.topic, queue.queue_id);
    if (max >= end) continue;
    queue.unsafe_below = std::max(queue.unsafe_below, end);
    queue.entries.resize(static_cast<std::size_t>(max));
    ++queue.generation;
  }
}

void StoreAudit::take(const AuditedQueue& queue, const testbroker::Message& message) {
  const std::string key(message.property(protocol::kPropertyKeys));
  const std::string_view real_topic = message.property(protocol::kPropertyRealTopic);
  const bool is_delayed = message.topic == protocol::kScheduleTopic;
  // A message whose delay has passed was counted when it was stored to wait.
  const std::string target(is_delayed ? real_topic : message.topic);
  if (starts_with(target, protocol::kRetryPrefix)) {
    const Name name{target.substr(protocol::kRetryPrefix.size()), key};
    std::int32_t& count = sent_back_[name];
    count = std::max(count, message.reconsume_times);
    retries_on_[queue.broker].insert(name);
    if (!is_delayed && message.queue_offset < queue.unsafe_below) lost_retries_.insert(name);
  } else if (starts_with(target, protocol::kDlqPrefix)) {
    ++dead_letters_[{target.substr(protocol::kDlqPrefix.size()), key}];
  } else if (is_delayed || real_topic.empty()) {
    ++copies_[{target, key}];
  }
}

void StoreAudit::note_memory_lost(std::size_t broker) {
  scan();
  lost_retries_.merge(retries_on_[broker]);
  retries_on_[broker].clear();
  scanned_[broker] = {};
  for (AuditedQueue& queue : queues_) {
    if (queue.broker != broker) continue;
    queue.unsafe_below =
        std::max(queue.unsafe_below, static_cast<std::int64_t>(queue.entries.size()));
    queue.entries.clear();
    ++queue.generation;
  }
}

int StoreAudit::copies(std::string_view topic, std::string_view key) const {
  const auto found = copies_.find({std::string(topic), std::string(key)});
  return found == copies_.end() ? 0 : found->second;
}

bool StoreAudit::was_sent_back(std::string_view group, std::string_view key,
                               std::int32_t reconsume_times) const {
  const auto found = sent_back_.find({std::string(group), std::string(key)});
  return (found != sent_back_.end() && found->second >= reconsume_times) ||
         is_dead_letter(group, key);
}

bool StoreAudit::was_lost_in_retry(std::string_view group, std::string_view key) const {
  return lost_retries_.contains({std::string(group), std::string(key)});
}

bool StoreAudit::is_dead_letter(std::string_view group, std::string_view key) const {
  return dead_letters_.contains({std::string(group), std::string(key)});
}

AuditedQueue& StoreAudit::queue_of(std::size_t broker, const std::string& topic,
                                   std::int32_t queue_id) {
  const auto [place, is_new] = places_.try_emplace({broker, topic, queue_id}, queues_.size());
  if (is_new) queues_.push_back({broker, topic, queue_id, {}, 0, 0});
  return queues_[place->second];
}

std::size_t StoreAudit::delayed_count() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < cluster_.broker_count(); ++i) {
    count += cluster_.master(i)->state().delayed.size();
  }
  return count;
}

}  // namespace rmq::sim
