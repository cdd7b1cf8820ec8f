// Reads the three kinds of sends as a real broker does.
#pragma once

#include "protocol/send_message.h"
#include "testbroker/refusal.h"
#include "testbroker/server_options.h"
#include "wire/command.h"

namespace rmq::testbroker {

// *send points into the request.
Refusal read_send(const wire::CommandView& request, const ServerOptions& options,
                  protocol::SendMessageRequest* send);

}  // namespace rmq::testbroker
