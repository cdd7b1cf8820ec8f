#include "consumer/remote_offset_store.h"

#include <algorithm>

namespace rmq::consumer {

using base::ErrorCode;

void RemoteOffsetStore::fetch(const protocol::MessageQueue& queue, YoungQueue young,
                              cluster::CallSet& calls, Fetched done) {
  cluster::Endpoint* broker = context_.find_broker(queue, protocol::kMasterId, true);
  if (broker == nullptr) {
    done(base::make_error(
        ErrorCode::BROKER_NOT_AVAILABLE,
        "the route of " + queue.topic + " has no address of the broker " + queue.broker_name));
    return;
  }
  protocol::QueryConsumerOffsetRequest request;
  request.consumer_group = context_.options.group;
  request.topic = queue.topic;
  request.queue_id = queue.queue_id;
  request.set_zero_if_not_found = young == YoungQueue::zero;
  calls.ask({broker->connection(), queue.broker_name}, request, {},
            context_.now() + context_.options.request_timeout, std::move(done));
}

void RemoteOffsetStore::hold(const protocol::MessageQueue& queue, std::int64_t offset,
                             bool stored) {
  entries_[queue] = {offset, stored ? offset : -1};
}

void RemoteOffsetStore::update(const protocol::MessageQueue& queue, std::int64_t offset) {
  const auto found = entries_.find(queue);
  if (found != entries_.end()) found->second.offset = std::max(found->second.offset, offset);
}

void RemoteOffsetStore::correct(const protocol::MessageQueue& queue, std::int64_t offset) {
  entries_[queue] = {offset, -1};
}

void RemoteOffsetStore::forget(const protocol::MessageQueue& queue) { entries_.erase(queue); }

protocol::UpdateConsumerOffsetRequest RemoteOffsetStore::make_update(
    const protocol::MessageQueue& queue, std::int64_t offset) const {
  protocol::UpdateConsumerOffsetRequest request;
  request.consumer_group = context_.options.group;
  request.topic = queue.topic;
  request.queue_id = queue.queue_id;
  request.commit_offset = offset;
  return request;
}

void RemoteOffsetStore::persist(const protocol::MessageQueue& queue) {
  const auto found = entries_.find(queue);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  const std::int64_t offset = entry.offset;
  if (offset == entry.persisted || offset == entry.telling) return;
  cluster::Endpoint* broker = context_.find_broker(queue, protocol::kMasterId, true);
  if (broker == nullptr) return;
  calls_.ask({broker->connection(), queue.broker_name}, make_update(queue, offset), {},
             context_.now() + context_.options.request_timeout,
             [this, queue, offset](const auto& answer) { take_end(queue, offset, answer.ok()); });
  entry.telling = offset;
}

void RemoteOffsetStore::take_end(const protocol::MessageQueue& queue, std::int64_t offset,
                                 bool is_confirmed) {
  const auto found = entries_.find(queue);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (entry.telling == offset) entry.telling = -1;
  if (is_confirmed) entry.persisted = offset;
}

// One-way over an open connection. The broker answers later requests on it only after it has read
// the offsets. One of these takes this member off its group.
void RemoteOffsetStore::flush(base::Instant deadline, const std::function<void()>& done) {
  for (const auto& [queue, entry] : entries_) {
    if (entry.offset == entry.persisted) continue;
    cluster::Endpoint* broker = context_.find_broker(queue, protocol::kMasterId, true);
    if (broker == nullptr) continue;
    const cluster::Target target{broker->connection(), queue.broker_name};
    const auto update = make_update(queue, entry.offset);
    if (target.connection.state() == remoting::ConnectionState::open) {
      last_calls_.tell(target, update, {}, context_.now() + context_.options.request_timeout);
    } else {
      last_calls_.ask(
          target, update, {}, deadline, [done](const auto&) { done(); },
          cluster::CallSet::WhenAway::wait);
    }
  }
}

void RemoteOffsetStore::doubt(std::string_view topic, std::string_view broker_name) {
  for (auto& [queue, entry] : entries_) {
    if (queue.topic == topic && queue.broker_name == broker_name) entry.persisted = -1;
  }
}

}  // namespace rmq::consumer
