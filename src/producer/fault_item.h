// What one producer knows of one broker's faults. The routes of its topics share the item, so
// sending threads read it beside the queues that they choose from. It goes with the last route that
// names the broker at this address.
//
// Any thread reads; only the LatencyTable writes, on the loop.
#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "base/instant.h"
#include "cluster/endpoint.h"

namespace rmq::producer {

class FaultItem {
 public:
  FaultItem(std::string broker_name, cluster::EndpointPtr master)
      : broker_name_(std::move(broker_name)), master_(std::move(master)) {}
  FaultItem(const FaultItem&) = delete;
  FaultItem& operator=(const FaultItem&) = delete;

  // It was neither slow nor failed lately.
  bool is_available(base::Instant now) const {
    return available_from_.load(std::memory_order_relaxed) <= now;
  }
  // It has answered since it last failed.
  bool is_reachable() const { return is_reachable_.load(std::memory_order_relaxed); }

 private:
  friend class LatencyTable;

  const std::string broker_name_;
  const cluster::EndpointPtr master_;
  std::atomic<base::Instant> available_from_{base::Instant{}};
  std::atomic<bool> is_reachable_{true};

  // Loop thread.
  bool is_listed_ = false;  // among the faulty ones
  bool is_asked_ = false;
  int rounds_ = 0;  // of time-outs after rests, without a success
  base::Instant asked_at_{};
  std::string topic_;  // of the try that failed: what the broker is asked about
  std::int32_t queue_id_ = 0;
};

}  // namespace rmq::producer
