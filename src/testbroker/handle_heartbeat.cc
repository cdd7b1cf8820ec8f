// HEART_BEAT (34): remembers who is there.
#include <nlohmann/json.hpp>

#include "testbroker/handler_table.h"

namespace rmq::testbroker {
namespace {

using nlohmann::json;

constexpr std::size_t kGroupsMax = 10'000;  // per client and kind

void read_groups(const json& heartbeat, const char* list, std::set<std::string, std::less<>>* out) {
  const auto entries = heartbeat.find(list);
  if (entries == heartbeat.end() || !entries->is_array()) return;
  for (const json& entry : *entries) {
    if (!entry.is_object() || out->size() >= kGroupsMax) continue;
    const auto name = entry.find("groupName");
    if (name != entry.end() && name->is_string()) out->insert(name->get<std::string>());
  }
}

}  // namespace

Handled handle_heartbeat(const RequestContext& context, wire::Command* answer) {
  const std::string_view text = base::as_text(context.request.body);
  const json heartbeat = json::parse(text.begin(), text.end(), nullptr, false);
  const auto id = heartbeat.is_object() ? heartbeat.find("clientID") : heartbeat.end();
  if (id == heartbeat.end() || !id->is_string()) {
    return finish(answer, protocol::ResponseCode::SYSTEM_ERROR,
                  "the heartbeat's body is no JSON object with a clientID");
  }
  Client& client = context.state.clients.put(id->get_ref<const std::string&>());
  client.connection = context.connection;
  client.version = context.request.version;
  ++client.heartbeats;
  client.producer_groups.clear();
  client.consumer_groups.clear();
  read_groups(heartbeat, "producerDataSet", &client.producer_groups);
  read_groups(heartbeat, "consumerDataSet", &client.consumer_groups);

  if (context.state.options.is_5x()) {
    const auto without = heartbeat.find("withoutSub");
    const bool changed = without == heartbeat.end() || *without != true;
    answer->fields.emplace_back("IS_SUB_CHANGE", changed ? "true" : "false");
    answer->fields.emplace_back("IS_SUPPORT_HEART_BEAT_V2", "true");
  }
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
