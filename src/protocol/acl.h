// Signatures of requests (protocol.md 14.1), the same for ACL 1.0 and 2.0. The signature is the
// HMAC-SHA1 of the fields' values in the order of their names, then the body.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/decimal.h"
#include "base/error.h"
#include "wire/command.h"

namespace rmq::protocol {

inline constexpr std::string_view kFieldAccessKey = "AccessKey";
inline constexpr std::string_view kFieldSecurityToken = "SecurityToken";
inline constexpr std::string_view kFieldSignature = "Signature";

struct Credentials {
  std::string access_key{};
  std::string secret_key{};
  std::string security_token{};  // may be empty
};

// A sink (request_frame.h) that keeps a request's fields for signing. Texts are borrowed, numbers
// are kept inside.
class FieldList {
 public:
  void field(std::string_view name, std::string_view value) {
    if (!value.empty()) fields_.push_back({name, value});
  }
  void field(std::string_view name, std::int64_t value) {
    fields_.push_back({name, numbers_.emplace_back(value).view()});
  }
  void field_bool(std::string_view name, bool value) { field(name, value ? "true" : "false"); }
  std::span<const wire::Field> fields() const { return fields_; }

 private:
  std::vector<wire::Field> fields_;
  std::deque<base::DecimalText> numbers_;  // never moves its elements
};

// Signs for one set of credentials. Any thread.
class RequestSigner {
 public:
  explicit RequestSigner(Credentials credentials);
  ~RequestSigner();
  RequestSigner(const RequestSigner&) = delete;
  RequestSigner& operator=(const RequestSigner&) = delete;

  const Credentials& credentials() const { return credentials_; }

  // `fields` are all that will be sent, AccessKey and SecurityToken among them; Signature is passed
  // over. INTERNAL when the crypto library has no HMAC-SHA1.
  base::Result<std::string> sign(std::span<const wire::Field> fields, base::Bytes body) const;

  // Adds AccessKey, SecurityToken and Signature to a command that is otherwise complete.
  base::Status sign_command(wire::Command* command) const;

 private:
  struct Mac;
  Credentials credentials_;
  std::unique_ptr<Mac> mac_;
};

// The bytes that are signed, before the body.
std::string signed_content(std::span<const wire::Field> fields);

}  // namespace rmq::protocol
