// Where a message is to go, when it is not any queue of its topic. Immutable, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "transport/address.h"

namespace rmq::producer {

struct Destination {
  transport::HostPort address;  // without a host: that of the broker in the topic's route
  std::string broker_name;      // may be empty, but not with the address
  std::int32_t queue_id = 0;    // -1: any queue of the broker

  bool is_by_route() const { return address.host.empty(); }

  // An absent address (null data()) leaves it to the route.
  static base::Result<std::shared_ptr<const Destination>> make(std::string_view address,
                                                               std::string_view broker_name,
                                                               std::int32_t queue_id);
};

}  // namespace rmq::producer
