// The ordered sends of one queue, and of one topic. Loop thread; no logic of its own: OrderedSends
// is the only one that changes these.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/intrusive_list.h"
#include "producer/send_detour.h"

namespace rmq::producer {

struct OrderedTopic;

// One queue of one broker. Brokers work on the requests of one connection in several threads, so
// at most one send of the queue is at its broker.
struct OrderedLane {
  OrderedLane(OrderedTopic& lane_owner, std::string_view broker, std::int32_t id)
      : owner(lane_owner), broker_name(broker), queue_id(id) {}

  OrderedTopic& owner;
  const std::string broker_name;  // of sends to an address: the address and the name
  const std::int32_t queue_id;
  SendAttempt* current = nullptr;  // at the broker, or in the pause before its next try
  base::IntrusiveList<SendDetour, SendDetour> waiting;  // the others, in order
  bool is_advancing = false;
};

struct OrderedTopic {
  using Place = std::pair<std::string_view, std::int32_t>;  // names are those of the lanes

  bool is_by_route = true;
  std::map<Place, std::unique_ptr<OrderedLane>> lanes;
  std::size_t in_lanes = 0;   // sends
  std::uint32_t mapping = 0;  // PublishRoute::mapping() by which those sends have their queues
  bool is_entering = false;
  // Those that wait for a route, or for the end of all that have their queue by another mapping.
  base::IntrusiveList<SendDetour, SendDetour> later;
};

}  // namespace rmq::producer
