// From a destination and a route to a queue, and what to say when that leads to none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "producer/destination.h"
#include "producer/publish_route.h"

namespace rmq::producer {

// Of a usable route. `destination`: null for any queue; not one with a callback. `n`: the how
// manieth choice for the topic. `time_of_faults`: now, when some broker is to be left alone. Empty:
// there is no such broker or no queue in the room. The choice may be one that is not present.
std::optional<PublishRoute::Choice> choose_queue(const PublishRoute& route,
                                                 const Destination* destination,
                                                 std::uint64_t key_hash, std::uint32_t n,
                                                 std::optional<base::Instant> time_of_faults);

// The number that `destination`, which goes by the key, makes of a sharding key.
std::uint64_t hash_key(const Destination& destination, std::string_view key);

base::Error make_absence_error(const PublishRoute& route, std::string_view topic,
                               std::string_view broker_name);
base::Error make_room_error(const PublishRoute& route, std::string_view topic,
                            const std::vector<std::string>& rooms);

}  // namespace rmq::producer
