// Requests as Java's AclClientRPCHook signs them.
#include "protocol/acl.h"

#include "base/hex.h"
#include "base/java_string_hash.h"
#include "tests/golden/golden_file.h"

namespace rmq::golden {
namespace {

TextMap field_map(const wire::Command& command) {
  return {command.fields.begin(), command.fields.end()};
}

void check_acl(const Json& vector) {
  wire::Command command;
  for (const auto& [name, value] : text_map(vector["ext_fields_before"])) {
    command.fields.emplace_back(name, value);
  }
  command.body = bytes_from_hex(vector["body_hex"]);
  const protocol::RequestSigner signer({.access_key = text_or_empty(vector["access_key"]),
                                        .secret_key = text_or_empty(vector["secret_key"]),
                                        .security_token = text_or_empty(vector["security_token"])});
  const base::Status status = signer.sign_command(&command);
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(field_map(command), text_map(vector["ext_fields_after"]));
  EXPECT_EQ(field_map(command)["Signature"], vector["signature"].get<std::string>());

  std::vector<wire::Field> fields;
  for (const auto& [name, value] : command.fields) fields.push_back({name, value});
  const std::string content = protocol::signed_content(fields) + command.body;
  EXPECT_EQ(base::to_hex_lower(base::as_bytes(content)), text_or_empty(vector["content_hex"]));
  const Json& order = vector["field_order_in_content"];
  for (std::size_t i = 1; i < order.size(); ++i) {
    EXPECT_TRUE(base::less_in_java(order[i - 1].get<std::string>(), order[i].get<std::string>()));
  }
}

TEST(Golden, acl) { for_each_case("acl.json", check_acl); }

}  // namespace
}  // namespace rmq::golden
