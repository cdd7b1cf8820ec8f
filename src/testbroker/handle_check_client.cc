// CHECK_CLIENT_CONFIG (46): whether this broker can filter as the subscription wants. Like a broker
// with its default settings it cannot by SQL.

#include "base/format.h"
#include "protocol/subscription_json.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {

using protocol::ResponseCode;

Handled handle_check_client(const RequestContext& context, wire::Command* answer) {
  const ServerOptions& options = context.state.options;
  const std::string_view text = base::as_text(context.request.body);
  if (text.empty() && options.is_5x()) return finish(answer, ResponseCode::SUCCESS);
  const auto body = protocol::parse_json_object(text, "reading a client's check");
  if (!body.ok()) return finish(answer, refuse_json(options, text, body.error().message));
  const std::string type =
      protocol::text_at(body.value().root().member("subscriptionData"), "expressionType");
  if (type.empty() || type == protocol::kExpressionTag) {
    return finish(answer, ResponseCode::SUCCESS);
  }
  return finish(answer, ResponseCode::SYSTEM_ERROR,
                base::format("The broker does not support consumer to filter message by {}", type));
}

}  // namespace rmq::testbroker
