#include "consumer/consumer_context.h"

#include <cassert>

#include "protocol/names.h"

namespace rmq::consumer {

ConsumerContext::ConsumerContext(const std::shared_ptr<client::Host>& context_host,
                                 const ConsumerOptions& context_options,
                                 std::shared_ptr<event::EventQueue> event_queue,
                                 event::Tag event_tag)
    : host(*context_host),
      weak_host(context_host),
      options(context_options),
      retry_topic(protocol::retry_topic(context_options.group)),
      queue(std::move(event_queue)),
      tag(event_tag),
      troubles_(host, options.group,
                options.tells_errors ? client::ErrorDoor(queue, tag) : client::ErrorDoor()) {}

const protocol::SubscriptionData* ConsumerContext::find_subscription(std::string_view topic) const {
  const auto found = subscriptions.find(topic);
  return found == subscriptions.end() ? nullptr : &found->second;
}

cluster::Endpoint* ConsumerContext::find_broker(const protocol::MessageQueue& message_queue,
                                                std::int64_t broker_id, bool or_any) {
  const cluster::RoutePtr route = core().routes().find(message_queue.topic);
  return route ? route->find_endpoint(message_queue, broker_id, or_any) : nullptr;
}

void ConsumerContext::add_cached(std::size_t messages, std::size_t bytes) {
  cached_messages_ += messages;
  cached_bytes_ += bytes;
}

void ConsumerContext::remove_cached(std::size_t messages, std::size_t bytes) noexcept {
  assert(cached_messages_ >= messages);
  assert(cached_bytes_ >= bytes);
  cached_messages_ -= messages;
  cached_bytes_ -= bytes;
  // Those that come first go first; each may take the room again.
  while (has_room()) {
    RoomWaiter* waiter = waiters_.pop_front();
    if (waiter == nullptr) return;
    waiter->on_room();
  }
}

void ConsumerContext::discard_withdrawn() noexcept {
  core().flush_events();
  queue->discard_withdrawn();
}

void ConsumerContext::log(event::LogLevel level, std::string_view operation,
                          const protocol::MessageQueue& message_queue) noexcept {
  client::Logger& logger = core().logger();
  if (!logger.is_enabled(level)) return;
  try {
    logger.write(level, operation,
                 "group=" + options.group + " topic=" + message_queue.topic +
                     " broker=" + message_queue.broker_name +
                     " queue=" + std::to_string(message_queue.queue_id));
  } catch (const std::bad_alloc&) {
    // A log line may be lost.
  }
}

}  // namespace rmq::consumer
