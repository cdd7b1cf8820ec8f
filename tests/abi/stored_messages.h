// Bytes as brokers store messages, and the messages that the C ABI makes of them.
#pragma once

#include "protocol/stored_message_writer.h"
#include "tests/abi/support.h"

namespace rmq::test::abi {

struct Stored {
  std::string topic = "orders";
  std::string body = "hello";
  std::string properties =
      "TAGS\x01red\x02KEYS\x01k1 k2\x02UNIQ_KEY\x01"
      "ABCDEF\x02";
  std::int32_t sys_flag = 0;
  std::int64_t queue_offset = 7;
};

inline std::string store(const Stored& stored) {
  protocol::StoredMessageView view;
  view.topic = stored.topic;
  view.body = base::as_bytes(stored.body);
  view.properties_text = stored.properties;
  view.sys_flag = stored.sys_flag;
  view.queue_id = 3;
  view.queue_offset = stored.queue_offset;
  view.commit_log_offset = 4096;
  view.born_timestamp_ms = 1'700'000'000'000;
  view.store_timestamp_ms = 1'700'000'000'001;
  std::string bytes;
  EXPECT_TRUE(protocol::append_stored_message(view, &bytes).ok());
  return bytes;
}

inline MessageList decode(const std::string& bytes) {
  rmq_message_list_t* list = nullptr;
  EXPECT_EQ(rmq_message_list_decode(bytes.data(), bytes.size(), &list, nullptr), RMQ_OK);
  return MessageList(list);
}

inline std::vector<rmq_message_view_t> views_of(const MessageList& list) {
  std::vector<rmq_message_view_t> views(rmq_message_list_count(list.get()));
  EXPECT_EQ(rmq_message_list_views(list.get(), 0, views.data(), sizeof views[0], views.size()),
            views.size());
  return views;
}

inline std::string body_of(const rmq_message_view_t& view) {
  return std::string(static_cast<const char*>(view.body), view.body_bytes);
}

}  // namespace rmq::test::abi
