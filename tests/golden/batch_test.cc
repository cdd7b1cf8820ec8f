// Batch bodies, both ways, and what a consumer gets out of a stored inner batch.
#include "protocol/batch.h"

#include "base/hex.h"
#include "protocol/message_id.h"
#include "protocol/sys_flag.h"
#include "tests/golden/golden_file.h"

namespace rmq::golden {
namespace {

TextMap property_map(std::string_view text) {
  TextMap map;
  for (const auto& [name, value] : protocol::Properties(text)) map[std::string(name)] = value;
  return map;
}

std::string properties_text(const Json& pairs) {
  std::string text;
  for (const Json& pair : pairs) {
    protocol::append_property(pair[0].get<std::string>(), pair[1].get<std::string>(), &text);
  }
  return text;
}

void check_encoding(const Json& vector) {
  std::string encoded;
  for (const Json& message : vector["messages"]) {
    const std::string body = bytes_from_hex(message["body_hex"]);
    const std::string properties = properties_text(message["properties_in_order"]);
    ASSERT_TRUE(
        protocol::append_batch_message(
            {.flag = message["flag"], .body = base::as_bytes(body), .properties_text = properties},
            &encoded)
            .ok());
  }
  EXPECT_EQ(base::to_hex_lower(base::as_bytes(encoded)), vector["encoded_hex"].get<std::string>());
}

void check_decoding(const Json& vector) {
  const std::string encoded = bytes_from_hex(vector["encoded_hex"]);
  protocol::BatchReader reader(base::as_bytes(encoded));
  std::size_t count = 0;
  for (protocol::BatchMessage message; reader.next(&message); ++count) {
    ASSERT_LT(count, vector["decoded"].size());
    const Json& expected = vector["decoded"][count];
    EXPECT_EQ(message.flag, expected["flag"].get<std::int32_t>());
    EXPECT_EQ(base::to_hex_lower(message.body), text_or_empty(expected["body_hex"]));
    EXPECT_EQ(property_map(message.properties_text), text_map(expected["properties"]));
  }
  EXPECT_TRUE(reader.status().ok());
  EXPECT_EQ(count, vector["count"].get<std::size_t>());
}

void expect_inner(const protocol::StoredMessageView& message, const Json& expected) {
  EXPECT_EQ(message.topic, expected["topic"].get<std::string>());
  EXPECT_EQ(message.queue_id, expected["queue_id"].get<std::int32_t>());
  EXPECT_EQ(message.queue_offset, expected["queue_offset"].get<std::int64_t>());
  EXPECT_EQ(message.flag, expected["flag"].get<std::int32_t>());
  EXPECT_EQ(base::to_hex_lower(message.body), text_or_empty(expected["body_hex"]));
  EXPECT_EQ(message.sys_flag, expected["sys_flag"].get<std::int32_t>());
  EXPECT_EQ(message.commit_log_offset, expected["commit_log_offset"].get<std::int64_t>());
  EXPECT_EQ(message.born_timestamp_ms, expected["born_timestamp"].get<std::int64_t>());
  EXPECT_EQ(message.store_timestamp_ms, expected["store_timestamp"].get<std::int64_t>());
  EXPECT_EQ(protocol::message_id_of(message), expected["msg_id"].get<std::string>());
  // Java writes the default of WAIT into the property while it copies the message.
  TextMap properties = property_map(message.properties_text);
  properties.try_emplace(std::string(protocol::kPropertyWait), "true");
  EXPECT_EQ(properties, text_map(expected["properties"]));
}

void check_unwrapping(const Json& vector) {
  const std::string stored = bytes_from_hex(vector["stored_hex"]);
  protocol::StoredMessageReader outer_reader(base::as_bytes(stored));
  protocol::StoredMessageView outer;
  ASSERT_TRUE(outer_reader.next(&outer));
  ASSERT_TRUE(protocol::is_inner_batch(outer.sys_flag));
  protocol::InnerBatchReader reader(outer, outer.body);
  std::size_t count = 0;
  for (protocol::StoredMessageView message; reader.next(&message); ++count) {
    ASSERT_LT(count, vector["unwrapped"].size());
    expect_inner(message, vector["unwrapped"][count]);
  }
  EXPECT_TRUE(reader.status().ok());
  EXPECT_EQ(count, vector["unwrapped"].size());
}

void check_batch(const Json& vector) {
  if (vector.contains("stored_hex")) {
    check_unwrapping(vector);
  } else {
    check_encoding(vector);
    check_decoding(vector);
  }
}

TEST(Golden, batch) { for_each_case("batch.json", check_batch); }

}  // namespace
}  // namespace rmq::golden
