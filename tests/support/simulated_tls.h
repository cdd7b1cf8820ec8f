// TLS for simulated worlds: one certificate for every server, which clients take without a look.
// Signatures have one size (Ed25519), so that a seed gives the same reads and writes each time,
// although the bytes in them differ.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "testbroker/server_options.h"
#include "transport/tls_context.h"
#include "transport/tls_listener.h"

namespace rmq::test {

struct SimulatedTls {
  std::shared_ptr<const transport::TlsContext> client;
  std::shared_ptr<const transport::TlsContext> server;
  testbroker::ListenFunction listen;  // of the server's options
  transport::TlsOptions identity;     // the server's certificate and key

  SimulatedTls() {
    transport::TlsOptions client_options;
    client_options.verify = false;
    client = transport::TlsContext::make_client(client_options).take_value();
    identity.verify = false;
    make_identity(&identity);
    server = transport::TlsContext::make_server(identity).take_value();
    listen = [context = server](transport::Loop& loop, const transport::SocketAddress& address,
                                transport::ListenerHandler& handler) {
      return transport::TlsListener::listen(loop, address, context, handler);
    };
  }

 private:
  static void make_identity(transport::TlsOptions* options) {
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    X509* cert = X509_new();
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600 * 24);
    X509_set_pubkey(cert, key);
    X509_sign(cert, key, nullptr);
    options->cert_pem = text_of([&](BIO* out) { PEM_write_bio_X509(out, cert); });
    options->key_pem = text_of([&](BIO* out) {
      PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    X509_free(cert);
    EVP_PKEY_free(key);
  }
  template <typename Write>
  static std::string text_of(Write write) {
    BIO* bio = BIO_new(BIO_s_mem());
    write(bio);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
  }
};

// Made once: keys cost time.
inline const SimulatedTls& simulated_tls() {
  static const SimulatedTls tls;
  return tls;
}

}  // namespace rmq::test
