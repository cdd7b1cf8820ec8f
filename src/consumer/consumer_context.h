// What the parts of one consumer share on the loop. That is its options, its subscriptions, where
// its deliveries go, the way to the brokers, and the sums over all its queues.
//
// Owned by GroupMember, outlives the parts. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/intrusive_list.h"
#include "client/host.h"
#include "client/troubles.h"
#include "consumer/consumer_options.h"
#include "event/event_queue.h"
#include "protocol/message_queue.h"
#include "protocol/subscription.h"

namespace rmq::consumer {

// A queue that may go on once there is room for its messages.
class RoomWaiter : public base::ListNode<RoomWaiter> {
 public:
  virtual void on_room() noexcept = 0;

 protected:
  ~RoomWaiter() = default;
};

class ConsumerContext {
 public:
  ConsumerContext(const std::shared_ptr<client::Host>& host, const ConsumerOptions& options,
                  std::shared_ptr<event::EventQueue> queue, event::Tag tag);
  ConsumerContext(const ConsumerContext&) = delete;
  ConsumerContext& operator=(const ConsumerContext&) = delete;

  client::Host& host;
  const std::weak_ptr<client::Host> weak_host;  // for deliveries, which may outlive it
  const ConsumerOptions& options;
  const std::string retry_topic;
  const std::shared_ptr<event::EventQueue> queue;
  const event::Tag tag;                                                          // of deliveries
  std::map<std::string, protocol::SubscriptionData, std::less<>> subscriptions;  // by topic
  std::uint64_t last_epoch = 0;
  std::int64_t start_wall_ms = 0;

  client::ClientCore& core() { return host.core(); }
  base::Instant now() { return host.core().loop().now(); }
  const protocol::SubscriptionData* find_subscription(std::string_view topic) const;

  // The broker process that serves the queue and has this id. `or_any`: else another of that name.
  // Null: the route has none.
  cluster::Endpoint* find_broker(const protocol::MessageQueue& queue, std::int64_t broker_id,
                                 bool or_any);

  // Room for all queues together, from the pull until the answer was processed.
  bool has_room() const { return options.total_limits.allow(cached_messages_, cached_bytes_); }
  void add_cached(std::size_t messages, std::size_t bytes);
  void remove_cached(std::size_t messages, std::size_t bytes) noexcept;
  // on_room() is called once there is; the waiter may leave the list before.
  void wait_for_room(RoomWaiter& waiter) { waiters_.push_back(waiter); }
  std::size_t cached_messages() const { return cached_messages_; }
  std::size_t cached_bytes() const { return cached_bytes_; }

  // Takes what was withdrawn off the event queue.
  void discard_withdrawn() noexcept;

  // A line about a queue; never throws.
  void log(event::LogLevel level, std::string_view operation,
           const protocol::MessageQueue& queue) noexcept;
  // What goes wrong, for the log and the error events.
  client::Troubles& troubles() { return troubles_; }

 private:
  std::size_t cached_messages_ = 0;
  std::size_t cached_bytes_ = 0;
  base::IntrusiveList<RoomWaiter, RoomWaiter> waiters_;
  client::Troubles troubles_;
};

}  // namespace rmq::consumer
