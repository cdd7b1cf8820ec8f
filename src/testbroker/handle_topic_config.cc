// GET_TOPIC_CONFIG (351): a topic as this broker has it. From 5.0 on.

#include "base/format.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {

Handled handle_topic_config(const RequestContext& context, wire::Command* answer) {
  const auto name = context.request.field("topic");
  if (!name) return finish(answer, refuse_null("the field topic"));
  const TopicConfig* topic = context.state.find_topic(*name);
  if (topic == nullptr) {
    return finish(answer, protocol::ResponseCode::TOPIC_NOT_EXIST,
                  base::format("No topic in this broker. topic: {}", *name));
  }
  answer->body = base::format(
      R"({{"attributes":{{}},"order":false,"perm":{},"readQueueNums":{},)"
      R"("topicFilterType":"SINGLE_TAG","topicName":"{}","topicSysFlag":{},"writeQueueNums":{}}})",
      topic->perm, topic->read_queues, topic->name, topic->topic_sys_flag, topic->write_queues);
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
