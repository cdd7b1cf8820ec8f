#include "tests/abi/walk/world.h"

#include "tests/abi/walk/finding.h"

namespace rmq::walk {

TakenEvents::~TakenEvents() {
  for (rmq_event_t* event : events_) rmq_event_destroy(event);
}

rmq_event_t* TakenEvents::keep(rmq_event_t* event) {
  std::lock_guard lock(mutex_);
  events_.push_back(event);
  if (events_.size() <= kEventsMax) return nullptr;
  rmq_event_t* oldest = events_.front();
  events_.erase(events_.begin());
  return oldest;
}

rmq_event_t* TakenEvents::take() {
  std::lock_guard lock(mutex_);
  if (events_.empty()) return nullptr;
  rmq_event_t* event = events_.back();
  events_.pop_back();
  return event;
}

World::World(std::size_t operations_max) : tokens(operations_max) {
  char why[256] = {};
  broker = rmq_testbroker_start("topic=walk:4", why, sizeof why);
  if (broker == nullptr) report_finding(std::string("no test broker: ") + why);
  namesrv_addr = rmq_testbroker_namesrv_addr(broker);
}

World::~World() { rmq_testbroker_destroy(broker); }

}  // namespace rmq::walk
