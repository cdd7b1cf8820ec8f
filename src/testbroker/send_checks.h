// The checks of a send, in the order and with the words of a real broker (apache/rocketmq:
// AbstractSendMessageProcessor.msgCheck, DefaultMessageStore.checkMessage).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/batch.h"
#include "protocol/response_code.h"
#include "protocol/send_message.h"
#include "testbroker/server_state.h"

namespace rmq::testbroker {

struct Refusal {
  protocol::ResponseCode code = protocol::ResponseCode::SUCCESS;
  std::string remark;

  bool refused() const { return code != protocol::ResponseCode::SUCCESS; }
};

// From this version of a client on its own maximum of reconsume times counts (MQVersion V3_4_9).
inline constexpr std::int32_t kOwnReconsumeMaximumVersion = 121;

// Of names of topics and groups.
bool has_only_name_characters(std::string_view name);
Refusal check_topic_name(std::string_view topic, const ServerOptions& options);
Refusal check_queue_id(std::int32_t queue_id, const TopicConfig& topic, std::uint64_t connection,
                       const ServerOptions& options);

// The properties as they go into the store, with what the broker adds.
std::string make_stored_properties(std::string_view sent, const ServerOptions& options);

// Takes a batch apart and checks every message; *messages point into `body`.
Refusal read_messages(const protocol::SendMessageRequest& send, base::Bytes body,
                      const ServerOptions& options, std::vector<protocol::BatchMessage>* messages);

}  // namespace rmq::testbroker
