// Where a message is to go. Immutable, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "transport/address.h"

namespace rmq::producer {

struct Destination {
  transport::HostPort address;
  std::string broker_name;    // may be empty
  std::int32_t queue_id = 0;  // -1: the broker chooses

  static base::Result<std::shared_ptr<const Destination>> make(std::string_view address,
                                                               std::string_view broker_name,
                                                               std::int32_t queue_id);
};

}  // namespace rmq::producer
