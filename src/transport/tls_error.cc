#include "transport/tls_error.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <utility>

namespace rmq::transport {
namespace {

using base::ErrorCode;

ErrorCode code_of_reason(int reason) {
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return ErrorCode::TLS_VERSION;
    // What the peer says about our certificate.
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return ErrorCode::TLS_CERTIFICATE;
    default:
      return ErrorCode::TLS;
  }
}

const char* hint_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::TLS_CERTIFICATE:
      return "check tls_ca_file, and the certificate's dates";
    case ErrorCode::TLS_NAME:
      return "connect under a name of the certificate, or set tls_server_name";
    case ErrorCode::TLS_VERSION:
      return "check tls_min_version against what the server offers";
    default:
      return "check that the server speaks TLS on this port";
  }
}

// What is in the error queue, which is empty afterwards.
struct Noted {
  unsigned long oldest = 0;  // 0: nothing
  bool is_memory = false;    // whatever OpenSSL made of it
};

Noted take_noted() {
  Noted noted;
  noted.oldest = ERR_peek_error();
  while (const unsigned long error = ERR_get_error())
    noted.is_memory = noted.is_memory || ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
  return noted;
}

std::string describe(unsigned long error) {
  if (error == 0) return "no reason given";
  if (const char* reason = ERR_reason_error_string(error)) return reason;
  return "OpenSSL error " + std::to_string(error);
}

}  // namespace

base::Error take_tls_error(ErrorCode code, const std::string& what, std::string hint) {
  const Noted noted = take_noted();
  // Where there is no memory for the reason either, none is noted.
  if (noted.is_memory || noted.oldest == 0)
    return base::make_error(ErrorCode::MEMORY, what + ": memory is exhausted");
  return base::make_error(code, what + ": " + describe(noted.oldest), std::move(hint));
}

base::Error describe_tls_failure(const ssl_st* connection, const std::string& what) {
  const Noted noted = take_noted();
  if (noted.is_memory) return base::make_error(ErrorCode::MEMORY, what + ": memory is exhausted");
  ErrorCode code = code_of_reason(ERR_GET_REASON(noted.oldest));
  std::string reason = describe(noted.oldest);
  // The verdict on the peer's certificate says more than the queue, whose oldest entry may come
  // from deep inside a signature check.
  const long verified = SSL_get_verify_result(connection);
  if (verified != X509_V_OK && SSL_get_verify_mode(connection) != SSL_VERIFY_NONE) {
    const bool name =
        verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH;
    code = name ? ErrorCode::TLS_NAME : ErrorCode::TLS_CERTIFICATE;
    reason = std::string("certificate not accepted: ") + X509_verify_cert_error_string(verified);
  }
  return base::make_error(code, what + ": " + reason, hint_of(code));
}

}  // namespace rmq::transport
