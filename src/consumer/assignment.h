// Says which queues of its topics a consumer is to hold. The members of the group may divide them,
// or a broker may tell. Loop thread only; owned by the consumer from its start until it closes.
#pragma once

#include <string>
#include <vector>

#include "protocol/message_queue.h"

namespace rmq::consumer {

class AssignmentHandler {
 public:
  // The queues of this topic that this consumer is to hold, all of them. `has_others`: the group
  // has other members, who may hold a queue that is new here.
  virtual void on_assigned(const std::string& topic,
                           const std::vector<protocol::MessageQueue>& queues, bool has_others) = 0;

 protected:
  ~AssignmentHandler() = default;
};

class Assignment {
 public:
  virtual ~Assignment() = default;

  // Why the queues may have to be assigned anew.
  enum class Cause {
    registered,       // a broker has taken a heartbeat of the consumer that was news to it
    members_changed,  // a broker says so
    subscribed,       // the consumer has other topics, or another filter
    route,            // of a topic of the consumer
    broker_missed,    // the connection to a broker ended
  };
  virtual void request(Cause cause) = 0;
};

}  // namespace rmq::consumer
