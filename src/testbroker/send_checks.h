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
#include "testbroker/refusal.h"
#include "testbroker/server_state.h"

namespace rmq::testbroker {

// From this version of a client on its own maximum of reconsume times counts (MQVersion V3_4_9).
inline constexpr std::int32_t kOwnReconsumeMaximumVersion = 121;

// Of names of topics and groups.
bool has_only_name_characters(std::string_view name);
Refusal check_topic_name(std::string_view topic, const ServerOptions& options);
Refusal check_may_send(std::string_view topic);
Refusal check_not_of_the_system(std::string_view topic, const ServerOptions& options);
Refusal check_queue_id(std::int32_t queue_id, const TopicConfig& topic, std::uint64_t connection,
                       const ServerOptions& options);

// The properties as they go into the store, with the broker's own added or put in the place of the
// sender's. A unique id is added too, if `unique_id` is not empty and the sender gave none.
std::string make_stored_properties(std::string_view sent, std::string_view unique_id,
                                   const ServerOptions& options);

// What one send stores.
struct SentMessage {
  std::int32_t flag = 0;
  std::string_view body;
  std::string properties;
};

// Takes a batch apart and checks every message; *messages point into `body`. `properties`: of the
// whole, as made above.
Refusal read_messages(const protocol::SendMessageRequest& send, base::Bytes body,
                      std::string properties, const ServerOptions& options,
                      std::vector<SentMessage>* messages);

}  // namespace rmq::testbroker
