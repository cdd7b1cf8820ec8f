// Where the offsets of a group's queues are kept between the holders of a queue: with the brokers,
// or with this client. Loop thread only; owned by the consumer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/instant.h"
#include "cluster/call_set.h"
#include "protocol/message_queue.h"

namespace rmq::consumer {

class OffsetStore {
 public:
  virtual ~OffsetStore() = default;

  // What a broker may answer for a young queue, whose first message is still in memory, when the
  // group has no offset there (protocol.md 5.2).
  enum class YoungQueue : std::uint8_t {
    zero,     // as Java's clients ask: a queue that was added to a topic is read from its start
    unknown,  // nothing stored; brokers before 5.0 do not know this question and answer 0
  };

  // Looks for what is stored; nothing when there is no offset for the group. The set is the
  // caller's; `done` is called once, perhaps in here, unless the set ends before.
  using Fetched = std::function<void(base::Result<std::optional<std::int64_t>>)>;
  virtual void fetch(const protocol::MessageQueue& queue, YoungQueue young, cluster::CallSet& calls,
                     Fetched done) = 0;

  // A queue was gained. `stored`: the store has this offset already.
  virtual void hold(const protocol::MessageQueue& queue, std::int64_t offset, bool stored) = 0;
  // Only upward.
  virtual void update(const protocol::MessageQueue& queue, std::int64_t offset) = 0;
  // To where the broker says that the queue goes on, perhaps backward.
  virtual void correct(const protocol::MessageQueue& queue, std::int64_t offset) = 0;
  virtual void forget(const protocol::MessageQueue& queue) = 0;

  // Stores the offset, unless that was done or is under way. What was not confirmed is stored again
  // when this is called again.
  virtual void persist(const protocol::MessageQueue& queue) = 0;
  // Stores all that was not confirmed, for the last time. `done` is kept until that is over, or
  // until `deadline`.
  virtual void flush(base::Instant deadline, const std::function<void()>& done) = 0;
  // The consumer is closed: what persist() has begun is forgotten, what flush() has begun goes on.
  virtual void stop() noexcept = 0;
  // The broker may have lost what it confirmed.
  virtual void doubt(std::string_view topic, std::string_view broker_name) = 0;
};

}  // namespace rmq::consumer
