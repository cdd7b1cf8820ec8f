#include "consumer/remote_offset_store.h"

#include <algorithm>

#include "protocol/offsets.h"
#include "protocol/request_frame.h"
#include "protocol/response_code.h"

namespace rmq::consumer {

using base::ErrorCode;

namespace {

base::Result<std::optional<std::int64_t>> read_answer(base::Result<cluster::CallAnswer> answer,
                                                      const std::string& address) {
  if (!answer.ok()) return answer.take_error();
  const wire::CommandView& response = *answer.value().response;
  if (response.code == static_cast<std::int32_t>(protocol::ResponseCode::QUERY_NOT_FOUND))
    return std::optional<std::int64_t>();
  if (!protocol::is_success(response)) {
    return protocol::error_from_response(
        response, base::ServerRole::broker,
        static_cast<std::int32_t>(protocol::RequestCode::QUERY_CONSUMER_OFFSET), address);
  }
  auto offset = protocol::parse_offset_response(response);
  if (!offset.ok()) return offset.take_error();
  // Java takes a negative one for none.
  if (offset.value() < 0) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(offset.value());
}

}  // namespace

void RemoteOffsetStore::fetch(const protocol::MessageQueue& queue, YoungQueue young,
                              cluster::CallSet& calls, Fetched done) {
  const auto broker = context_.find_broker(queue, protocol::kMasterId, true);
  if (!broker.connection) {
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
  request.broker_name = queue.broker_name;
  calls.start(*broker.connection, protocol::make_frame(request),
              context_.now() + context_.options.request_timeout,
              [done = std::move(done), address = broker.connection->options().peer.to_text()](
                  base::Result<cluster::CallAnswer> answer) {
                base::Result<std::optional<std::int64_t>> offset = std::optional<std::int64_t>();
                try {
                  offset = read_answer(std::move(answer), address);
                } catch (const std::bad_alloc&) {
                  offset = base::make_memory_error();
                }
                done(std::move(offset));
              });
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

std::string RemoteOffsetStore::make_frame(const protocol::MessageQueue& queue, std::int64_t offset,
                                          std::int32_t flags) const {
  protocol::UpdateConsumerOffsetRequest request;
  request.consumer_group = context_.options.group;
  request.topic = queue.topic;
  request.queue_id = queue.queue_id;
  request.commit_offset = offset;
  request.broker_name = queue.broker_name;
  return protocol::make_frame(request, {}, flags);
}

void RemoteOffsetStore::persist(const protocol::MessageQueue& queue) {
  const auto found = entries_.find(queue);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  const std::int64_t offset = entry.offset;
  if (offset == entry.persisted || offset == entry.telling) return;
  const auto broker = context_.find_broker(queue, protocol::kMasterId, true);
  if (!broker.connection) return;
  calls_.start(*broker.connection, make_frame(queue, offset, 0),
               context_.now() + context_.options.request_timeout,
               [this, queue, offset](base::Result<cluster::CallAnswer> answer) {
                 take_confirmation(queue, offset, answer);
               });
  entry.telling = offset;
}

void RemoteOffsetStore::take_confirmation(const protocol::MessageQueue& queue, std::int64_t offset,
                                          const base::Result<cluster::CallAnswer>& answer) {
  const auto found = entries_.find(queue);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (entry.telling == offset) entry.telling = -1;
  if (answer.ok() && protocol::is_success(*answer.value().response)) entry.persisted = offset;
}

// One-way over an open connection. The broker answers later requests on it only after it has read
// the offsets. One of these takes this member off its group.
void RemoteOffsetStore::flush(base::Instant deadline, const std::function<void()>& done) {
  for (const auto& [queue, entry] : entries_) {
    if (entry.offset == entry.persisted) continue;
    const auto broker = context_.find_broker(queue, protocol::kMasterId, true);
    if (!broker.connection) continue;
    if (broker.connection->state() == remoting::ConnectionState::open) {
      calls_.start_oneway(*broker.connection, make_frame(queue, entry.offset, wire::kFlagOneway),
                          context_.now() + context_.options.request_timeout);
    } else {
      calls_.start(
          *broker.connection, make_frame(queue, entry.offset, 0), deadline,
          [done](const base::Result<cluster::CallAnswer>&) { done(); },
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
