// Certificates made while a test runs.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <string>

namespace rmq::transport {

struct TestIdentity {
  std::string cert_pem;
  std::string key_pem;
};

class TestAuthority {
 public:
  TestAuthority() {
    key_ = EVP_EC_gen("P-256");
    cert_ = make(key_, "test authority", "", 0, 3600);
    X509_sign(cert_, key_, EVP_sha256());
  }
  ~TestAuthority() {
    X509_free(cert_);
    EVP_PKEY_free(key_);
  }
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  std::string cert_pem() const { return pem_of(cert_); }

  // `names` as in a subjectAltName: "DNS:broker-a,IP:127.0.0.1". Valid from now + `from_s` to
  // now + `to_s`.
  TestIdentity issue(const std::string& names, long from_s = -60, long to_s = 3600,
                     const std::string& key_password = "") const {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* cert = make(key, "leaf", names, from_s, to_s);
    X509_sign(cert, key_, EVP_sha256());
    TestIdentity made{pem_of(cert), pem_of(key, key_password)};
    X509_free(cert);
    EVP_PKEY_free(key);
    return made;
  }

 private:
  X509* make(EVP_PKEY* key, const char* common_name, const std::string& names, long from_s,
             long to_s) const {
    X509* cert = X509_new();
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), names.empty() ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(cert), from_s);
    X509_gmtime_adj(X509_getm_notAfter(cert), to_s);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
    X509* issuer = cert_ ? cert_ : cert;
    X509_set_issuer_name(cert, X509_get_subject_name(issuer));
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    add(cert, &context, NID_basic_constraints, cert_ ? "critical,CA:FALSE" : "critical,CA:TRUE");
    if (!names.empty()) add(cert, &context, NID_subject_alt_name, names.c_str());
    return cert;
  }
  static void add(X509* cert, X509V3_CTX* context, int kind, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, context, kind, value);
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static std::string take(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
  }
  static std::string pem_of(X509* cert) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, cert);
    return take(bio);
  }
  static std::string pem_of(EVP_PKEY* key, const std::string& password) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, password.empty() ? nullptr : EVP_aes_256_cbc(),
                             reinterpret_cast<const unsigned char*>(password.data()),
                             static_cast<int>(password.size()), nullptr, nullptr);
    return take(bio);
  }

  EVP_PKEY* key_ = nullptr;
  X509* cert_ = nullptr;
};

}  // namespace rmq::transport
