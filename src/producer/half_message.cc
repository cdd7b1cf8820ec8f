#include "producer/half_message.h"

#include <cstring>

#include "protocol/properties.h"
#include "protocol/stored_message.h"

namespace rmq::producer {
namespace {

// A broker adds the topic and queue that the message is meant for, and how often it has asked.
constexpr std::size_t kBytesAddedByBroker = 256;
constexpr std::string_view kTrue = "true";

}  // namespace

base::Status check_half_message(const OutgoingMessage& message, const ProducerOptions& options) {
  static constexpr std::string_view kDelays[] = {
      protocol::kPropertyDelay, protocol::kPropertyTimerDelaySec, protocol::kPropertyTimerDelayMs,
      protocol::kPropertyTimerDeliverMs};
  for (const std::string_view name : kDelays) {
    if (message.property(name).data() == nullptr) continue;
    return base::make_error(
        base::ErrorCode::MESSAGE_ILLEGAL,
        "the message is to be delayed (" + std::string(name) +
            "), and a transaction cannot be: brokers would drop the one or the other",
        "take the delay off the message, or send it without RMQ_FLAG_TRANSACTION");
  }
  const std::size_t bytes = message.properties_text().size() + half_property_bytes(options) +
                            message.topic().size() + kBytesAddedByBroker;
  if (bytes <= protocol::kPropertiesBytesMax) return {};
  return base::make_error(base::ErrorCode::TOO_LARGE,
                          "all properties have " +
                              std::to_string(message.properties_text().size()) +
                              " bytes, and with those of a transaction they pass the broker's " +
                              std::to_string(protocol::kPropertiesBytesMax),
                          "put large data into the body");
}

std::size_t half_property_bytes(const ProducerOptions& options) {
  return protocol::kPropertyTransactionPrepared.size() + kTrue.size() +
         protocol::kPropertyProducerGroup.size() + options.group.size() + 4;
}

char* write_half_properties(const ProducerOptions& options, char* place) {
  const auto put = [&place](std::string_view text, char end) {
    std::memcpy(place, text.data(), text.size());
    place += text.size();
    *place++ = end;
  };
  put(protocol::kPropertyTransactionPrepared, protocol::kNameEnd);
  put(kTrue, protocol::kPropertyEnd);
  put(protocol::kPropertyProducerGroup, protocol::kNameEnd);
  put(options.group, protocol::kPropertyEnd);
  return place;
}

std::string_view group_of_check(const wire::CommandView& command) {
  protocol::StoredMessageReader reader(command.body);
  protocol::StoredMessageView message;
  if (!reader.next(&message)) return {};
  return message.properties().find(protocol::kPropertyProducerGroup).value_or("");
}

}  // namespace rmq::producer
