// Batches of received messages over the slabs that a connection read them into.
#include "client/received_message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "client/batch_decoder.h"
#include "protocol/stored_message_writer.h"
#include "remoting/frame_reader.h"
#include "wire/frame_writer.h"

namespace rmq::client {
namespace {

constexpr std::size_t kSlabBytes = 64 * 1024;

std::string store(const std::string& body, std::int64_t offset) {
  std::string bytes;
  EXPECT_TRUE(protocol::append_stored_message({.queue_offset = offset,
                                               .body = base::as_bytes(body),
                                               .topic = "orders",
                                               .properties_text = "KEYS\x01k\x02"},
                                              &bytes)
                  .ok());
  return bytes;
}

// The answer to a pull: `count` messages in one frame.
std::string make_answer(int count, std::int64_t first_offset = 0) {
  std::string stored;
  for (int i = 0; i < count; ++i) stored += store("body " + std::to_string(i), first_offset + i);
  wire::Command answer;
  answer.flag = wire::kFlagResponse;
  answer.body = stored;
  std::string frame;
  wire::append_frame(answer, &frame);
  return frame;
}

void feed(remoting::FrameReader& reader, const std::string& bytes) {
  for (std::size_t position = 0; position < bytes.size();) {
    const base::MutableBytes space = reader.space();
    const std::size_t size = std::min(space.size(), bytes.size() - position);
    std::memcpy(space.data(), bytes.data() + position, size);
    reader.filled(size);
    position += size;
    if (position < bytes.size()) {
      // A frame that is not whole yet: the reader learns its size.
      const auto none = reader.next();
      EXPECT_TRUE(none.ok() && none.value().empty());
    }
  }
}

// What a pull's on_response does with the frame that the reader holds.
std::unique_ptr<MessageBatch> take_batch(remoting::FrameReader& reader) {
  const auto frame = reader.next();
  EXPECT_TRUE(frame.ok() && !frame.value().empty());
  wire::CommandReader commands;
  const auto command = commands.read(frame.value());
  EXPECT_TRUE(command.ok());
  BatchDecoder decoder(reader.slab(), command.value().body, {.piece_messages = 100'000},
                       {.is_whole_list = true});
  auto batch = decoder.next_piece();
  EXPECT_TRUE(decoder.is_done() && decoder.status().ok());
  return batch;
}

TEST(MessageBatch, outlives_the_connection_that_read_it) {
  for (const int count : {3, 2000}) {  // in a shared slab, and in one of its own size
    std::unique_ptr<MessageBatch> batch;
    {
      remoting::FrameReader reader(kSlabBytes);
      feed(reader, make_answer(count));
      batch = take_batch(reader);
      reader.reset();
      feed(reader, make_answer(5));  // of the next session, over whatever was free
      take_batch(reader);
    }
    ASSERT_EQ(batch->size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const message::MessageFields fields = (*batch)[static_cast<std::size_t>(i)].fields();
      EXPECT_EQ(base::as_text(fields.body), "body " + std::to_string(i));
      EXPECT_EQ(fields.topic, "orders");
      EXPECT_EQ(fields.keys, "k");
      EXPECT_EQ(fields.queue_offset, i);
    }
  }
}

TEST(MessageBatch, keeps_its_bytes_while_the_connection_reads_on) {
  remoting::FrameReader reader(kSlabBytes);
  std::vector<std::unique_ptr<MessageBatch>> batches;
  for (int i = 0; i < 100; ++i) {
    feed(reader, make_answer(50, i * 50));
    batches.push_back(take_batch(reader));
  }
  std::int64_t offset = 0;
  for (const auto& batch : batches) {
    for (std::size_t i = 0; i < batch->size(); ++i, ++offset) {
      EXPECT_EQ((*batch)[i].fields().queue_offset, offset);
      EXPECT_EQ(base::as_text((*batch)[i].fields().body), "body " + std::to_string(i));
    }
  }
}

TEST(MessageBatch, is_pinned_by_no_message_of_it_that_is_kept) {
  remoting::FrameReader reader(kSlabBytes);
  feed(reader, make_answer(1000));
  std::unique_ptr<MessageBatch> batch = take_batch(reader);
  const base::SlabRef slab = reader.slab();
  reader = remoting::FrameReader(kSlabBytes);
  const std::unique_ptr<message::Message> kept = (*batch)[500].copy();
  EXPECT_FALSE(slab.unique());
  batch.reset();
  EXPECT_TRUE(slab.unique()) << "nobody but this test refers to it";
  EXPECT_EQ(base::as_text(kept->fields().body), "body 500");
}

TEST(MessageBatch, leaves_a_connection_its_slab_when_one_of_a_thousand_is_kept) {
  remoting::FrameReader reader(kSlabBytes);
  const std::string answer = make_answer(100);  // well within a slab
  const base::Slab* slab = nullptr;
  std::vector<std::unique_ptr<message::Message>> kept;
  for (int i = 0; i < 1000; ++i) {
    feed(reader, answer);
    if (i == 0) slab = reader.slab().operator->();
    EXPECT_EQ(reader.slab().operator->(), slab) << "reading on needs no other slab";
    const std::unique_ptr<MessageBatch> batch = take_batch(reader);
    if (i % 10 == 0) kept.push_back((*batch)[static_cast<std::size_t>(i / 10)].copy());
  }
  ASSERT_EQ(kept.size(), 100u);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(base::as_text(kept[i]->fields().body), "body " + std::to_string(i));
  }
}

}  // namespace
}  // namespace rmq::client
