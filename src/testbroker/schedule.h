// Everything a server does later, on one timer of its loop. Entries of one instant run in the order
// in which they were made. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "transport/loop.h"

namespace rmq::testbroker {

class Schedule final : private transport::TimerHandler {
 public:
  explicit Schedule(transport::Loop& loop) : loop_(loop), timer_(loop.make_timer(*this)) {}

  void after(base::Duration delay, std::function<void()> action);
  void clear() { actions_.clear(); }  // what runs at this instant still does
  std::size_t size() const { return actions_.size(); }

 private:
  void on_timer() override;

  transport::Loop& loop_;
  std::unique_ptr<transport::Timer> timer_;
  std::multimap<base::Instant, std::function<void()>> actions_;
};

}  // namespace rmq::testbroker
