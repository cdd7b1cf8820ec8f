// GET_CONSUMER_CONNECTION_LIST (203): who the members of a group are, and what it subscribes to.

#include "base/format.h"
#include "protocol/subscription_json.h"
#include "testbroker/handler_table.h"
#include "wire/language.h"

namespace rmq::testbroker {

Handled handle_consumer_connections(const RequestContext& context, wire::Command* answer) {
  const ClientTable& clients = context.state.clients;
  const std::string_view group = context.request.field("consumerGroup").value_or("");
  const ConsumerGroup* consumers = clients.find_consumers(group);
  if (consumers == nullptr) {
    return finish(answer, protocol::ResponseCode::CONSUMER_NOT_ONLINE,
                  base::format("the consumer group[{}] not online", group));
  }
  protocol::JsonWriter body;
  body.begin_object();
  body.begin_array("connectionSet");
  for (const std::uint64_t number : consumers->connections) {
    const Client* client = clients.find_connection(number);
    if (client == nullptr) continue;
    body.begin_object();
    body.text("clientAddr", base::format("127.0.0.1:{}", static_cast<std::uint16_t>(number)));
    body.text("clientId", client->id);
    body.text("language", wire::language_name(client->language));
    body.number("version", client->version);
    body.end_object();
  }
  body.end_array();
  body.text("consumeFromWhere", protocol::to_text(consumers->consume_from_where));
  body.text("consumeType", protocol::to_text(consumers->consume_type));
  body.text("messageModel", protocol::to_text(consumers->message_model));
  body.begin_object("subscriptionTable");
  for (const auto& [topic, subscription] : consumers->subscriptions) {
    body.name(topic);
    protocol::write_subscription(subscription, &body);
  }
  body.end_object();
  body.end_object();
  answer->body = body.take();
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
