// Which member of a group holds which queue of one broker, for orderly consumption. A lock that is
// not renewed ends after its life. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "protocol/lock_batch.h"

namespace rmq::testbroker {

class QueueLocks {
 public:
  QueueLocks(base::Duration life, std::size_t locks_max) : life_(life), locks_max_(locks_max) {}

  // Takes or renews what is free or the client's own; returns what it holds now.
  std::vector<protocol::MessageQueue> lock(const protocol::LockBatchBody& request,
                                           base::Instant now);
  void unlock(const protocol::LockBatchBody& request);
  bool has_live_lock(std::string_view group, base::Instant now) const;
  std::size_t size() const { return count_; }

 private:
  struct Lock {
    std::string client_id;
    base::Instant renewed;
  };
  using Locks = std::map<protocol::MessageQueue, Lock>;

  bool is_live(const Lock& lock, base::Instant now) const { return now - lock.renewed <= life_; }
  bool take(Locks& locks, const protocol::MessageQueue& queue, const std::string& client_id,
            base::Instant now);

  const base::Duration life_;
  const std::size_t locks_max_;
  std::map<std::string, Locks, std::less<>> groups_;
  std::size_t count_ = 0;
};

}  // namespace rmq::testbroker
