// LOCK_BATCH_MQ (41) and UNLOCK_BATCH_MQ (42): the broker's locks that orderly consumption needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/message_queue.h"
#include "protocol/request_code.h"

namespace rmq::protocol {

struct LockBatchRequest {
  static constexpr RequestCode kCode = RequestCode::LOCK_BATCH_MQ;
  template <typename Sink>
  void write_fields(Sink*) const {}
};

struct UnlockBatchRequest {
  static constexpr RequestCode kCode = RequestCode::UNLOCK_BATCH_MQ;
  template <typename Sink>
  void write_fields(Sink*) const {}
};

// The body of both requests.
struct LockBatchBody {
  std::string consumer_group{};
  std::string client_id{};
  bool only_this_broker = false;
  std::vector<MessageQueue> queues{};
  friend bool operator==(const LockBatchBody&, const LockBatchBody&) = default;
};

base::Result<LockBatchBody> parse_lock_batch(std::string_view text);
std::string to_json(const LockBatchBody& body);

// The answer to 41: the queues that are now locked by this client.
base::Result<std::vector<MessageQueue>> parse_locked_queues(std::string_view text);
std::string locked_queues_to_json(const std::vector<MessageQueue>& queues);

}  // namespace rmq::protocol
