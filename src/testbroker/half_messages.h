// The half messages of transactions. They wait in queue 0 of protocol::kHalfTopic, where a test can
// see them, until END_TRANSACTION says how the transaction ends. In rounds the broker asks the
// producers of their group about those that wait too long. As a real broker does, it stores such a
// message anew before it asks, and asks about the new copy. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "protocol/end_transaction.h"
#include "testbroker/refusal.h"
#include "testbroker/store.h"
#include "transport/loop.h"

namespace rmq::testbroker {

class ServerState;

class HalfMessages final : private transport::TimerHandler {
 public:
  explicit HalfMessages(ServerState& state);

  static bool is_half(const Message& message);
  const Message& add(Message message);
  // Commit or rollback. A copy that has ended before is committed again, as by a real broker.
  Refusal end(const protocol::EndTransactionRequest& request);
  // A round now: asks about all that wait for longer than the time-out.
  void ask_round();
  // A slave becomes the master and goes on where the old one was, with what it has of it.
  void take_over(const HalfMessages& other);
  void clear();
  // The process is awake again.
  void resume() { arm_timer(); }
  std::size_t size() const { return waiting_.size(); }
  std::uint64_t asked() const { return asked_; }

 private:
  struct Waiting {
    base::Instant since;  // when the transaction was begun
    int checks = 0;
  };

  void on_timer() override;
  bool ask(const Message& half);
  void ask_about(std::int64_t queue_offset, Waiting waiting);
  void give_up(const Message& half);
  void arm_timer();

  ServerState& state_;
  std::map<std::int64_t, Waiting> waiting_;  // by queue offset
  base::Instant round_due_ = base::kNever;
  std::uint64_t turn_ = 0;  // among the connections of a group
  std::uint64_t asked_ = 0;
  std::unique_ptr<transport::Timer> timer_;
};

}  // namespace rmq::testbroker
