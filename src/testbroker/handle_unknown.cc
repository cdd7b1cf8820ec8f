// Codes that nobody serves.

#include "base/format.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {

Handled handle_unknown(const RequestContext& context, wire::Command* answer) {
  const ServerOptions& options = context.state.options;
  // A NameServer of 4.9 returns null from its processor, and the request times out at the client.
  if (!options.broker && !options.is_5x()) return Handled::silent;
  return finish(answer, protocol::ResponseCode::REQUEST_CODE_NOT_SUPPORTED,
                base::format(" request type {} not supported", context.request.code));
}

}  // namespace rmq::testbroker
