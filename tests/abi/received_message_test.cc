// Received messages through rmq_message_list_decode.
#include <cstring>
#include <thread>

#include "base/compression.h"
#include "protocol/sys_flag.h"
#include "tests/abi/resident_memory.h"
#include "tests/abi/stored_messages.h"

namespace rmq::test::abi {
namespace {

void expect_terminated(const char* text, std::size_t bytes) {
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(std::strlen(text), bytes);
}

void expect_hello(const rmq_message_view_t& view) {
  EXPECT_STREQ(view.topic, "orders");
  EXPECT_STREQ(view.tags, "red");
  EXPECT_STREQ(view.keys, "k1 k2");
  EXPECT_STREQ(view.message_id, "ABCDEF");
  EXPECT_EQ(body_of(view), "hello");
  EXPECT_EQ(view.queue_id, 3);
  EXPECT_EQ(view.queue_offset, 7);
  EXPECT_EQ(view.commit_log_offset, 4096);
  EXPECT_EQ(view.property_count, 3);
  EXPECT_EQ(view.broker_name, nullptr) << "decoded from bytes of unknown origin";
  const std::string all(view.properties, view.properties_bytes);
  EXPECT_NE(all.find("KEYS\1k1 k2\2"), std::string::npos) << all;
  EXPECT_EQ(view.error_code, RMQ_OK);
  EXPECT_EQ(view.error, nullptr);
  expect_terminated(view.topic, view.topic_bytes);
  expect_terminated(view.tags, view.tags_bytes);
  expect_terminated(view.keys, view.keys_bytes);
  expect_terminated(view.message_id, view.message_id_bytes);
  expect_terminated(view.offset_message_id, view.offset_message_id_bytes);
  expect_terminated(view.born_host, view.born_host_bytes);
  expect_terminated(view.store_host, view.store_host_bytes);
  std::size_t bytes = 0;
  EXPECT_STREQ(rmq_message_property(view.message, "KEYS", SIZE_MAX, &bytes), "k1 k2");
  EXPECT_EQ(bytes, 5u);
}

TEST(ReceivedMessages, show_all_that_was_stored) {
  const MessageList list = decode(store({}) + store({}));
  const auto views = views_of(list);
  ASSERT_EQ(views.size(), 2u);
  for (const auto& view : views) expect_hello(view);
  rmq_error_t* error = nullptr;
  EXPECT_EQ(rmq_message_set_number(const_cast<rmq_message_t*>(views[0].message), RMQ_FIELD_FLAG, 1,
                                   &error),
            RMQ_ERROR_ARGUMENT);
  rmq_error_destroy(error);
}

TEST(ReceivedMessages, are_shown_from_any_place_and_to_older_callers) {
  std::string bytes;
  for (std::int64_t i = 0; i < 10; ++i) bytes += store({.queue_offset = i});
  const MessageList list = decode(bytes);
  rmq_message_view_t views[20];
  EXPECT_EQ(rmq_message_list_views(list.get(), 8, views, sizeof views[0], 20), 2u);
  EXPECT_EQ(views[0].queue_offset, 8);
  EXPECT_EQ(rmq_message_list_views(list.get(), 10, views, sizeof views[0], 20), 0u);
  // An older caller's stride.
  struct Older {
    std::int64_t queue_offset;
    std::int64_t commit_log_offset;
  } older[10];
  EXPECT_EQ(rmq_message_list_views(list.get(), 0, reinterpret_cast<rmq_message_view_t*>(older),
                                   sizeof older[0], 10),
            10u);
  for (std::int64_t i = 0; i < 10; ++i) EXPECT_EQ(older[i].queue_offset, i);
}

TEST(ReceivedMessages, may_be_read_by_four_threads_at_once) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += store({});
  const MessageList list = decode(bytes);
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&list] {
      for (const auto& view : views_of(list)) {
        expect_hello(view);
        const Message kept(rmq_message_retain(view.message));
        EXPECT_NE(kept, nullptr);
      }
    });
  }
  for (auto& reader : readers) reader.join();
}

TEST(ReceivedMessages, outlive_their_list_when_retained) {
  Message kept;
  {
    const MessageList list = decode(store({}));
    kept.reset(rmq_message_retain(views_of(list)[0].message));
  }
  rmq_message_view_t view{};
  ASSERT_EQ(rmq_message_view(kept.get(), &view, sizeof view), RMQ_OK);
  expect_hello(view);
}

TEST(ReceivedMessages, carry_the_error_of_their_own_damaged_body_only) {
  std::string damaged = store({.body = "damaged!"});
  damaged[damaged.find("damaged!")] ^= 1;
  std::string packed = base::compress(base::Compression::zlib, 5,
                                      base::as_bytes(std::string_view("packed packed packed")))
                           .take_value();
  packed.resize(packed.size() / 2);
  const std::int32_t packed_flag = protocol::with_compression(0, base::Compression::zlib);
  const MessageList list =
      decode(store({}) + damaged + store({.body = packed, .sys_flag = packed_flag}) + store({}));
  const auto views = views_of(list);
  ASSERT_EQ(views.size(), 4u);
  expect_hello(views[0]);
  expect_hello(views[3]);
  for (const int i : {1, 2}) {
    EXPECT_EQ(views[i].error_code, RMQ_ERROR_BAD_BODY);
    EXPECT_STRNE(rmq_error_message(views[i].error), "");
    EXPECT_EQ(rmq_error_code(views[i].error), RMQ_ERROR_BAD_BODY);
    EXPECT_GT(views[i].body_bytes, 0u);
  }
  // A retained one keeps its error.
  const Message kept(rmq_message_retain(views[1].message));
  rmq_message_view_t view{};
  ASSERT_EQ(rmq_message_view(kept.get(), &view, sizeof view), RMQ_OK);
  EXPECT_EQ(view.error_code, RMQ_ERROR_BAD_BODY);
}

TEST(ReceivedMessages, are_decompressed) {
  const std::string text(10'000, 'z');
  for (const auto kind :
       {base::Compression::zlib, base::Compression::lz4, base::Compression::zstd}) {
    const MessageList list =
        decode(store({.body = base::compress(kind, 5, base::as_bytes(text)).take_value(),
                      .sys_flag = protocol::with_compression(0, kind)}));
    ASSERT_EQ(rmq_message_list_count(list.get()), 1u);
    EXPECT_EQ(body_of(views_of(list)[0]), text);
  }
}

TEST(ReceivedMessages, are_refused_where_bytes_are_no_message) {
  const std::string good = store({});
  for (std::size_t cut = 1; cut < good.size(); ++cut) {
    const std::string bytes = good + good.substr(0, cut);
    rmq_message_list_t* list = nullptr;
    std::string message;
    EXPECT_EQ(code_of(
                  [&](rmq_error_t** error) {
                    return rmq_message_list_decode(bytes.data(), bytes.size(), &list, error);
                  },
                  &message),
              RMQ_ERROR_BAD_BODY);
    EXPECT_EQ(list, nullptr);
    EXPECT_NE(message.find(std::to_string(good.size())), std::string::npos) << message;
  }
}

TEST(ReceivedMessages, cost_what_they_weigh_when_one_of_a_thousand_is_kept) {
#ifdef NDEBUG
  constexpr std::size_t kLists = 1000;
#else
  constexpr std::size_t kLists = 200;  // unoptimised builds are slower
#endif
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += store({.body = std::string(1024, 'b')});
  decode(bytes);
  [[maybe_unused]] const std::size_t before = resident_bytes();
  std::vector<Message> kept;
  std::size_t kept_bytes = 0;
  for (std::size_t i = 0; i < kLists; ++i) {
    const MessageList list = decode(bytes);
    rmq_message_view_t view{};
    ASSERT_EQ(rmq_message_list_views(list.get(), i % 1000, &view, sizeof view, 1), 1u);
    kept.emplace_back(rmq_message_retain(view.message));
    kept_bytes += bytes.size() / 1000;
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LE(resident_bytes(), before + 4 * kept_bytes + (8 << 20));
#endif
  EXPECT_EQ(kept.size(), kLists);
}

}  // namespace
}  // namespace rmq::test::abi
