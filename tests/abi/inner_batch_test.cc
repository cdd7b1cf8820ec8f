// Inner batches, which brokers 5.x store as one message, through rmq_message_list_decode.
#include "base/compression.h"
#include "protocol/batch.h"
#include "protocol/sys_flag.h"
#include "tests/abi/stored_messages.h"

namespace rmq::test::abi {
namespace {

constexpr std::int32_t kInnerBatch = protocol::kSysFlagInnerBatch | protocol::kSysFlagNeedUnwrap;

// The body of an inner batch: `count` messages "body 0", "body 1", ... with keys of their own.
std::string make_batch(int count) {
  std::string batch;
  for (int i = 0; i < count; ++i) {
    const std::string body = "body " + std::to_string(i);
    const std::string properties =
        "KEYS\x01key" + std::to_string(i) + "\x02UNIQ_KEY\x01ID" + std::to_string(i) + "\x02";
    EXPECT_TRUE(
        protocol::append_batch_message(
            {.flag = i, .body = base::as_bytes(body), .properties_text = properties}, &batch)
            .ok());
  }
  return batch;
}

void expect_inner(const rmq_message_view_t& view, int index, std::int64_t outer_offset) {
  SCOPED_TRACE(index);
  EXPECT_EQ(view.error_code, RMQ_OK);
  EXPECT_STREQ(view.topic, "orders");
  EXPECT_EQ(body_of(view), "body " + std::to_string(index));
  EXPECT_EQ(view.flag, index);
  EXPECT_EQ(view.queue_id, 3);
  EXPECT_EQ(view.queue_offset, outer_offset + index);
  EXPECT_EQ(view.commit_log_offset, 4096);
  EXPECT_EQ(std::string(view.keys, view.keys_bytes), "key" + std::to_string(index));
  EXPECT_EQ(std::string(view.message_id, view.message_id_bytes), "ID" + std::to_string(index));
  EXPECT_EQ(view.tags, nullptr) << "the outer message's properties are not theirs";
  EXPECT_EQ(view.property_count, 2);
}

TEST(InnerBatches, are_shown_as_the_messages_in_them) {
  const std::string outer =
      store({.body = make_batch(100), .sys_flag = kInnerBatch, .queue_offset = 40});
  const MessageList list = decode(store({}) + outer + store({.queue_offset = 140}));
  const auto views = views_of(list);
  ASSERT_EQ(views.size(), 102u);
  EXPECT_EQ(body_of(views[0]), "hello");
  for (int i = 0; i < 100; ++i) expect_inner(views[static_cast<std::size_t>(i) + 1], i, 40);
  EXPECT_EQ(views[101].queue_offset, 140);
  EXPECT_STREQ(views[101].tags, "red");
}

TEST(InnerBatches, are_decompressed_as_a_whole) {
  for (const auto kind :
       {base::Compression::zlib, base::Compression::lz4, base::Compression::zstd}) {
    const std::string batch = make_batch(20);
    const std::string packed = base::compress(kind, 5, base::as_bytes(batch)).take_value();
    const MessageList list =
        decode(store({.body = packed, .sys_flag = protocol::with_compression(kInnerBatch, kind)}));
    const auto views = views_of(list);
    ASSERT_EQ(views.size(), 20u);
    for (int i = 0; i < 20; ++i) {
      expect_inner(views[static_cast<std::size_t>(i)], i, 7);
      EXPECT_EQ(views[static_cast<std::size_t>(i)].sys_flag & protocol::kSysFlagCompressed, 0);
    }
  }
}

TEST(InnerBatches, are_whole_messages_unless_both_flags_are_set) {
  for (const std::int32_t flag : {protocol::kSysFlagInnerBatch, protocol::kSysFlagNeedUnwrap}) {
    const std::string batch = make_batch(2);
    const MessageList list = decode(store({.body = batch, .sys_flag = flag}));
    const auto views = views_of(list);
    ASSERT_EQ(views.size(), 1u);
    EXPECT_EQ(body_of(views[0]), batch);
  }
}

TEST(InnerBatches, that_end_early_show_what_came_before_and_the_error) {
  const std::string batch = make_batch(3);
  for (std::size_t cut = 1; cut < 20; ++cut) {
    const std::string damaged = batch.substr(0, batch.size() - cut);
    const MessageList list =
        decode(store({.body = damaged, .sys_flag = kInnerBatch}) + store({.queue_offset = 10}));
    const auto views = views_of(list);
    ASSERT_EQ(views.size(), 4u);
    expect_inner(views[0], 0, 7);
    expect_inner(views[1], 1, 7);
    EXPECT_EQ(views[2].error_code, RMQ_ERROR_BAD_BODY);
    EXPECT_EQ(body_of(views[2]), damaged);
    EXPECT_EQ(views[3].error_code, RMQ_OK);
  }
}

TEST(InnerBatches, without_messages_are_an_error_and_not_nothing) {
  const MessageList list = decode(store({.body = "", .sys_flag = kInnerBatch}));
  const auto views = views_of(list);
  ASSERT_EQ(views.size(), 1u);
  EXPECT_EQ(views[0].error_code, RMQ_ERROR_BAD_BODY);
}

TEST(InnerBatches, cannot_blow_up_a_few_bytes_into_millions_of_messages) {
  std::string batch;
  for (int i = 0; i < 400'000; ++i) {
    ASSERT_TRUE(protocol::append_batch_message({}, &batch).ok());
  }
  const std::string packed =
      base::compress(base::Compression::zlib, 5, base::as_bytes(batch)).take_value();
  const std::int32_t flag = protocol::with_compression(kInnerBatch, base::Compression::zlib);
  const MessageList list = decode(store({.body = packed, .sys_flag = flag}) + store({}));
  const auto views = views_of(list);
  ASSERT_LT(views.size(), 300'000u);
  EXPECT_EQ(views[views.size() - 2].error_code, RMQ_ERROR_TOO_LARGE);
  EXPECT_EQ(body_of(views.back()), "hello");
}

TEST(InnerBatches, leave_no_trace_in_a_message_that_is_retained) {
  Message kept;
  {
    const MessageList list = decode(store({.body = make_batch(1000), .sys_flag = kInnerBatch}));
    kept.reset(rmq_message_retain(views_of(list)[567].message));
  }
  rmq_message_view_t view{};
  ASSERT_EQ(rmq_message_view(kept.get(), &view, sizeof view), RMQ_OK);
  expect_inner(view, 567, 7);
}

}  // namespace
}  // namespace rmq::test::abi
