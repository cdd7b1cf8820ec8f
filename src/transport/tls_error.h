// OpenSSL's failures as the library's errors. Each call empties the error queue of the thread, so
// that nothing of ours is left for the host.
#pragma once

#include <string>

#include "base/error.h"

struct ssl_st;

namespace rmq::transport {

// "reason (library detail)" of the oldest error in the queue; empties the queue.
std::string take_tls_reason();

// Of a handshake or record that failed with SSL_ERROR_SSL: TLS_NAME, TLS_CERTIFICATE, TLS_VERSION
// or TLS. `what` says what was tried, on what.
base::Error describe_tls_failure(const ssl_st* connection, const std::string& what);

}  // namespace rmq::transport
