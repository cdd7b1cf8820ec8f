// Fills the flat view of a message.
#pragma once

#include "client/message.h"
#include "rocketmq_c.h"

namespace rmq::capi {

void show_message(const client::Message& message, rmq_message_view_t* view);

}  // namespace rmq::capi
