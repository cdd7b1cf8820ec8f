// SubscriptionData in JSON bodies; for .cc files only.
#pragma once

#include "protocol/json_document.h"
#include "protocol/json_writer.h"
#include "protocol/subscription.h"

namespace rmq::protocol {

SubscriptionData read_subscription(JsonView value);
void write_subscription(const SubscriptionData& subscription, JsonWriter* out);

}  // namespace rmq::protocol
