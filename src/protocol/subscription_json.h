// SubscriptionData in JSON bodies; for .cc files only.
#pragma once

#include "protocol/json_document.h"
#include "protocol/subscription.h"

namespace rmq::protocol {

SubscriptionData subscription_from_json(const Json& value);
Json subscription_to_json(const SubscriptionData& subscription);

}  // namespace rmq::protocol
