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
  protocol::Json connections = protocol::Json::array();
  for (const std::uint64_t number : consumers->connections) {
    const Client* client = clients.find_connection(number);
    if (client == nullptr) continue;
    connections.push_back(
        {{"clientId", client->id},
         {"clientAddr", base::format("127.0.0.1:{}", static_cast<std::uint16_t>(number))},
         {"language", wire::language_name(client->language)},
         {"version", client->version}});
  }
  protocol::Json subscriptions = protocol::Json::object();
  for (const auto& [topic, subscription] : consumers->subscriptions) {
    subscriptions[topic] = protocol::subscription_to_json(subscription);
  }
  const protocol::Json body{{"connectionSet", connections},
                            {"subscriptionTable", subscriptions},
                            {"consumeType", protocol::to_text(consumers->consume_type)},
                            {"messageModel", protocol::to_text(consumers->message_model)},
                            {"consumeFromWhere", protocol::to_text(consumers->consume_from_where)}};
  answer->body = body.dump(-1, ' ', false, protocol::Json::error_handler_t::replace);
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
