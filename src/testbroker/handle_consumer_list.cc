// GET_CONSUMER_LIST_BY_GROUP (38): the client ids of a group, one for each connection.

#include "base/format.h"
#include "protocol/consumer_list.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {

Handled handle_consumer_list(const RequestContext& context, wire::Command* answer) {
  const auto named = context.request.field("consumerGroup");
  if (!named) return finish(answer, refuse_null("the field consumerGroup"));
  const std::string_view group = *named;
  const std::vector<std::string> ids = context.state.clients.client_ids(group);
  if (ids.empty()) {
    return finish(answer, protocol::ResponseCode::SYSTEM_ERROR,
                  base::format("no consumer for this group, {}", group));
  }
  answer->body = protocol::consumer_list_to_json(ids);
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
