// Frames of the Java encoder: decoded they give what Java's decoder gives; encoded again, binary
// headers give the same bytes.
#include "base/hex.h"
#include "tests/golden/golden_file.h"
#include "wire/command.h"
#include "wire/language.h"

namespace rmq::golden {
namespace {

TextMap field_map(const wire::CommandView& view) {
  TextMap map;
  for (const wire::Field& field : view.fields) map[std::string(field.name)] = field.value;
  return map;
}

void expect_equal(const wire::CommandView& view, const Json& decoded) {
  EXPECT_EQ(view.code, decoded["code"].get<std::int32_t>());
  EXPECT_EQ(view.version, decoded["version"].get<std::int32_t>());
  EXPECT_EQ(view.opaque, decoded["opaque"].get<std::int32_t>());
  EXPECT_EQ(view.flag, decoded["flag"].get<std::int32_t>());
  EXPECT_EQ(view.is_response(), decoded["is_response"].get<bool>());
  EXPECT_EQ(view.is_oneway(), decoded["is_oneway"].get<bool>());
  if (decoded["language"].is_string()) {
    EXPECT_EQ(wire::language_name(view.language), decoded["language"].get<std::string>());
    EXPECT_EQ(static_cast<int>(view.language), decoded["language_code"].get<int>());
  }
  EXPECT_EQ(view.remark.has_value(), !decoded["remark"].is_null());
  EXPECT_EQ(view.remark.value_or(""), text_or_empty(decoded["remark"]));
  EXPECT_EQ(field_map(view), text_map(decoded["ext_fields"]));
  EXPECT_EQ(base::to_hex_lower(view.body), text_or_empty(decoded["body_hex"]));
}

wire::Command to_command(const Json& vector) {
  const Json& decoded = vector["decoded"];
  wire::Command command;
  command.serialization =
      vector["serialize"] == "JSON" ? wire::Serialization::json : wire::Serialization::rocketmq;
  command.code = decoded["code"];
  command.language = wire::language_from_code(decoded["language_code"].get<int>());
  command.version = decoded["version"];
  command.opaque = decoded["opaque"];
  command.flag = decoded["flag"];
  if (!decoded["remark"].is_null()) command.remark = decoded["remark"].get<std::string>();
  command.body = bytes_from_hex(decoded["body_hex"]);
  if (vector.contains("ext_order")) {
    for (const Json& pair : vector["ext_order"]) {
      if (!pair[1].is_null()) command.fields.emplace_back(pair[0], pair[1]);
    }
  } else {
    for (const auto& [name, value] : text_map(decoded["ext_fields"])) {
      command.fields.emplace_back(name, value);
    }
  }
  return command;
}

void check_remoting_command(const Json& vector) {
  const std::string frame = bytes_from_hex(vector["frame_hex"]);
  wire::CommandReader reader;
  auto size = wire::frame_size(base::as_bytes(frame));
  ASSERT_TRUE(size.ok()) << size.error().message;
  EXPECT_EQ(size.value(), frame.size());
  auto view = reader.read(base::as_bytes(frame));
  ASSERT_TRUE(view.ok()) << view.error().message;
  expect_equal(view.value(), vector["decoded"]);

  std::string encoded;
  wire::append_frame(to_command(vector), &encoded);
  if (vector["serialize"] == "ROCKETMQ") {
    EXPECT_EQ(base::to_hex_lower(base::as_bytes(encoded)), vector["frame_hex"].get<std::string>());
  }
  auto again = reader.read(base::as_bytes(encoded));
  ASSERT_TRUE(again.ok()) << again.error().message;
  expect_equal(again.value(), vector["decoded"]);
}

TEST(Golden, remoting_command) { for_each_case("remoting_command.json", check_remoting_command); }

}  // namespace
}  // namespace rmq::golden
