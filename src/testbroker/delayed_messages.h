// Messages with a delay level. They wait in the queues of protocol::kScheduleTopic, one per level,
// where a test can see them. When their time has come, they are copied to the topic that they were
// meant for. Loop thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "testbroker/store.h"
#include "transport/loop.h"

namespace rmq::testbroker {

class ServerState;

class DelayedMessages final : private transport::TimerHandler {
 public:
  explicit DelayedMessages(ServerState& state);

  // 0 when the message is to be delivered at once.
  std::int32_t level_of(const Message& message) const;
  const Message& add(Message message, std::int32_t level);
  void deliver_due();
  // A slave becomes the master and goes on where the old one was, with what it has of it.
  void take_over(const DelayedMessages& other);
  void clear();
  std::size_t size() const;

 private:
  struct Waiting {
    base::Instant due;
    std::int64_t queue_offset = 0;
  };

  void on_timer() override { deliver_due(); }
  void deliver(std::int32_t queue_id, std::int64_t queue_offset);
  void forget_dropped(std::int32_t queue_id);
  void arm_timer();

  ServerState& state_;
  std::vector<std::deque<Waiting>> levels_;  // each in order of due time
  std::unique_ptr<transport::Timer> timer_;
};

}  // namespace rmq::testbroker
