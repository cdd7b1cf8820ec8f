// Tag expressions as people write them, held to what a message can match.
#pragma once

#include <string_view>

#include "protocol/subscription.h"

namespace rmq::consumer {

// Empty and "*" mean all messages; else tags separated by "||". Blanks of every kind around tags
// and bars without a tag are left out. SUBSCRIPTION_SELECTOR refuses what Java and brokers would
// take although no message can match. That is no tag at all, "*" beside tags, or a tag with a blank
// or a bar in it.
base::Result<protocol::SubscriptionData> read_tag_expression(std::string_view topic,
                                                             std::string_view expression);

}  // namespace rmq::consumer
