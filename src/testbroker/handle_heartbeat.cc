// HEART_BEAT (34): remembers which groups live behind this connection.
#include "protocol/heartbeat.h"
#include "protocol/names.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {
namespace {

using protocol::ResponseCode;

// A client of heartbeat V2 leaves its subscriptions out as long as they are what it sent last. 4.9
// does not know that and takes what is not there for none.
bool brings_subscriptions(const protocol::HeartbeatData& heartbeat, const ServerOptions& options) {
  return !options.is_5x() || heartbeat.fingerprint == 0 || !heartbeat.without_sub;
}

// True when a group's members do not all have this fingerprint.
bool register_groups(const protocol::HeartbeatData& heartbeat, ServerState& state, Client& client) {
  const bool subscriptions = brings_subscriptions(heartbeat, state.options);
  bool fingerprint_changed = false;
  for (const protocol::ConsumerData& consumer : heartbeat.consumers) {
    if (!state.groups.put(consumer.group)) continue;
    fingerprint_changed |= state.groups.change_fingerprint(consumer.group, heartbeat.fingerprint);
    state.find_or_create_group_topic(protocol::retry_topic(consumer.group));
    state.clients.register_consumer(client, consumer, subscriptions);
  }
  for (const std::string& group : heartbeat.producer_groups) {
    state.clients.register_producer(client, group);
  }
  return fingerprint_changed;
}

}  // namespace

Handled handle_heartbeat(const RequestContext& context, wire::Command* answer) {
  ServerState& state = context.state;
  const std::string_view text = base::as_text(context.request.body);
  const auto heartbeat = protocol::parse_heartbeat(text);
  if (!heartbeat.ok()) {
    return finish(answer, refuse_json(state.options, text, heartbeat.error().message));
  }
  Client* client = state.clients.put(context.connection, heartbeat.value().client_id);
  if (client == nullptr) return finish(answer, ResponseCode::SYSTEM_BUSY, "too many clients");
  client->version = context.request.version;
  client->language = context.request.language;
  client->last_heartbeat = state.loop.now();
  ++client->heartbeats;
  state.silent_clients.watch();
  const bool changed = register_groups(heartbeat.value(), state, *client);
  // Real brokers tell of the change first and answer then; the new member hears of itself, too.
  state.notify_groups();
  if (state.options.is_5x()) {
    const bool v2 = heartbeat.value().fingerprint != 0;
    answer->fields.emplace_back("IS_SUPPORT_HEART_BEAT_V2", "true");
    answer->fields.emplace_back("IS_SUB_CHANGE", !v2 || changed ? "true" : "false");
  }
  return finish(answer, ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
