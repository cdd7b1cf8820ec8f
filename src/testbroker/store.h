// The messages of one broker, in memory. Each topic has a row of queues, each queue the newest
// messages within bounds, as a real broker keeps the newest three days. Loop thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "transport/address.h"

namespace rmq::testbroker {

struct Message {
  std::string topic;
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;       // set by Store
  std::int64_t commit_log_offset = 0;  // set by Store
  std::int32_t flag = 0;
  std::int32_t sys_flag = 0;
  std::int64_t born_ms = 0;
  std::uint16_t born_port = 0;  // the host is loopback
  std::int64_t store_ms = 0;
  transport::SocketAddress store_host;  // the master that took it, whoever keeps it now
  std::int32_t reconsume_times = 0;
  std::int64_t prepared_transaction_offset = 0;
  std::string properties;  // text, as stored
  std::string body;        // as stored: compressed if sys_flag says so

  // Value of one property; empty when absent.
  std::string_view property(std::string_view name) const;
  std::size_t stored_bytes() const;  // of protocol.md 6.1
};

struct StoreLimits {
  std::size_t messages_per_queue = 1'000'000;
  std::size_t bytes_per_queue = 256u << 20;
  std::size_t bytes = std::size_t{2} << 30;  // of all queues; each keeps its newest message
};

class Store {
 public:
  explicit Store(StoreLimits limits) : limits_(limits) {}

  // Gives the message its offsets and keeps it; the queue's oldest make room. The reference is
  // valid until the next append.
  const Message& append(Message message);

  // A message with the offsets that another store gave it, unless its queue is beyond that. Where
  // the other store has dropped some before, its queue begins anew.
  void append_copy(const Message& message);
  std::int64_t commit_log_end() const { return commit_log_end_; }
  // Messages with a place in the commit log from `begin` on and before `end`, queue by queue.
  void visit_log(std::int64_t begin, std::int64_t end,
                 const std::function<void(const Message&)>& visit) const;

  std::int64_t min_offset(std::string_view topic, std::int32_t queue_id) const;
  std::int64_t max_offset(std::string_view topic, std::int32_t queue_id) const;  // next to come
  const Message* find(std::string_view topic, std::int32_t queue_id, std::int64_t offset) const;
  // By its place in the commit log; looks into the queues of `likely_topic` first.
  const Message* find_at(std::int64_t commit_log_offset, std::string_view likely_topic) const;

  std::vector<std::string> topics() const;  // those with messages
  // Every kept message of the topic, queue by queue, until `visit` says false.
  void visit(std::string_view topic, const std::function<bool(const Message&)>& visit) const;
  // For tests: copies of what is kept now, of all queues of the topic in order of storing.
  std::vector<Message> messages(std::string_view topic) const;
  std::vector<Message> messages(std::string_view topic, std::int32_t queue_id) const;
  std::uint64_t appended() const { return appended_; }  // ever, of all topics
  std::size_t bytes() const { return bytes_; }          // kept now

 private:
  struct Queue {
    std::deque<Message> messages;
    std::int64_t min_offset = 0;
    std::size_t bytes = 0;
  };
  using Topic = std::map<std::int32_t, Queue>;

  static const Message* find_in(const Topic& topic, std::int64_t commit_log_offset);
  const Queue* find_queue(std::string_view topic, std::int32_t queue_id) const;
  const Message& keep(Queue& queue, Message message);
  void drop_oldest(Queue& queue);

  StoreLimits limits_;
  std::map<std::string, Topic, std::less<>> topics_;
  std::int64_t commit_log_end_ = 0;
  std::uint64_t appended_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace rmq::testbroker
