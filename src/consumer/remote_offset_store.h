// The offsets of a clustering group. They are kept in memory for the queues that are held, and told
// to the brokers, which keep them for the group (protocol.md 10.8). Loop thread only; owned by the
// consumer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>

#include "cluster/call_set.h"
#include "consumer/consumer_context.h"

namespace rmq::consumer {

class RemoteOffsetStore {
 public:
  explicit RemoteOffsetStore(ConsumerContext& context) : context_(context) {}

  // What a broker may answer for a young queue, whose first message is still in memory, when the
  // group has no offset there (protocol.md 5.2).
  enum class YoungQueue : std::uint8_t {
    zero,     // as Java's clients ask: a queue that was added to a topic is read from its start
    unknown,  // nothing stored; brokers before 5.0 do not know this question and answer 0
  };

  // Asks the broker for what is stored; nothing when there is no offset for the group. The set is
  // the caller's.
  using Fetched = std::function<void(base::Result<std::optional<std::int64_t>>)>;
  void fetch(const protocol::MessageQueue& queue, YoungQueue young, cluster::CallSet& calls,
             Fetched done);

  // A queue was gained. `stored`: the broker has this offset already.
  void hold(const protocol::MessageQueue& queue, std::int64_t offset, bool stored);
  // Only upward.
  void update(const protocol::MessageQueue& queue, std::int64_t offset);
  // To where the broker says that the queue goes on, perhaps backward.
  void correct(const protocol::MessageQueue& queue, std::int64_t offset);
  void forget(const protocol::MessageQueue& queue);

  // Tells the broker, unless it has taken this offset or is being told. What it has not confirmed
  // is told again when this is called again.
  void persist(const protocol::MessageQueue& queue);
  // Tells the brokers all that they have not confirmed, for the last time. Where there is no
  // connection it is waited for until `deadline`, and `done` is kept for as long.
  void flush(base::Instant deadline, const std::function<void()>& done);
  // The broker may have lost what it confirmed.
  void doubt(std::string_view topic, std::string_view broker_name);

 private:
  struct Entry {
    std::int64_t offset = 0;
    std::int64_t persisted = -1;  // confirmed by the broker
    std::int64_t telling = -1;    // under way
  };

  std::string make_frame(const protocol::MessageQueue& queue, std::int64_t offset,
                         std::int32_t flags) const;
  void take_confirmation(const protocol::MessageQueue& queue, std::int64_t offset,
                         const base::Result<cluster::CallAnswer>& answer);

  ConsumerContext& context_;
  std::unordered_map<protocol::MessageQueue, Entry> entries_;
  cluster::CallSet calls_;
};

}  // namespace rmq::consumer
