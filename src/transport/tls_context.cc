#include "transport/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "transport/address.h"
#include "transport/tls_error.h"

namespace rmq::transport {
namespace {

constexpr std::size_t kFileBytesMax = 16 * 1024 * 1024;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

base::Error cannot_read(const std::string& option, const std::string& path, const char* why) {
  return base::make_error(base::ErrorCode::FILE, option + ": reading " + path + ": " + why);
}

base::Error bad_content(const std::string& option, const std::string& why) {
  return base::make_error(base::ErrorCode::OPTION_VALUE, option + ": " + why, "expected PEM");
}

base::Error take_content_error(const char* what) {
  return take_tls_error(base::ErrorCode::OPTION_VALUE, what, "expected PEM");
}

// The text itself when there is one, else the file's content.
base::Result<std::string> read_pem(const char* option, const std::string& text,
                                   const std::string& path) {
  if (!text.empty()) return text;
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return cannot_read(option, path, std::strerror(errno));
  std::string content;
  char block[8192];
  while (const std::size_t size = std::fread(block, 1, sizeof block, file.get())) {
    content.append(block, size);
    if (content.size() > kFileBytesMax) return cannot_read(option, path, "larger than 16 MiB");
  }
  if (std::ferror(file.get())) return cannot_read(option, path, std::strerror(errno));
  if (content.empty()) return cannot_read(option, path, "is empty");
  return content;
}

int number_of(TlsVersion version) {
  return version == TlsVersion::kTls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

BioPtr bio_over(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL would ask at the terminal; we never do.
int give_password(char* buffer, int size, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

X509Ptr read_certificate(BIO* bio) {
  std::string none;
  return X509Ptr(PEM_read_bio_X509(bio, nullptr, give_password, &none));
}

// Reading certificates ends with "no start line", which is no error.
bool ended_well() {
  const bool well = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (well) ERR_clear_error();
  return well;
}

}  // namespace

TlsContext::TlsContext(bool server, const TlsOptions& options)
    : server_(server), verify_(options.verify), server_name_(options.server_name) {}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

base::Result<std::shared_ptr<const TlsContext>> TlsContext::make_client(const TlsOptions& options) {
  return make(false, options);
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::make_server(const TlsOptions& options) {
  if ((options.cert_file.empty() && options.cert_pem.empty()) ||
      (options.key_file.empty() && options.key_pem.empty())) {
    return bad_content("tls_cert_file", "a server needs a certificate and a key");
  }
  return make(true, options);
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::make(bool server,
                                                                 const TlsOptions& options) {
  ERR_clear_error();
  std::shared_ptr<TlsContext> made(new TlsContext(server, options));
  base::Status status = made->set_up(options);
  ERR_clear_error();
  if (!status.ok()) return status.take_error();
  return std::shared_ptr<const TlsContext>(std::move(made));
}

base::Status TlsContext::set_up(const TlsOptions& options) {
  // If we are OpenSSL's first user: no clean-up at exit, which would pull its tables from under a
  // loop thread that is still running then.
  OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, nullptr);
  context_ = SSL_CTX_new(server_ ? TLS_server_method() : TLS_client_method());
  if (context_ == nullptr) {
    return take_tls_error(base::ErrorCode::TLS, "making a TLS context");
  }
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Partial: a write ends with the records that are made; moving: the rest may lie elsewhere then.
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  if (server_) SSL_CTX_set_num_tickets(context_, 0);
  if (SSL_CTX_set_min_proto_version(context_, number_of(options.min_version)) != 1 ||
      SSL_CTX_set_max_proto_version(context_, number_of(options.max_version)) != 1) {
    return take_tls_error(base::ErrorCode::OPTION_VALUE, "tls_min_version");
  }
  const int server_mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context_,
                     !verify_  ? SSL_VERIFY_NONE
                     : server_ ? server_mode
                               : SSL_VERIFY_PEER,
                     nullptr);
  base::Status status = verify_ ? load_roots(options) : base::Status();
  return status.ok() ? load_identity(options) : std::move(status);
}

base::Status TlsContext::load_roots(const TlsOptions& options) {
  if (options.ca_file.empty() && options.ca_pem.empty()) {
    SSL_CTX_set_default_verify_paths(context_);
    return {};
  }
  auto pem = read_pem("tls_ca_file", options.ca_pem, options.ca_file);
  if (!pem.ok()) return pem.take_error();
  const BioPtr bio = bio_over(pem.value());
  X509_STORE* store = SSL_CTX_get_cert_store(context_);
  int count = 0;
  while (const X509Ptr root = read_certificate(bio.get())) {
    ++count;
    if (X509_STORE_add_cert(store, root.get()) != 1) {
      return take_content_error("tls_ca_file");
    }
  }
  if (!ended_well()) return take_content_error("tls_ca_file");
  if (count == 0) return bad_content("tls_ca_file", "holds no certificate");
  return {};
}

base::Status TlsContext::load_identity(const TlsOptions& options) {
  const bool has_cert = !options.cert_file.empty() || !options.cert_pem.empty();
  const bool has_key = !options.key_file.empty() || !options.key_pem.empty();
  if (!has_cert && !has_key) return {};
  if (!has_key) return bad_content("tls_key_file", "is missing beside tls_cert_file");
  if (!has_cert) return bad_content("tls_cert_file", "is missing beside tls_key_file");

  auto pem = read_pem("tls_cert_file", options.cert_pem, options.cert_file);
  if (!pem.ok()) return pem.take_error();
  const BioPtr certificates = bio_over(pem.value());
  const X509Ptr own = read_certificate(certificates.get());
  if (!own || SSL_CTX_use_certificate(context_, own.get()) != 1) {
    return take_content_error("tls_cert_file");
  }
  while (const X509Ptr link = read_certificate(certificates.get())) {
    if (SSL_CTX_add1_chain_cert(context_, link.get()) != 1) {
      return take_content_error("tls_cert_file");
    }
  }
  if (!ended_well()) return take_content_error("tls_cert_file");

  auto key_pem = read_pem("tls_key_file", options.key_pem, options.key_file);
  if (!key_pem.ok()) return key_pem.take_error();
  const BioPtr key_bio = bio_over(key_pem.value());
  std::string password = options.key_password;
  const KeyPtr key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, give_password, &password));
  OPENSSL_cleanse(password.data(), password.size());
  OPENSSL_cleanse(key_pem.value().data(), key_pem.value().size());
  if (!key) {
    const char* why = options.key_password.empty()
                          ? "tls_key_file: cannot be read; is it encrypted?"
                          : "tls_key_file: cannot be read with tls_key_password";
    return take_content_error(why);
  }
  if (SSL_CTX_use_PrivateKey(context_, key.get()) != 1 ||
      SSL_CTX_check_private_key(context_) != 1) {
    return take_content_error("tls_key_file: does not belong to the certificate");
  }
  return {};
}

ssl_st* TlsContext::make_connection(const std::string& host) const {
  ERR_clear_error();
  SSL* connection = SSL_new(context_);
  if (connection == nullptr || server_) return connection;
  const std::string& name = server_name_.empty() ? host : server_name_;
  SocketAddress literal;
  const bool is_address = SocketAddress::parse_literal(name, 0, &literal);
  bool well = !name.empty() && name.size() <= kHostBytesMax;
  if (well && !is_address) well = SSL_set_tlsext_host_name(connection, name.c_str()) == 1;
  if (well && verify_) {
    X509_VERIFY_PARAM* expected = SSL_get0_param(connection);
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    well = is_address ? X509_VERIFY_PARAM_set1_ip(expected, literal.ip, literal.v6 ? 16 : 4) == 1
                      : X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size()) == 1;
  }
  // Without a name to expect, a certificate for anything would do: rather no connection.
  if (!well && verify_) {
    SSL_free(connection);
    connection = nullptr;
  }
  ERR_clear_error();
  return connection;
}

}  // namespace rmq::transport
