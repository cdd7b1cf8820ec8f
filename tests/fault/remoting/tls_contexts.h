// TLS for both sides of the simulated connection: a server with a certificate for one name, which
// is the peer's address, and a client that trusts whoever issued it.
#pragma once

#include <memory>
#include <string>

#include "tests/unit/transport/test_authority.h"
#include "transport/tls_context.h"

namespace rmq::remoting::testing {

struct TlsContexts {
  explicit TlsContexts(const std::string& name = "IP:10.0.0.2") {
    const transport::TestAuthority authority;
    const transport::TestIdentity identity = authority.issue(name);
    transport::TlsOptions server_options;
    server_options.verify = false;
    server_options.cert_pem = identity.cert_pem;
    server_options.key_pem = identity.key_pem;
    server = transport::TlsContext::make_server(server_options).take_value();
    client = make_client_of(authority);
  }
  static std::shared_ptr<const transport::TlsContext> make_client_of(
      const transport::TestAuthority& authority) {
    transport::TlsOptions options;
    options.ca_pem = authority.cert_pem();
    return transport::TlsContext::make_client(options).take_value();
  }

  std::shared_ptr<const transport::TlsContext> server;
  std::shared_ptr<const transport::TlsContext> client;
};

}  // namespace rmq::remoting::testing
