// Views grow at their end only. An older caller's size must not include a member that was appended
// later, so no view ends with padding that such a member could use.
#include <cstddef>

#include "rocketmq_c.h"

namespace rmq::capi {

#define RMQ_ENDS_WITH(view, member)                                            \
  static_assert(offsetof(view, member) + sizeof(view::member) == sizeof(view), \
                "the last member of " #view " must end it")

RMQ_ENDS_WITH(rmq_error_view_t, limit_ms);
RMQ_ENDS_WITH(rmq_option_view_t, is_code_only);
RMQ_ENDS_WITH(rmq_runtime_view_t, client_id_bytes);
RMQ_ENDS_WITH(rmq_event_view_t, first_message);
RMQ_ENDS_WITH(rmq_send_result_view_t, reserved);
RMQ_ENDS_WITH(rmq_log_view_t, line_bytes);
RMQ_ENDS_WITH(rmq_message_view_t, properties_bytes);
RMQ_ENDS_WITH(rmq_property_view_t, value_bytes);
RMQ_ENDS_WITH(rmq_delivery_view_t, message_count);
RMQ_ENDS_WITH(rmq_queue_view_t, error_code);

#undef RMQ_ENDS_WITH

// What every poll fills lies in the first two cache lines.
static_assert(sizeof(void*) != 8 || offsetof(rmq_event_view_t, offset_message_id) <= 128);

}  // namespace rmq::capi
