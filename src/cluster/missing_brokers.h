// The brokers that have left one topic's route. Most often a broker that leaves is restarted and
// comes back under its name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "protocol/topic_route.h"

namespace rmq::cluster {

class MissingBrokers {
 public:
  struct Broker {
    std::string name;
    base::Instant since;
  };
  struct Change {
    bool has_new = false;
    bool is_one_back = false;
  };

  // One route of the topic follows another. Throws std::bad_alloc, and has changed nothing then.
  Change follow(const protocol::TopicRoute& earlier, const protocol::TopicRoute& later,
                base::Instant now);
  // Those that have been away for so long that they will hardly come back.
  void forget_old(base::Instant now) noexcept;

  const std::vector<Broker>& all() const { return brokers_; }
  bool empty() const { return brokers_.empty(); }
  // The broker left a moment ago.
  bool is_in_haste(std::string_view name, base::Instant now) const noexcept;

 private:
  const Broker* find(std::string_view name) const noexcept;

  std::vector<Broker> brokers_;  // each name once
};

}  // namespace rmq::cluster
