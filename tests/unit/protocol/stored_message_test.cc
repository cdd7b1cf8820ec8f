#include "protocol/stored_message.h"

#include <gtest/gtest.h>

#include "protocol/batch.h"
#include "protocol/stored_message_writer.h"
#include "protocol/sys_flag.h"

namespace rmq::protocol {
namespace {

constexpr std::uint8_t kHostV4[] = {10, 0, 0, 1};
constexpr std::uint8_t kHostV6[] = {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

std::string stored(std::string_view topic, std::string_view body) {
  std::string bytes;
  const base::Status status = append_stored_message({.queue_id = 2,
                                                     .queue_offset = 7,
                                                     .born_host = {kHostV4, 1},
                                                     .store_host = {kHostV6, 10911},
                                                     .body = base::as_bytes(body),
                                                     .topic = topic,
                                                     .properties_text = "TAGS\x01t\x02"},
                                                    &bytes);
  EXPECT_TRUE(status.ok());
  return bytes;
}

TEST(StoredMessage, is_read_back_with_hosts_of_both_families) {
  const std::string bytes = stored("topic", "body");
  StoredMessageReader reader(base::as_bytes(bytes));
  StoredMessageView message;
  ASSERT_TRUE(reader.next(&message)) << reader.status().error().message;
  EXPECT_EQ(message.sys_flag, kSysFlagStoreHostV6);
  EXPECT_EQ(message.topic, "topic");
  EXPECT_EQ(message.store_host.address.size(), 16u);
  EXPECT_EQ(message.properties().find(kPropertyTags), "t");
  EXPECT_TRUE(has_good_crc(message));
  EXPECT_FALSE(reader.next(&message));
  EXPECT_TRUE(reader.status().ok());
}

TEST(StoredMessage, takes_the_second_magic_for_a_long_topic) {
  const std::string topic(200, 'x');
  const std::string bytes = stored(topic, "");
  StoredMessageReader reader(base::as_bytes(bytes));
  StoredMessageView message;
  ASSERT_TRUE(reader.next(&message));
  EXPECT_EQ(message.magic, kMessageMagicV2);
  EXPECT_EQ(message.topic, topic);
}

TEST(StoredMessage, gets_its_offsets_when_the_broker_knows_them) {
  std::string bytes = stored("topic", "body");
  patch_stored_offsets({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}, 41, -42);
  StoredMessageReader reader(base::as_bytes(bytes));
  StoredMessageView message;
  ASSERT_TRUE(reader.next(&message));
  EXPECT_EQ(message.queue_offset, 41);
  EXPECT_EQ(message.commit_log_offset, -42);
}

TEST(StoredMessage, keeps_what_came_before_a_damaged_one_and_says_where_it_is) {
  const std::string good = stored("topic", "body");
  std::string bytes = good + good;
  bytes[good.size() + 3] = static_cast<char>(bytes[good.size() + 3] + 1);  // TOTALSIZE
  bytes += '\0';
  StoredMessageReader reader(base::as_bytes(bytes));
  StoredMessageView message;
  EXPECT_TRUE(reader.next(&message));
  EXPECT_FALSE(reader.next(&message));
  ASSERT_FALSE(reader.status().ok());
  EXPECT_EQ(reader.status().code(), base::ErrorCode::BAD_BODY);
  EXPECT_NE(reader.status().error().message.find("offset " + std::to_string(good.size())),
            std::string::npos);
}

TEST(StoredMessage, survives_every_cut) {
  const std::string bytes = stored("topic", "body");
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const std::vector<std::uint8_t> cut(bytes.begin(),
                                        bytes.begin() + static_cast<std::ptrdiff_t>(size));
    StoredMessageReader reader(cut);
    StoredMessageView message;
    EXPECT_FALSE(reader.next(&message));
    EXPECT_FALSE(reader.status().ok());
  }
}

TEST(StoredMessage, sees_a_changed_body_by_its_crc) {
  std::string bytes = stored("topic", "body");
  bytes[bytes.find("body")] = 'B';
  StoredMessageReader reader(base::as_bytes(bytes));
  StoredMessageView message;
  ASSERT_TRUE(reader.next(&message));
  EXPECT_FALSE(has_good_crc(message));
}

TEST(StoredMessage, is_refused_when_its_parts_do_not_fit) {
  const std::string properties(32768, 'x');
  std::string out = "kept";
  const base::Status status = append_stored_message({.properties_text = properties}, &out);
  EXPECT_EQ(status.code(), base::ErrorCode::TOO_LARGE);
  EXPECT_EQ(out, "kept");
}

TEST(InnerBatch, counts_the_queue_offset_up) {
  std::string batch;
  for (const char* body : {"one", "two"}) {
    ASSERT_TRUE(append_batch_message({.body = base::as_bytes(body)}, &batch).ok());
  }
  StoredMessageView outer{.queue_offset = 100, .sys_flag = kSysFlagInnerBatch | kSysFlagNeedUnwrap};
  InnerBatchReader reader(outer, base::as_bytes(batch));
  StoredMessageView message;
  ASSERT_TRUE(reader.next(&message));
  ASSERT_TRUE(reader.next(&message));
  EXPECT_EQ(message.queue_offset, 101);
  EXPECT_EQ(base::as_text(message.body), "two");
  EXPECT_FALSE(reader.next(&message));
  EXPECT_TRUE(reader.status().ok());
}

}  // namespace
}  // namespace rmq::protocol
