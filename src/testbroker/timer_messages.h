// Messages with a timer. They wait in the topic kTimerTopic, where a test can see them. As in the
// wheel of a real broker, they wait by the wall clock, in slots of a second. What the wheel lets go
// is copied to the topic that it was meant for, unless a recall of it waits in the same slot. Loop
// thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "testbroker/refusal.h"
#include "testbroker/store.h"
#include "transport/loop.h"

namespace rmq::testbroker {

class ServerState;

inline constexpr std::string_view kTimerTopic = "rmq_sys_wheel_timer";

class TimerMessages final : private transport::TimerHandler {
 public:
  // As a real broker ships; its slots are so long.
  static constexpr std::int64_t kPrecisionMs = 1000;
  static constexpr std::int64_t kDelayMsMax = 3LL * 24 * 3600 * 1000;

  explicit TimerMessages(ServerState& state);

  // The sender wants a timer, and this broker knows of timers.
  bool is_timed(const Message& message) const;
  // Refuses a timer that is no number or too far away.
  Refusal check(const Message& message) const;
  // Keeps a message that passed the check, for later or at once, and has those woken who wait.
  const Message& add(Message message);
  void deliver_due();
  // A slave becomes the master and goes on where the old one was, with what it has of it.
  void take_over(const TimerMessages& other);
  void clear();
  std::size_t size() const { return waiting_.size(); }

 private:
  void on_timer() override { deliver_due(); }
  void deliver(std::int64_t slot_ms);
  void arm_timer();

  ServerState& state_;
  std::multimap<std::int64_t, std::int64_t> waiting_;  // by slot: the offset in the timer's queue
  std::unique_ptr<transport::Timer> timer_;
};

}  // namespace rmq::testbroker
