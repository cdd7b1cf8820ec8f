// Long polling: the pulls that wait for a message. A message wakes the pulls whose filter takes it.
// All others are looked at every few seconds, counted from the start of the broker. Only such a
// look notices that the time of a pull has passed. So an answer may come one interval late, as from
// a real broker. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testbroker/pull.h"
#include "transport/loop.h"

namespace rmq::testbroker {

class ServerState;

struct HeldPullLimits {
  std::size_t pulls = 100'000;
  std::size_t bytes = 64u << 20;
};

class HeldPulls final : private transport::TimerHandler {
 public:
  HeldPulls(ServerState& state, HeldPullLimits limits);

  // `ticket` names the request to answer. False when the bound is reached: answer it at once.
  bool hold(std::uint64_t ticket, Pull pull, TagFilter filter);
  // A message was stored; who waits for it is woken by wake_arrivals().
  void note_arrival(std::string_view topic, std::int32_t queue_id, std::int64_t offset);
  void wake_arrivals();
  void remove_connection(std::uint64_t connection);
  void check_all();  // what the timer does
  std::size_t size() const { return count_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Held {
    std::uint64_t ticket = 0;
    Pull pull;
    TagFilter filter;
    base::Instant due;
  };
  using Queue = std::pair<std::string, std::int32_t>;  // topic and id

  void on_timer() override { check_all(); }
  // Takes those out for which `wanted` holds.
  template <typename Wanted>
  void wake(std::vector<Held>& waiting, const Wanted& wanted, std::vector<Held>* woken);
  void plan_look();
  void drop_empty_queues();
  void answer(std::vector<Held> woken);
  bool has_match(const Queue& queue, std::int64_t first_offset, const TagFilter& filter) const;

  ServerState& state_;
  const HeldPullLimits limits_;
  const base::Instant started_at_;
  std::map<Queue, std::vector<Held>> queues_;
  std::map<Queue, std::int64_t> arrivals_;  // first new offset
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  bool timer_armed_ = false;
  std::unique_ptr<transport::Timer> timer_;
};

}  // namespace rmq::testbroker
