// Fills the flat view of an event.
#pragma once

#include "event/event.h"
#include "rocketmq_c.h"

namespace rmq::capi {

void show_event(event::Event& event, rmq_event_view_t* view);

}  // namespace rmq::capi
