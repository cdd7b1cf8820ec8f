// OpenSSL's failures as the library's errors. Each call empties the error queue of the thread, so
// that nothing of ours is left for the host.
#pragma once

#include <string>

#include "base/error.h"

struct ssl_st;

namespace rmq::transport {

// `code`, or MEMORY when OpenSSL had none; the message is `what` and the oldest reason.
base::Error take_tls_error(base::ErrorCode code, const std::string& what, std::string hint = {});

// Of a handshake or record that failed with SSL_ERROR_SSL: TLS_NAME, TLS_CERTIFICATE, TLS_VERSION,
// MEMORY or TLS. `what` says what was tried, on what.
base::Error describe_tls_failure(const ssl_st* connection, const std::string& what);

}  // namespace rmq::transport
