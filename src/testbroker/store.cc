#include "testbroker/store.h"

#include <algorithm>
#include <utility>

#include "protocol/properties.h"

namespace rmq::testbroker {

std::string_view Message::property(std::string_view name) const {
  return protocol::Properties(properties).find(name).value_or("");
}

std::size_t Message::stored_bytes() const {
  constexpr std::size_t kFixedBytes = 84;  // up to the body's length, with IPv4 hosts
  const std::size_t topic_length_bytes = topic.size() > 127 ? 2 : 1;
  return kFixedBytes + 4 + body.size() + topic_length_bytes + topic.size() + 2 + properties.size();
}

const Message& Store::append(Message message) {
  Queue& queue = topics_[message.topic][message.queue_id];
  const std::size_t bytes = message.stored_bytes();
  message.queue_offset = queue.min_offset + static_cast<std::int64_t>(queue.messages.size());
  message.commit_log_offset = commit_log_end_;
  commit_log_end_ += static_cast<std::int64_t>(bytes);
  queue.bytes += bytes;
  bytes_ += bytes;
  ++appended_;
  queue.messages.push_back(std::move(message));
  while (queue.messages.size() > 1 &&
         (queue.messages.size() > limits_.messages_per_queue ||
          queue.bytes > limits_.bytes_per_queue || bytes_ > limits_.bytes)) {
    drop_oldest(queue);
  }
  return queue.messages.back();
}

void Store::drop_oldest(Queue& queue) {
  const std::size_t bytes = queue.messages.front().stored_bytes();
  queue.bytes -= bytes;
  bytes_ -= bytes;
  ++queue.min_offset;
  queue.messages.pop_front();
}

const Store::Queue* Store::find_queue(std::string_view topic, std::int32_t queue_id) const {
  const auto queues = topics_.find(topic);
  if (queues == topics_.end()) return nullptr;
  const auto queue = queues->second.find(queue_id);
  return queue == queues->second.end() ? nullptr : &queue->second;
}

std::int64_t Store::min_offset(std::string_view topic, std::int32_t queue_id) const {
  const Queue* queue = find_queue(topic, queue_id);
  return queue == nullptr ? 0 : queue->min_offset;
}

std::int64_t Store::max_offset(std::string_view topic, std::int32_t queue_id) const {
  const Queue* queue = find_queue(topic, queue_id);
  if (queue == nullptr) return 0;
  return queue->min_offset + static_cast<std::int64_t>(queue->messages.size());
}

const Message* Store::find(std::string_view topic, std::int32_t queue_id,
                           std::int64_t offset) const {
  const Queue* queue = find_queue(topic, queue_id);
  if (queue == nullptr || offset < queue->min_offset) return nullptr;
  const auto index = static_cast<std::size_t>(offset - queue->min_offset);
  return index < queue->messages.size() ? &queue->messages[index] : nullptr;
}

const Message* Store::find_in(const Topic& topic, std::int64_t commit_log_offset) {
  for (const auto& [id, queue] : topic) {
    const auto place = std::lower_bound(
        queue.messages.begin(), queue.messages.end(), commit_log_offset,
        [](const Message& message, auto wanted) { return message.commit_log_offset < wanted; });
    if (place != queue.messages.end() && place->commit_log_offset == commit_log_offset) {
      return &*place;
    }
  }
  return nullptr;
}

const Message* Store::find_at(std::int64_t commit_log_offset, std::string_view likely_topic) const {
  const auto likely = topics_.find(likely_topic);
  if (likely != topics_.end()) {
    if (const Message* message = find_in(likely->second, commit_log_offset)) return message;
  }
  for (const auto& [name, topic] : topics_) {
    if (const Message* message = find_in(topic, commit_log_offset)) return message;
  }
  return nullptr;
}

std::vector<std::string> Store::topics() const {
  std::vector<std::string> names;
  for (const auto& [name, queues] : topics_) names.push_back(name);
  return names;
}

void Store::visit(std::string_view topic, const std::function<bool(const Message&)>& visit) const {
  const auto queues = topics_.find(topic);
  if (queues == topics_.end()) return;
  for (const auto& [id, queue] : queues->second) {
    for (const Message& message : queue.messages) {
      if (!visit(message)) return;
    }
  }
}

std::vector<Message> Store::messages(std::string_view topic) const {
  std::vector<Message> all;
  const auto queues = topics_.find(topic);
  if (queues == topics_.end()) return all;
  for (const auto& [id, queue] : queues->second) {
    all.insert(all.end(), queue.messages.begin(), queue.messages.end());
  }
  std::sort(all.begin(), all.end(), [](const Message& a, const Message& b) {
    return a.commit_log_offset < b.commit_log_offset;
  });
  return all;
}

std::vector<Message> Store::messages(std::string_view topic, std::int32_t queue_id) const {
  const Queue* queue = find_queue(topic, queue_id);
  if (queue == nullptr) return {};
  return {queue->messages.begin(), queue->messages.end()};
}

}  // namespace rmq::testbroker
