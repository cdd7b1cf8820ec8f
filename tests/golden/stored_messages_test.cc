// Bodies of pull answers: the same messages as Java's decoder, up to the same one. TOTALSIZE is
// ignored as Java ignores it; with the check on, what is read is a prefix of that.
#include "base/hex.h"
#include "base/utf8.h"
#include "protocol/message_id.h"
#include "protocol/stored_message.h"
#include "protocol/stored_message_writer.h"
#include "protocol/sys_flag.h"
#include "tests/golden/golden_file.h"

namespace rmq::golden {
namespace {

using protocol::StoredMessageReader;
using protocol::StoredMessageView;
using protocol::TotalSizeRule;

constexpr std::size_t kBodyBytesMax = 64 * 1024 * 1024;

TextMap property_map(const StoredMessageView& message) {
  TextMap map;
  for (const auto& [name, value] : message.properties()) {
    map[base::mend_utf8(name)] = base::mend_utf8(value);
  }
  return map;
}

void expect_host(const protocol::MessageHost& host, const Json& hex, const Json& port) {
  EXPECT_EQ(base::to_hex_lower(host.canonical_address()), hex.get<std::string>());
  EXPECT_EQ(host.port, port.get<std::int32_t>());
}

// Java decompresses while it decodes; a body that cannot be ends its list.
struct Decoded {
  StoredMessageView view;
  std::string body;
  std::int32_t sys_flag = 0;
};

bool decode_body(Decoded* message) {
  message->sys_flag = message->view.sys_flag;
  message->body = base::as_text(message->view.body);
  if (!message->view.is_compressed()) return true;
  auto body = protocol::decompress_body(message->view, kBodyBytesMax);
  if (!body.ok()) return false;
  message->body = body.take_value();
  message->sys_flag &= ~protocol::kSysFlagCompressed;
  return true;
}

std::vector<Decoded> decode_all(const std::string& bytes, TotalSizeRule rule) {
  std::vector<Decoded> messages;
  StoredMessageReader reader(base::as_bytes(bytes), rule);
  for (Decoded message; reader.next(&message.view) && decode_body(&message);) {
    messages.push_back(message);
  }
  return messages;
}

void expect_equal(const Decoded& message, const Json& expected) {
  const StoredMessageView& view = message.view;
  EXPECT_EQ(view.total_bytes, expected["store_size"].get<std::int32_t>());
  EXPECT_EQ(static_cast<std::int32_t>(view.body_crc),
            static_cast<std::int32_t>(expected["body_crc"].get<std::int64_t>()));
  EXPECT_EQ(view.queue_id, expected["queue_id"].get<std::int32_t>());
  EXPECT_EQ(view.flag, expected["flag"].get<std::int32_t>());
  EXPECT_EQ(view.queue_offset, expected["queue_offset"].get<std::int64_t>());
  EXPECT_EQ(view.commit_log_offset, expected["commit_log_offset"].get<std::int64_t>());
  EXPECT_EQ(message.sys_flag, expected["sys_flag_after_decode"].get<std::int32_t>());
  EXPECT_EQ(view.born_timestamp_ms, expected["born_timestamp"].get<std::int64_t>());
  EXPECT_EQ(view.store_timestamp_ms, expected["store_timestamp"].get<std::int64_t>());
  expect_host(view.born_host, expected["born_host_hex"], expected["born_port"]);
  expect_host(view.store_host, expected["store_host_hex"], expected["store_port"]);
  EXPECT_EQ(view.reconsume_times, expected["reconsume_times"].get<std::int32_t>());
  EXPECT_EQ(view.prepared_transaction_offset,
            expected["prepared_transaction_offset"].get<std::int64_t>());
  EXPECT_EQ(base::to_hex_lower(base::as_bytes(message.body)), text_or_empty(expected["body_hex"]));
  EXPECT_EQ(base::mend_utf8(view.topic), expected["topic"].get<std::string>());
  EXPECT_EQ(property_map(view), text_map(expected["properties"]));
  EXPECT_EQ(protocol::offset_id_of(view), expected["offset_msg_id"].get<std::string>());
  EXPECT_EQ(base::mend_utf8(protocol::message_id_of(view)), expected["msg_id"].get<std::string>());
}

// What the checked reader takes is written back to the same bytes, but for a damaged CRC.
void expect_rewritten(const StoredMessageView& view) {
  if (!protocol::has_good_crc(view)) return;
  std::string rewritten;
  ASSERT_TRUE(protocol::append_stored_message(view, &rewritten).ok());
  EXPECT_EQ(base::to_hex_lower(base::as_bytes(rewritten)), base::to_hex_lower(view.stored));
}

void check_stored_messages(const Json& vector) {
  const std::string bytes = bytes_from_hex(vector["hex"]);
  const std::vector<Decoded> messages = decode_all(bytes, TotalSizeRule::ignored);
  const Json& expected = vector["messages"];
  EXPECT_EQ(messages.size(), expected.size());
  std::int64_t total = 0;
  for (std::size_t i = 0; i < std::min(messages.size(), expected.size()); ++i) {
    SCOPED_TRACE("message " + std::to_string(i));
    expect_equal(messages[i], expected[i]);
    total += messages[i].view.total_bytes;
  }
  EXPECT_EQ(total == static_cast<std::int64_t>(bytes.size()), vector["complete"].get<bool>());

  const std::vector<Decoded> checked = decode_all(bytes, TotalSizeRule::checked);
  ASSERT_LE(checked.size(), messages.size());
  for (std::size_t i = 0; i < checked.size(); ++i) {
    expect_equal(checked[i], expected[i]);
    expect_rewritten(checked[i].view);
  }
}

TEST(Golden, stored_messages) { for_each_case("stored_messages.json", check_stored_messages); }

}  // namespace
}  // namespace rmq::golden
