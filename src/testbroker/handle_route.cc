// GET_ROUTEINFO_BY_TOPIC (105).

#include "base/format.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {
namespace {

// Clients from 4.9.4 on read standard JSON (apache/rocketmq: ClientRequestProcessor).
constexpr std::int32_t kStandardJsonVersion = 401;

}  // namespace

Handled handle_route(const RequestContext& context, wire::Command* answer) {
  const wire::CommandView& request = context.request;
  const std::string_view topic = request.field("topic").value_or("null");
  const bool standard =
      request.version >= kStandardJsonVersion || request.field_bool("acceptStandardJsonOnly");
  auto body = context.state.routes.render(
      topic, standard ? RouteTable::JsonForm::standard : RouteTable::JsonForm::number_keys,
      context.state.options.is_5x());
  if (!body) {
    return finish(answer, protocol::ResponseCode::TOPIC_NOT_EXIST,
                  base::format("No topic route info in name server for the topic: {}\n{}", topic,
                               help_line(context.state.options)));
  }
  answer->body = std::move(*body);
  return finish(answer, protocol::ResponseCode::SUCCESS);
}

}  // namespace rmq::testbroker
