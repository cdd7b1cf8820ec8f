// What becomes of the bytes of one answer: pieces of bounded work, and no message lost without a
// word, whatever is damaged.
#include "client/batch_decoder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/compression.h"
#include "base/cursor.h"
#include "protocol/stored_message_writer.h"
#include "protocol/sys_flag.h"

namespace rmq::client {
namespace {

constexpr std::int32_t kZlib =
    protocol::kSysFlagCompressed | (static_cast<std::int32_t>(base::Compression::zlib) << 8);
constexpr std::int32_t kInnerBatch = protocol::kSysFlagInnerBatch | protocol::kSysFlagNeedUnwrap;

std::string encode(std::string_view body, std::int64_t offset, std::int32_t sys_flag = 0) {
  std::string bytes;
  EXPECT_TRUE(protocol::append_stored_message({.queue_id = 3,
                                               .queue_offset = offset,
                                               .commit_log_offset = offset ^ 1000,
                                               .sys_flag = sys_flag,
                                               .body = base::as_bytes(body),
                                               .topic = "orders",
                                               .properties_text = "KEYS\x01k\x02"},
                                              &bytes)
                  .ok());
  return bytes;
}

std::string encode_compressed(const std::string& body, std::int64_t offset) {
  return encode(base::compress(base::Compression::zlib, 5, base::as_bytes(body)).take_value(),
                offset, kZlib);
}

// A batch with the bodies "0", "1", ...; `cut` bytes are missing at its end.
std::string make_inner(int count, std::size_t cut = 0) {
  std::string batch;
  for (int i = 0; i < count; ++i) {
    const std::string body = std::to_string(i);
    EXPECT_TRUE(protocol::append_batch_message({.body = base::as_bytes(body)}, &batch).ok());
  }
  batch.resize(batch.size() - cut);
  return batch;
}

void break_port(std::string* stored) {
  constexpr std::size_t kPlaceOfBornPort = 4 + 4 + 4 + 4 + 4 + 8 + 8 + 4 + 8 + 4;
  base::store_big_endian(reinterpret_cast<std::uint8_t*>(stored->data()) + kPlaceOfBornPort,
                         std::uint32_t{70000});
}

class BatchDecoderTest : public ::testing::Test {
 protected:
  using Offsets = std::vector<std::int64_t>;
  using Bodies = std::vector<std::string>;

  // Pulled from `first`; the broker says that the queue goes on at `next`.
  void give(const std::string& stored, std::int64_t first, std::int64_t next) {
    asked.topic = "orders";
    asked.queue_id = 3;
    asked.first_offset = first;
    asked.next_offset = next;
    base::SlabRef slab = base::SlabRef::allocate(stored.size() + 1);
    std::memcpy(slab->data(), stored.data(), stored.size());
    decoder = std::make_unique<BatchDecoder>(slab, base::Bytes(slab->data(), stored.size()), limits,
                                             asked);
  }
  void decode() {
    while (!decoder->is_done()) {
      pieces.push_back(decoder->next_piece());
      for (std::size_t i = 0; i < pieces.back()->size(); ++i)
        messages.push_back(&(*pieces.back())[i]);
    }
  }
  message::MessageFields fields(std::size_t index) const { return messages.at(index)->fields(); }
  std::vector<std::int64_t> offsets() const {
    std::vector<std::int64_t> all;
    for (const ReceivedMessage* message : messages) all.push_back(message->fields().queue_offset);
    return all;
  }
  std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    for (const ReceivedMessage* message : messages)
      all.emplace_back(base::as_text(message->fields().body));
    return all;
  }

  BatchDecoder::Limits limits;
  BatchDecoder::Asked asked;
  std::unique_ptr<BatchDecoder> decoder;
  std::vector<std::unique_ptr<MessageBatch>> pieces;
  std::vector<const ReceivedMessage*> messages;
};

TEST_F(BatchDecoderTest, takes_little_that_is_not_compressed_as_light) {
  give(encode("a", 0) + encode("b", 1), 0, 2);
  EXPECT_TRUE(decoder->is_light());
  give(encode("a", 0) + encode_compressed("b", 1), 0, 2);
  EXPECT_FALSE(decoder->is_light());
  give(encode(std::string(300'000, 'x'), 0), 0, 1);
  EXPECT_FALSE(decoder->is_light());
}

TEST_F(BatchDecoderTest, ends_a_piece_after_a_bounded_number_of_bytes) {
  limits.piece_bytes = 100'000;
  std::string stored;
  for (int i = 0; i < 20; ++i) stored += encode_compressed(std::string(40'000, 'x'), i);
  give(stored, 0, 20);
  decode();
  EXPECT_EQ(messages.size(), 20u);
  ASSERT_EQ(pieces.size(), 7u);
  std::size_t stored_bytes = 0;
  for (const auto& piece : pieces) {
    EXPECT_LE(piece->size(), 3u);
    EXPECT_EQ(piece->decompressed_bytes(), piece->size() * 40'000);
    stored_bytes += piece->stored_bytes();
  }
  EXPECT_EQ(stored_bytes, stored.size());
  EXPECT_TRUE(decoder->status().ok());
}

TEST_F(BatchDecoderTest, divides_an_inner_batch_and_takes_no_limit_for_damage) {
  limits.piece_messages = 4;
  give(encode(make_inner(10), 100, kInnerBatch), 100, 110);
  decode();
  EXPECT_EQ(pieces.size(), 3u);
  EXPECT_EQ(bodies(), (Bodies{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
  EXPECT_EQ(offsets(), (Offsets{100, 101, 102, 103, 104, 105, 106, 107, 108, 109}));
  for (const ReceivedMessage* message : messages) EXPECT_EQ(message->fields().error, nullptr);
}

TEST_F(BatchDecoderTest, shows_only_what_is_new_of_a_batch_that_began_before) {
  give(encode(make_inner(5), 100, kInnerBatch), 103, 105);
  decode();
  EXPECT_EQ(offsets(), (Offsets{103, 104}));
}

TEST_F(BatchDecoderTest, shows_a_broken_batch_at_the_first_offset_that_could_not_be_read) {
  give(encode(make_inner(5, 30), 100, kInnerBatch) + encode("next", 105), 100, 106);
  decode();
  EXPECT_EQ(offsets(), (Offsets{100, 101, 102, 103, 105}));
  EXPECT_EQ(fields(2).error, nullptr);
  ASSERT_NE(fields(3).error, nullptr);
  EXPECT_EQ(fields(3).error->code, base::ErrorCode::BAD_BODY);
  EXPECT_EQ(fields(3).topic, "orders");
  EXPECT_EQ(fields(4).error, nullptr);
  EXPECT_TRUE(decoder->status().ok());
}

TEST_F(BatchDecoderTest, shows_a_batch_that_cannot_be_opened_at_the_offset_that_was_asked_for) {
  give(encode("no zlib at all", 100, kInnerBatch | kZlib), 103, 105);
  decode();
  EXPECT_EQ(offsets(), (Offsets{103}));
  EXPECT_NE(fields(0).error, nullptr);
}

TEST_F(BatchDecoderTest, keeps_what_was_read_before_an_unreadable_message) {
  std::string bad = encode("bad", 1);
  break_port(&bad);
  give(encode("good", 0) + bad + encode("good", 2), 0, 3);
  decode();
  EXPECT_EQ(offsets(), (Offsets{0}));
  EXPECT_EQ(decoder->status().code(), base::ErrorCode::BAD_BODY);
}

TEST_F(BatchDecoderTest, shows_the_unreadable_message_that_was_asked_for_alone) {
  std::string bad = encode("bad", 7);
  break_port(&bad);
  asked.is_for_one = true;
  give(bad, 7, 8);
  decode();
  ASSERT_EQ(offsets(), (Offsets{7}));
  EXPECT_TRUE(messages[0]->is_unreadable());
  EXPECT_EQ(fields(0).topic, "orders");
  EXPECT_EQ(fields(0).queue_id, 3);
  EXPECT_EQ(fields(0).commit_log_offset, 1007);
  EXPECT_EQ(base::as_text(fields(0).body), bad);
  ASSERT_NE(fields(0).error, nullptr);
  EXPECT_EQ(fields(0).error->code, base::ErrorCode::BAD_BODY);
  EXPECT_TRUE(decoder->status().ok());
  const auto copy = messages[0]->copy();
  EXPECT_EQ(copy->fields().born_host.data(), nullptr);
  EXPECT_NE(copy->fields().error, nullptr);
}

// A wrong offset would move the queue: what lies between would never be pulled.
TEST_F(BatchDecoderTest, does_not_believe_an_offset_outside_of_what_was_asked_for) {
  for (const std::int64_t wrong : {INT64_MAX - 1, std::int64_t{9}, std::int64_t{2}}) {
    give(encode("good", 5) + encode("bad", wrong), 5, 8);
    messages.clear();
    decode();
    EXPECT_EQ(offsets(), (Offsets{5})) << wrong;
    EXPECT_FALSE(decoder->status().ok()) << wrong;
  }
  asked.is_for_one = true;
  give(encode("bad", 1'000'000), 6, 8);
  messages.clear();
  decode();
  EXPECT_EQ(offsets(), (Offsets{6}));
  EXPECT_NE(fields(0).error, nullptr);
  EXPECT_EQ(base::as_text(fields(0).body), "bad");
}

TEST_F(BatchDecoderTest, adds_the_difference_of_static_topics_to_each_offset) {
  asked.delta = 1000;
  give(encode("a", 5) + encode("b", 6), 1005, 1007);
  decode();
  EXPECT_EQ(offsets(), (Offsets{1005, 1006}));
}

// Each bit of an answer, changed: the list is told to be damaged, or every message is there, or one
// of those that are there has an error. Whether a message is a batch is the one thing that nothing
// else in it tells.
TEST_F(BatchDecoderTest, loses_no_message_without_a_word_whichever_bit_is_damaged) {
  constexpr std::size_t kPlaceOfFlagByte = 4 + 4 + 4 + 4 + 4 + 8 + 8 + 3;
  const std::string first = encode("first", 0);
  const std::string good = first + encode(make_inner(2), 1, kInnerBatch) +
                           encode_compressed("compressed", 3) + encode("last", 4);
  for (std::size_t place = 0; place < good.size() * 8; ++place) {
    if (place / 8 == first.size() + kPlaceOfFlagByte) continue;
    std::string damaged = good;
    damaged[place / 8] = static_cast<char>(damaged[place / 8] ^ (1 << place % 8));
    give(damaged, 0, 5);
    messages.clear();
    decode();
    std::int64_t last = -1;
    bool has_error = !decoder->status().ok();
    for (const ReceivedMessage* message : messages) {
      EXPECT_GT(message->fields().queue_offset, last) << place;
      last = message->fields().queue_offset;
      has_error = has_error || message->fields().error != nullptr;
    }
    EXPECT_LT(last, 5) << place;
    EXPECT_TRUE(messages.size() == 5 || has_error) << place;
    pieces.clear();
  }
}

}  // namespace
}  // namespace rmq::client
