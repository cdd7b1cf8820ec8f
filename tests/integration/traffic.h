// Messages that go through a cluster and come back while a test disturbs it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/integration/routed_clients.h"

namespace rmq::test {

struct TrafficFigures {
  std::size_t sent = 0;  // calls that were accepted; each ends as one of the next three
  std::size_t applied = 0;
  std::size_t maybe_applied = 0;
  std::size_t not_applied = 0;
  std::size_t refused = 0;                     // calls that were not
  std::map<std::int32_t, std::size_t> errors;  // of sends and refused calls, by code
  std::size_t consumed = 0;                    // different messages
  std::size_t duplicates = 0;                  // deliveries of a message beyond its first
  std::size_t redelivered = 0;       // of the duplicates: not stored once more, but delivered
  std::size_t maybe_consumed = 0;    // of those that were maybe applied
  std::size_t lost = 0;              // applied and not consumed
  std::size_t wrongly_consumed = 0;  // not applied and consumed
  std::size_t unended = 0;           // accepted and without an event
  std::size_t ended_twice = 0;
};

// A point in time on the clock of this process and on that of the servers.
struct Moment {
  std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
  std::int64_t wall_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
};

// A producer and a push consumer on one runtime, used by a thread of their own that nobody
// disturbs. All functions: the test's thread.
class Traffic {
 public:
  // Sends `rate` messages a second to a topic, by route, and consumes them from `queues` queues.
  Traffic(const Servers& servers, const std::string& topic, std::size_t queues, int rate);
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  TrafficFigures figures() const;
  // How many seconds after `since` the first message that was stored later came from each queue;
  // waits until all have an entry, or the time is up.
  std::map<std::string, double> wait_for_queues(const Moment& since,
                                                std::chrono::seconds limit) const;
  // Sends no more; waits until every applied message was consumed, or the time is up, and then on
  // until no delivery came for `quiet`.
  void finish(std::chrono::seconds limit, std::chrono::milliseconds quiet);

 private:
  enum class Fate : std::uint8_t { refused, pending, applied, maybe_applied, not_applied };
  struct Message {
    Fate fate = Fate::refused;
    std::size_t events = 0;
    std::size_t deliveries = 0;
  };
  struct Arrival {
    std::chrono::steady_clock::time_point at;
    std::int64_t store_timestamp_ms;
  };

  void run();
  void send_what_is_due();
  void send_one();
  void take(const rmq_event_view_t& view);
  void take_delivery(const rmq_event_view_t& view);

  const std::string topic_;
  const std::size_t queues_;
  const int rate_;
  GroupMember member_;  // its runtime and events serve the producer, too
  abi::Producer producer_;
  const Moment start_;

  mutable std::mutex mutex_;       // of all up to here
  std::vector<Message> messages_;  // by token, which is the body, too
  std::map<std::int32_t, std::size_t> errors_;
  std::map<std::string, std::vector<Arrival>> arrivals_;   // by queue
  std::set<std::pair<std::string, std::int64_t>> places_;  // queue and offset of what came
  std::size_t redelivered_ = 0;
  Moment last_delivery_;

  std::atomic<bool> is_sending_{true};
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

// One line for each figure.
void print(const TrafficFigures& figures);

}  // namespace rmq::test
