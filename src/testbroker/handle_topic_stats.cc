// GET_TOPIC_STATS_INFO (202): the offsets of all queues of a topic.

#include <algorithm>

#include "base/format.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {
namespace {

std::string describe_queue(const ServerState& state, const TopicConfig& topic, std::int32_t id) {
  const Store& store = state.store;
  const std::int64_t end = store.max_offset(topic.name, id);
  const Message* newest = end == 0 ? nullptr : store.find(topic.name, id, end - 1);
  return base::format(R"({}:{{"lastUpdateTimestamp":{},"maxOffset":{},"minOffset":{}}})",
                      queue_key(state.options, topic.name, id),
                      newest == nullptr ? 0 : newest->store_ms, end,
                      store.min_offset(topic.name, id));
}

}  // namespace

Handled handle_topic_stats(const RequestContext& context, wire::Command* answer) {
  const ServerState& state = context.state;
  const std::string_view name = context.request.field("topic").value_or("");
  const TopicConfig* topic = state.find_topic(name);
  if (topic == nullptr) {
    return finish(answer, protocol::ResponseCode::TOPIC_NOT_EXIST,
                  base::format("topic[{}] not exist", name));
  }
  std::string queues;
  const std::int32_t count = std::max(topic->read_queues, topic->write_queues);
  for (std::int32_t id = 0; id < count; ++id) {
    if (id > 0) queues += ',';
    queues += describe_queue(state, *topic, id);
  }
  answer->body = base::format(R"({{"offsetTable":{{{}}}{}}})", queues,
                              state.options.is_5x() ? R"(,"topicPutTps":0.0)" : "");
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
