// Fills flat views of messages.
#pragma once

#include "capi/edge.h"
#include "message/message.h"
#include "rocketmq_c.h"

namespace rmq::capi {

void show_message(const message::Message& message, rmq_message_view_t* view);

// Shows `message_at(i)` for i from `first` on, as many as there are and fit. Returns their number.
template <typename MessageAt>
std::size_t show_messages(std::size_t count, MessageAt message_at, std::size_t first,
                          rmq_message_view_t* views, std::size_t view_size, std::size_t count_max) {
  if (!views) return 0;
  auto* place = reinterpret_cast<unsigned char*>(views);
  std::size_t filled = 0;
  for (; filled < count_max && first < count - filled; ++filled, place += view_size) {
    rmq_message_view_t view;
    show_message(message_at(first + filled), &view);
    if (!put_view(view, place, view_size)) break;
  }
  return filled;
}

}  // namespace rmq::capi
