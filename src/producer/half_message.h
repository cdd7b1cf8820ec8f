// What makes a message the half of a transaction: a broker keeps it back until it is told how the
// transaction ends (protocol.md 12.1).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "producer/outgoing_message.h"
#include "producer/producer_options.h"
#include "wire/command.h"

namespace rmq::producer {

// MESSAGE_ILLEGAL for a delayed message, TOO_LARGE when the properties leave no room.
base::Status check_half_message(const OutgoingMessage& message, const ProducerOptions& options);

// The bytes of the properties that a half message has beside its own.
std::size_t half_property_bytes(const ProducerOptions& options);
// Writes them; returns the end of what was written.
char* write_half_properties(const ProducerOptions& options, char* place);

// The producer group of the half message in a broker's check; empty when it has none.
std::string_view group_of_check(const wire::CommandView& command);

}  // namespace rmq::producer
