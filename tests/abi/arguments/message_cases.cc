// Messages and message lists.
#include "tests/abi/arguments/cases.h"

namespace rmq::test::abi {
namespace {

void message_new(Arguments&) {
  const auto call = [](const char* text, std::size_t bytes, rmq_error_t** error) {
    auto* message = garbage<rmq_message_t>();
    const std::int32_t code = rmq_message_new(text, bytes, &message, error);
    EXPECT_EQ(message, nullptr);
    return code;
  };
  refuse(RMQ_ERROR_ARGUMENT, "null message",
         [](auto** e) { return rmq_message_new("a", 1, nullptr, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null topic", [&](auto** e) { return call(nullptr, 0, e); });
  for (const char* topic : {"", "a b", "a/b", "SCHEDULE_TOPIC_XXXX"}) {
    refuse(RMQ_ERROR_TOPIC_ILLEGAL, topic, [&](auto** e) { return call(topic, SIZE_MAX, e); });
  }
  refuse(RMQ_ERROR_TOPIC_ILLEGAL, "128 bytes",
         [&](auto** e) { return call(mebibyte().data(), 128, e); });
  refuse_bad_texts(call);
}

void message_destroy(Arguments&) { rmq_message_destroy(nullptr); }

void message_retain(Arguments&) { EXPECT_EQ(rmq_message_retain(nullptr), nullptr); }

using SetBody = std::int32_t (*)(rmq_message_t*, const void*, std::size_t, rmq_error_t**);

void refuse_bodies(Arguments& a, SetBody set) {
  refuse(RMQ_ERROR_ARGUMENT, "null message", [&](auto** e) { return set(nullptr, "a", 1, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null body",
         [&](auto** e) { return set(a.message.get(), nullptr, 1, e); });
  refuse(RMQ_ERROR_TOO_LARGE, "2 GiB",
         [&](auto** e) { return set(a.message.get(), "a", std::size_t{1} << 31, e); });
  EXPECT_EQ(set(a.message.get(), "", 0, nullptr), RMQ_OK);
  EXPECT_EQ(set(a.message.get(), "a\0b\xff", 4, nullptr), RMQ_OK);
}

void message_set_body(Arguments& a) { refuse_bodies(a, rmq_message_set_body); }

void message_set_body_pinned(Arguments& a) { refuse_bodies(a, rmq_message_set_body_pinned); }

using SetText = std::int32_t (*)(rmq_message_t*, const char*, std::size_t, rmq_error_t**);

void refuse_message_texts(Arguments& a, SetText set) {
  refuse(RMQ_ERROR_ARGUMENT, "null message", [&](auto** e) { return set(nullptr, "a", 1, e); });
  refuse_bad_texts(
      [&](auto* text, auto bytes, auto** e) { return set(a.message.get(), text, bytes, e); });
  refuse(RMQ_ERROR_MESSAGE_ILLEGAL, "byte 1",
         [&](auto** e) { return set(a.message.get(), "a\1", 2, e); });
  refuse(RMQ_ERROR_TOO_LARGE, "32767 bytes",
         [&](auto** e) { return set(a.message.get(), mebibyte().data(), 32767, e); });
  refuse(RMQ_ERROR_TOO_LARGE, "150000 bytes",
         [&](auto** e) { return set(a.message.get(), mebibyte().data(), 150'000, e); });
  for (const char* blank : {"", " ", "\xc2\xa0"}) {
    refuse(RMQ_ERROR_MESSAGE_ILLEGAL, blank,
           [&](auto** e) { return set(a.message.get(), blank, SIZE_MAX, e); });
  }
  EXPECT_EQ(set(a.message.get(), nullptr, 0, nullptr), RMQ_OK);
}

void message_set_tags(Arguments& a) { refuse_message_texts(a, rmq_message_set_tags); }

void message_set_keys(Arguments& a) { refuse_message_texts(a, rmq_message_set_keys); }

void message_set_sharding_key(Arguments& a) {
  refuse_message_texts(a, rmq_message_set_sharding_key);
}

void message_set_property(Arguments& a) {
  const auto set = [&](const char* name, std::size_t name_bytes, const char* value,
                       std::size_t value_bytes, rmq_error_t** error) {
    return rmq_message_set_property(a.message.get(), name, name_bytes, value, value_bytes, error);
  };
  refuse(RMQ_ERROR_ARGUMENT, "null message",
         [](auto** e) { return rmq_message_set_property(nullptr, "a", 1, "b", 1, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null name", [&](auto** e) { return set(nullptr, 0, "b", 1, e); });
  refuse(RMQ_ERROR_MESSAGE_ILLEGAL, "empty name", [&](auto** e) { return set("", 0, "b", 1, e); });
  refuse(RMQ_ERROR_MESSAGE_ILLEGAL, "empty value", [&](auto** e) { return set("a", 1, "", 0, e); });
  refuse(RMQ_ERROR_MESSAGE_ILLEGAL, "reserved",
         [&](auto** e) { return set("UNIQ_KEY", SIZE_MAX, "b", 1, e); });
  refuse(RMQ_ERROR_MESSAGE_ILLEGAL, "byte 2", [&](auto** e) { return set("a\2", 2, "b", 1, e); });
  refuse_bad_texts([&](auto* text, auto bytes, auto** e) { return set(text, bytes, "b", 1, e); });
  refuse_bad_texts([&](auto* text, auto bytes, auto** e) { return set("a", 1, text, bytes, e); });
  EXPECT_EQ(set("a", 1, nullptr, 0, nullptr), RMQ_OK);
}

void message_set_flag(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_message_set_flag(nullptr, 1, e); });
  EXPECT_EQ(rmq_message_set_flag(a.message.get(), INT32_MIN, nullptr), RMQ_OK);
}

void message_set_delay_level(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_message_set_delay_level(nullptr, 1, e); });
  for (const std::int32_t level : {INT32_MIN, -1, 19, INT32_MAX}) {
    refuse(RMQ_ERROR_ARGUMENT, "level",
           [&](auto** e) { return rmq_message_set_delay_level(a.message.get(), level, e); });
  }
}

void message_set_wait_store(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_message_set_wait_store(nullptr, 1, e); });
  for (const std::int32_t wait : {INT32_MIN, -1, 2, INT32_MAX}) {
    refuse(RMQ_ERROR_ARGUMENT, "wait",
           [&](auto** e) { return rmq_message_set_wait_store(a.message.get(), wait, e); });
  }
}

void message_view(Arguments& a) {
  rmq_message_view_t view{};
  EXPECT_EQ(rmq_message_view(nullptr, &view, sizeof view), RMQ_ERROR_ARGUMENT);
  refuse_bad_views<rmq_message_view_t>(
      [&](auto* to, auto size) { return rmq_message_view(a.message.get(), to, size); });
}

void message_property(Arguments& a) {
  std::size_t bytes = 7;
  EXPECT_EQ(rmq_message_property(nullptr, "a", 1, &bytes), nullptr);
  EXPECT_EQ(bytes, 0u);
  EXPECT_EQ(rmq_message_property(a.message.get(), nullptr, 0, nullptr), nullptr);
  for (const BadText& bad : bad_texts()) {
    EXPECT_EQ(rmq_message_property(a.message.get(), bad.text, bad.bytes, nullptr), nullptr)
        << bad.what;
  }
}

void message_property_at(Arguments& a) {
  for (rmq_message_t* message : {static_cast<rmq_message_t*>(nullptr), a.message.get()}) {
    const char *name = garbage<const char>(), *value = name;
    std::size_t name_bytes = 7, value_bytes = 7;
    EXPECT_EQ(rmq_message_property_at(message, SIZE_MAX, &name, &name_bytes, &value, &value_bytes),
              RMQ_ERROR_ARGUMENT);
    EXPECT_EQ(name, nullptr);
    EXPECT_EQ(value, nullptr);
    EXPECT_EQ(name_bytes + value_bytes, 0u);
  }
  EXPECT_EQ(rmq_message_set_keys(a.message.get(), "k", 1, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_message_property_at(a.message.get(), 0, nullptr, nullptr, nullptr, nullptr),
            RMQ_OK);
}

void message_list_decode(Arguments&) {
  const auto decode = [](const void* bytes, std::size_t size, rmq_error_t** error) {
    auto* list = garbage<rmq_message_list_t>();
    const std::int32_t code = rmq_message_list_decode(bytes, size, &list, error);
    EXPECT_EQ(list, nullptr);
    return code;
  };
  refuse(RMQ_ERROR_ARGUMENT, "null list",
         [](auto** e) { return rmq_message_list_decode("a", 1, nullptr, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null bytes", [&](auto** e) { return decode(nullptr, 1, e); });
  refuse(RMQ_ERROR_TOO_LARGE, "16 MiB and 1",
         [&](auto** e) { return decode("a", (16 << 20) + 1, e); });
  refuse(RMQ_ERROR_TOO_LARGE, "SIZE_MAX", [&](auto** e) { return decode("a", SIZE_MAX, e); });
  refuse(RMQ_ERROR_BAD_BODY, "text",
         [&](auto** e) { return decode(mebibyte().data(), mebibyte().size(), e); });
  refuse(RMQ_ERROR_BAD_BODY, "one byte", [&](auto** e) { return decode("a", 1, e); });
  rmq_message_list_t* empty = nullptr;
  EXPECT_EQ(rmq_message_list_decode("", 0, &empty, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_message_list_count(empty), 0u);
  rmq_message_list_destroy(empty);
}

void message_list_count(Arguments&) { EXPECT_EQ(rmq_message_list_count(nullptr), 0u); }

void message_list_views(Arguments&) {
  rmq_message_view_t view{};
  EXPECT_EQ(rmq_message_list_views(nullptr, 0, &view, sizeof view, 1), 0u);
  rmq_message_list_t* made = nullptr;
  EXPECT_EQ(rmq_message_list_decode("", 0, &made, nullptr), RMQ_OK);
  const MessageList list(made);
  EXPECT_EQ(rmq_message_list_views(made, 0, nullptr, sizeof view, 1), 0u);
  EXPECT_EQ(rmq_message_list_views(made, SIZE_MAX, &view, sizeof view, SIZE_MAX), 0u);
}

void message_list_destroy(Arguments&) { rmq_message_list_destroy(nullptr); }

}  // namespace

const CaseTable kMessageCases = {
    {"rmq_message_destroy", message_destroy},
    {"rmq_message_list_count", message_list_count},
    {"rmq_message_list_decode", message_list_decode},
    {"rmq_message_list_destroy", message_list_destroy},
    {"rmq_message_list_views", message_list_views},
    {"rmq_message_new", message_new},
    {"rmq_message_property", message_property},
    {"rmq_message_property_at", message_property_at},
    {"rmq_message_retain", message_retain},
    {"rmq_message_set_body", message_set_body},
    {"rmq_message_set_body_pinned", message_set_body_pinned},
    {"rmq_message_set_delay_level", message_set_delay_level},
    {"rmq_message_set_flag", message_set_flag},
    {"rmq_message_set_keys", message_set_keys},
    {"rmq_message_set_property", message_set_property},
    {"rmq_message_set_sharding_key", message_set_sharding_key},
    {"rmq_message_set_tags", message_set_tags},
    {"rmq_message_set_wait_store", message_set_wait_store},
    {"rmq_message_view", message_view},
};

}  // namespace rmq::test::abi
