#include "protocol/acl.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>

#include "base/base64.h"
#include "base/java_string_hash.h"

namespace rmq::protocol {
namespace {

constexpr std::size_t kSha1Bytes = 20;

std::vector<wire::Field> in_signed_order(std::span<const wire::Field> fields) {
  std::vector<wire::Field> sorted;
  sorted.reserve(fields.size());
  for (const wire::Field& field : fields) {
    if (field.name != kFieldSignature) sorted.push_back(field);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const wire::Field& a, const wire::Field& b) {
    return base::less_in_java(a.name, b.name);
  });
  return sorted;
}

bool update(EVP_MAC_CTX* context, base::Bytes bytes) {
  return bytes.empty() || EVP_MAC_update(context, bytes.data(), bytes.size()) == 1;
}

void set_field(wire::Command* command, std::string_view name, std::string_view value) {
  std::erase_if(command->fields, [name](const auto& field) { return field.first == name; });
  if (!value.empty()) command->fields.emplace_back(name, value);
}

}  // namespace

// A context that has the key; each signature starts from a copy of it.
struct RequestSigner::Mac {
  struct Free {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  using Context = std::unique_ptr<EVP_MAC_CTX, Free>;

  Context keyed;
};

RequestSigner::RequestSigner(Credentials credentials)
    : credentials_(std::move(credentials)), mac_(std::make_unique<Mac>()) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  if (mac == nullptr) return;
  Mac::Context context(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);
  char digest[] = "SHA1";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const auto* key = reinterpret_cast<const unsigned char*>(credentials_.secret_key.data());
  if (context &&
      EVP_MAC_init(context.get(), key, credentials_.secret_key.size(), parameters) == 1) {
    mac_->keyed = std::move(context);
  }
}

RequestSigner::~RequestSigner() = default;

base::Result<std::string> RequestSigner::sign(std::span<const wire::Field> fields,
                                              base::Bytes body) const {
  const Mac::Context context(mac_->keyed ? EVP_MAC_CTX_dup(mac_->keyed.get()) : nullptr);
  bool good = context != nullptr;
  for (const wire::Field& field : in_signed_order(fields)) {
    good = good && update(context.get(), base::as_bytes(field.value));
  }
  std::uint8_t digest[kSha1Bytes];
  std::size_t digest_bytes = 0;
  good = good && update(context.get(), body) &&
         EVP_MAC_final(context.get(), digest, &digest_bytes, sizeof(digest)) == 1;
  if (!good || digest_bytes != kSha1Bytes) {
    return base::make_error(base::ErrorCode::INTERNAL,
                            "signing a request: the crypto library gives no HMAC-SHA1",
                            "a FIPS provider without SHA-1 cannot talk to this server");
  }
  return base::to_base64(digest);
}

base::Status RequestSigner::sign_command(wire::Command* command) const {
  set_field(command, kFieldAccessKey, credentials_.access_key);
  set_field(command, kFieldSecurityToken, credentials_.security_token);
  std::vector<wire::Field> fields;
  for (const auto& [name, value] : command->fields) fields.push_back({name, value});
  base::Result<std::string> signature = sign(fields, base::as_bytes(command->body));
  if (!signature.ok()) return signature.take_error();
  set_field(command, kFieldSignature, signature.value());
  return {};
}

std::string signed_content(std::span<const wire::Field> fields) {
  std::string content;
  for (const wire::Field& field : in_signed_order(fields)) content.append(field.value);
  return content;
}

}  // namespace rmq::protocol
