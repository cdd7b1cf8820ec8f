// What clients read of a kept message.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "testbroker/store.h"
#include "transport/address.h"

namespace rmq::testbroker {

base::Status append_stored_message(const Message& message, std::string* out);

std::string make_offset_message_id(const transport::SocketAddress& store_host,
                                   std::int64_t commit_log_offset);

}  // namespace rmq::testbroker
