// Fills the flat view of an event.
#pragma once

#include <cstddef>

#include "event/event.h"
#include "rocketmq_c.h"

namespace rmq::capi {

// The members up to `count`, which every view has: an event that is shown is never lost.
inline constexpr std::size_t kEventViewBytesMin = offsetof(rmq_event_view_t, message_id);

// Gives the parts that it has shown.
event::EventParts show_event(event::Event& event, rmq_event_view_t* view);

// As rmq_event_messages, but for what it says of messages that were shown.
std::size_t show_messages_of(const event::EventParts& parts, std::size_t first,
                             rmq_message_view_t* views, std::size_t view_size,
                             std::size_t count_max);

}  // namespace rmq::capi
