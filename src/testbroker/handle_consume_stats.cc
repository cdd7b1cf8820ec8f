// GET_CONSUME_STATS (208): how far a group is behind, in the queues of one topic or of all topics
// for which it has stored an offset.

#include <algorithm>
#include <set>
#include <string>

#include "base/format.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {
namespace {

std::string describe_queue(const ServerState& state, std::string_view group,
                           const TopicConfig& topic, std::int32_t id) {
  const Store& store = state.store;
  const std::int64_t consumed =
      std::max<std::int64_t>(state.offsets.find(group, topic.name, id).value_or(0), 0);
  const Message* last = consumed == 0 ? nullptr : store.find(topic.name, id, consumed - 1);
  return base::format(R"({}:{{"brokerOffset":{},"consumerOffset":{},"lastTimestamp":{}{}}})",
                      queue_key(state.options, topic.name, id), store.max_offset(topic.name, id),
                      consumed, last == nullptr ? 0 : last->store_ms,
                      state.options.is_5x() ? R"(,"pullOffset":0)" : "");
}

}  // namespace

Handled handle_consume_stats(const RequestContext& context, wire::Command* answer) {
  const ServerState& state = context.state;
  const std::string_view group = context.request.field("consumerGroup").value_or("");
  const std::string_view topic = context.request.field("topic").value_or("");
  std::set<std::string> topics;
  if (topic.empty()) {
    state.offsets.visit(
        group, [&](const std::string& name, std::int32_t, std::int64_t) { topics.insert(name); });
  } else {
    topics.emplace(topic);
  }
  std::string queues;
  for (const std::string& name : topics) {
    const TopicConfig* config = state.find_topic(name);
    if (config == nullptr) continue;
    for (std::int32_t id = 0; id < config->read_queues; ++id) {
      if (!queues.empty()) queues += ',';
      queues += describe_queue(state, group, *config, id);
    }
  }
  answer->body = base::format(R"({{"consumeTps":0.0,"offsetTable":{{{}}}}})", queues);
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
