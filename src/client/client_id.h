// Who this runtime is: the client id that brokers key members by, and the fixed part of its unique
// message ids.
#pragma once

#include <memory>
#include <string>

#include "client/surroundings.h"
#include "config/config.h"
#include "protocol/unique_id.h"

namespace rmq::client {

// "<ip>@<instance>[@<unit>]". Without the option instance_name the instance is "<pid>#<random>", so
// that neither containers with the same pid nor two runtimes of one process share an id.
std::string make_client_id(const config::Config& config, Surroundings& surroundings);

std::unique_ptr<protocol::UniqueIdGenerator> make_unique_id_generator(const config::Config& config,
                                                                      Surroundings& surroundings);

}  // namespace rmq::client
