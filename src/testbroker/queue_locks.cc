#include "testbroker/queue_locks.h"

#include <algorithm>

#include "testbroker/limits.h"

namespace rmq::testbroker {
namespace {

bool has_sound_names(const protocol::MessageQueue& queue) {
  return queue.topic.size() <= kNameBytesMax && queue.broker_name.size() <= kNameBytesMax;
}

}  // namespace

bool QueueLocks::take(Locks& locks, const protocol::MessageQueue& queue,
                      const std::string& client_id, base::Instant now) {
  const auto held = locks.find(queue);
  if (held == locks.end()) {
    if (count_ >= locks_max_ || !has_sound_names(queue)) return false;
    locks.emplace(queue, Lock{client_id, now});
    ++count_;
    return true;
  }
  if (held->second.client_id != client_id && is_live(held->second, now)) return false;
  held->second = {client_id, now};
  return true;
}

std::vector<protocol::MessageQueue> QueueLocks::lock(const protocol::LockBatchBody& request,
                                                     base::Instant now) {
  std::vector<protocol::MessageQueue> held;
  if (request.consumer_group.size() > kNameBytesMax) return held;
  if (request.client_id.size() > 4 * kNameBytesMax) return held;
  Locks& locks = groups_[request.consumer_group];
  for (const protocol::MessageQueue& queue : request.queues) {
    if (take(locks, queue, request.client_id, now)) held.push_back(queue);
  }
  if (locks.empty()) groups_.erase(request.consumer_group);
  return held;
}

void QueueLocks::unlock(const protocol::LockBatchBody& request) {
  const auto group = groups_.find(request.consumer_group);
  if (group == groups_.end()) return;
  for (const protocol::MessageQueue& queue : request.queues) {
    const auto held = group->second.find(queue);
    if (held == group->second.end() || held->second.client_id != request.client_id) continue;
    group->second.erase(held);
    --count_;
  }
  if (group->second.empty()) groups_.erase(group);
}

bool QueueLocks::has_live_lock(std::string_view group, base::Instant now) const {
  const auto entry = groups_.find(group);
  if (entry == groups_.end()) return false;
  return std::any_of(entry->second.begin(), entry->second.end(),
                     [&](const auto& lock) { return is_live(lock.second, now); });
}

}  // namespace rmq::testbroker
