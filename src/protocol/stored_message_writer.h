// Writes stored messages, the form that only servers make: for the embedded broker and for tests.
#pragma once

#include <string>

#include "protocol/stored_message.h"

namespace rmq::protocol {

// Appends the message. TOTALSIZE, CRC and the host bits of sysFlag are computed from the parts;
// magic becomes V2 when the topic needs it. Hosts without an address are written as 0.0.0.0.
// TOO_LARGE when a part does not fit its length field; *out is untouched then.
base::Status append_stored_message(const StoredMessageView& message, std::string* out);

// Writes another queue offset and commit log offset into bytes that append_stored_message() made,
// at the start of `stored`: brokers know them only when they append.
void patch_stored_offsets(base::MutableBytes stored, std::int64_t queue_offset,
                          std::int64_t commit_log_offset);

}  // namespace rmq::protocol
