// What TLS connections of one runtime share: trusted roots, own certificate, versions. Made once
// from options, read-only afterwards; streams hold a shared_ptr to it. Process-wide state of
// OpenSSL is left alone.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"

struct ssl_ctx_st;
struct ssl_st;

namespace rmq::transport {

enum class TlsVersion { kTls12, kTls13 };

// Files are read when the context is made; PEM text wins over a file.
struct TlsOptions {
  // Client: verify the server's chain and name. Server: demand a certificate of the client.
  bool verify = true;
  std::string ca_file;  // neither file nor text: the system's roots
  std::string ca_pem;
  std::string cert_file;  // own certificate, then its chain
  std::string cert_pem;
  std::string key_file;
  std::string key_pem;
  std::string key_password;
  std::string server_name;  // expected instead of the host that was asked for
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
};

class TlsContext {
 public:
  // FILE when a file cannot be read; OPTION_VALUE when its content does not fit.
  static base::Result<std::shared_ptr<const TlsContext>> make_client(const TlsOptions& options);
  // Needs a certificate and a key.
  static base::Result<std::shared_ptr<const TlsContext>> make_server(const TlsOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  bool is_server() const { return server_; }
  // A connection that will accept the peer only under `host` (or the option's server_name). Null
  // when OpenSSL has no memory.
  ssl_st* make_connection(const std::string& host) const;

 private:
  TlsContext(bool server, const TlsOptions& options);
  static base::Result<std::shared_ptr<const TlsContext>> make(bool server,
                                                              const TlsOptions& options);
  base::Status set_up(const TlsOptions& options);
  base::Status load_roots(const TlsOptions& options);
  base::Status load_identity(const TlsOptions& options);

  const bool server_;
  const bool verify_;
  const std::string server_name_;
  ssl_ctx_st* context_ = nullptr;
};

}  // namespace rmq::transport
