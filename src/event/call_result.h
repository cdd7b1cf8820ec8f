// What a call tells that asks servers, beside its text (RMQ_EVENT_RESULT). Owned by the event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace rmq::event {

// A queue of a topic, and what is told of it.
struct QueueInfo {
  std::string topic;
  std::string broker_name;
  std::int32_t queue_id = -1;
  std::int64_t offset = -1;                          // -1: nothing is told
  std::int64_t timestamp_ms = -1;                    // the same
  base::ErrorCode error_code = base::ErrorCode::OK;  // of this queue alone
};

struct CallResult {
  std::string text;
  std::vector<QueueInfo> queues;
  std::int64_t offset = -1;
  std::int32_t count = 0;
};

}  // namespace rmq::event
