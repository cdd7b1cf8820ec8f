// The servers of one broker name: a master, and slaves that hold a copy of its topics, messages and
// committed offsets. A slave has its copy as soon as the master has the data, or some time later. A
// slave that comes up, or whose master does, becomes a copy of its master as a whole. Data that a
// dead master had not passed on is lost if a slave takes over. The servers outlive this. Loop
// thread only; they may stand on loops of their own in one simulated world.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/error.h"
#include "testbroker/replicator.h"
#include "transport/loop.h"

namespace rmq::testbroker {

class ReplicaSet final : public Replicator, private transport::TimerHandler {
 public:
  explicit ReplicaSet(base::Duration lag) : lag_(lag) {}
  ~ReplicaSet();
  ReplicaSet(const ReplicaSet&) = delete;
  ReplicaSet& operator=(const ReplicaSet&) = delete;

  void add(Server& server);
  Server* master() const;  // null when there are slaves only
  // The slave with the lowest id of those that are up becomes broker id 0 and accepts sends. The
  // old master, down or not, becomes a slave under that slave's id. ARGUMENT when no slave is up.
  base::Status promote();

 private:
  // What the master had at some moment, and when slaves shall have it.
  struct Mark {
    base::Instant opened;
    base::Instant due;
    std::int64_t commit_log_end = 0;
  };

  void on_message(const Message& message) override;
  void on_offset(std::string_view group, std::string_view topic, std::int32_t queue_id,
                 std::int64_t offset) override;
  void on_topic(const TopicConfig& topic) override;
  void on_topic_removed(std::string_view topic) override;
  void on_up(Server& server) override;
  void on_timer() override;

  void note_change();
  template <typename Action>
  void for_each_slave(Action action);  // that is up and not frozen

  const base::Duration lag_;
  std::vector<Server*> servers_;
  std::deque<Mark> marks_;
  std::unique_ptr<transport::Timer> timer_;
};

}  // namespace rmq::testbroker
