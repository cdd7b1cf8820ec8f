// Messages and message lists.
#include "tests/abi/arguments/cases.h"

namespace rmq::test::abi {
namespace {

void message_new(Arguments&) {
  const auto call = [](const char* text, std::size_t bytes, rmq_error_t** error) {
    auto* message = garbage<rmq_message_t>();
    const std::int32_t code =
        rmq_message_new(text, bytes, nullptr, 0, nullptr, 0, nullptr, 0, &message, error);
    EXPECT_EQ(message, nullptr);
    return code;
  };
  refuse(RMQ_ERROR_ARGUMENT, "null message", [](auto** e) {
    return rmq_message_new("a", 1, nullptr, 0, nullptr, 0, nullptr, 0, nullptr, e);
  });
  refuse(RMQ_ERROR_ARGUMENT, "null topic", [&](auto** e) { return call(nullptr, 0, e); });
  for (const char* topic : {"", "a b", "a/b", "SCHEDULE_TOPIC_XXXX"}) {
    refuse(RMQ_ERROR_TOPIC_ILLEGAL, topic, [&](auto** e) { return call(topic, SIZE_MAX, e); });
  }
  refuse(RMQ_ERROR_TOPIC_ILLEGAL, "128 bytes",
         [&](auto** e) { return call(mebibyte().data(), 128, e); });
  refuse_bad_texts(call);
  refuse(RMQ_ERROR_MESSAGE_ILLEGAL, "a bad tag", [](auto** e) {
    auto* message = garbage<rmq_message_t>();
    const std::int32_t code =
        rmq_message_new("a", 1, nullptr, 0, "a|b", SIZE_MAX, nullptr, 0, &message, e);
    EXPECT_EQ(message, nullptr);
    return code;
  });
  refuse(RMQ_ERROR_TOO_LARGE, "a body of 2 GiB", [](auto** e) {
    auto* message = garbage<rmq_message_t>();
    const std::int32_t code =
        rmq_message_new("a", 1, "b", std::size_t{1} << 31, nullptr, 0, nullptr, 0, &message, e);
    EXPECT_EQ(message, nullptr);
    return code;
  });
}

void message_new_from(Arguments& a) {
  const auto call = [&](const char* text, std::size_t bytes, rmq_error_t** error) {
    auto* message = garbage<rmq_message_t>();
    const std::int32_t code = rmq_message_new_from(a.message.get(), text, bytes, &message, error);
    EXPECT_EQ(message, nullptr);
    return code;
  };
  refuse(RMQ_ERROR_ARGUMENT, "null message",
         [&](auto** e) { return rmq_message_new_from(a.message.get(), "a", 1, nullptr, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null source", [](auto** e) {
    auto* message = garbage<rmq_message_t>();
    const std::int32_t code = rmq_message_new_from(nullptr, "a", 1, &message, e);
    EXPECT_EQ(message, nullptr);
    return code;
  });
  refuse(RMQ_ERROR_TOPIC_ILLEGAL, "a topic", [&](auto** e) { return call("a b", SIZE_MAX, e); });
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

void message_set_text(Arguments& a) {
  for (const std::int32_t field : {RMQ_FIELD_TAGS, RMQ_FIELD_KEYS, RMQ_FIELD_SHARDING_KEY}) {
    const auto set = [&](const char* text, std::size_t bytes, rmq_error_t** error) {
      return rmq_message_set_text(a.message.get(), field, text, bytes, error);
    };
    refuse(RMQ_ERROR_ARGUMENT, "null message",
           [&](auto** e) { return rmq_message_set_text(nullptr, field, "a", 1, e); });
    refuse_bad_texts(set);
    refuse(RMQ_ERROR_MESSAGE_ILLEGAL, "byte 1", [&](auto** e) { return set("a\1", 2, e); });
    refuse(RMQ_ERROR_TOO_LARGE, "32767 bytes",
           [&](auto** e) { return set(mebibyte().data(), 32767, e); });
    refuse(RMQ_ERROR_TOO_LARGE, "150000 bytes",
           [&](auto** e) { return set(mebibyte().data(), 150'000, e); });
    for (const char* blank : {"", " ", "\xc2\xa0"}) {
      refuse(RMQ_ERROR_MESSAGE_ILLEGAL, blank, [&](auto** e) { return set(blank, SIZE_MAX, e); });
    }
    EXPECT_EQ(set(nullptr, 0, nullptr), RMQ_OK);
  }
  for (const std::int32_t field : {INT32_MIN, -1, 0, 4, int(RMQ_FIELD_FLAG), INT32_MAX}) {
    refuse(RMQ_ERROR_ARGUMENT, "a field that is no text",
           [&](auto** e) { return rmq_message_set_text(a.message.get(), field, "a", 1, e); });
  }
}

void message_set_number(Arguments& a) {
  const auto set = [&](std::int32_t field, std::int64_t number) {
    refuse(RMQ_ERROR_ARGUMENT, "a number out of range",
           [&](auto** e) { return rmq_message_set_number(a.message.get(), field, number, e); });
  };
  for (const std::int32_t field :
       {RMQ_FIELD_FLAG, RMQ_FIELD_DELAY_LEVEL, RMQ_FIELD_WAIT_STORE, RMQ_FIELD_DELAY_MS,
        RMQ_FIELD_DELIVER_AT_MS, RMQ_FIELD_PRIORITY}) {
    refuse(RMQ_ERROR_ARGUMENT, "null",
           [&](auto** e) { return rmq_message_set_number(nullptr, field, 1, e); });
    set(field, INT64_MIN);
    set(field, INT64_MAX);
    set(field, std::int64_t{1} << 48);
  }
  for (const std::int32_t field : {RMQ_FIELD_DELAY_MS, RMQ_FIELD_DELIVER_AT_MS}) set(field, -1);
  set(RMQ_FIELD_PRIORITY, -2);
  const auto second_kind = [&](auto** e) {
    return rmq_message_set_number(a.message.get(), RMQ_FIELD_DELIVER_AT_MS, 1, e);
  };
  EXPECT_EQ(rmq_message_set_number(a.message.get(), RMQ_FIELD_DELAY_MS, 1, nullptr), RMQ_OK);
  refuse(RMQ_ERROR_MESSAGE_ILLEGAL, "a second kind of delay", second_kind);
  EXPECT_EQ(rmq_message_set_number(a.message.get(), RMQ_FIELD_DELAY_MS, 0, nullptr), RMQ_OK);
  for (const std::int64_t level : {-1, 256}) set(RMQ_FIELD_DELAY_LEVEL, level);
  for (const std::int64_t wait : {-1, 2}) set(RMQ_FIELD_WAIT_STORE, wait);
  for (const std::int32_t field : {INT32_MIN, 0, int(RMQ_FIELD_TAGS), 107, INT32_MAX})
    set(field, 1);
  EXPECT_EQ(rmq_message_set_number(a.message.get(), RMQ_FIELD_FLAG, INT32_MIN, nullptr), RMQ_OK);
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

void message_properties(Arguments& a) {
  rmq_property_view_t views[2] = {};
  EXPECT_EQ(rmq_message_properties(nullptr, 0, views, sizeof views[0], 2), 0u);
  EXPECT_EQ(rmq_message_set_text(a.message.get(), RMQ_FIELD_KEYS, "k", 1, nullptr), RMQ_OK);
  const auto show = [&](std::size_t first, rmq_property_view_t* to, std::size_t view_size,
                        std::size_t count_max) {
    return rmq_message_properties(a.message.get(), first, to, view_size, count_max);
  };
  EXPECT_EQ(show(0, nullptr, sizeof views[0], 2), 0u);
  EXPECT_EQ(show(0, views, 0, 2), 0u);
  EXPECT_EQ(show(SIZE_MAX, views, sizeof views[0], SIZE_MAX), 0u);
  EXPECT_EQ(show(0, views, sizeof views[0], SIZE_MAX), 1u);
  EXPECT_STREQ(views[0].value, "k");
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
    {"rmq_message_new_from", message_new_from},
    {"rmq_message_properties", message_properties},
    {"rmq_message_property", message_property},
    {"rmq_message_retain", message_retain},
    {"rmq_message_set_body", message_set_body},
    {"rmq_message_set_body_pinned", message_set_body_pinned},
    {"rmq_message_set_number", message_set_number},
    {"rmq_message_set_property", message_set_property},
    {"rmq_message_set_text", message_set_text},
    {"rmq_message_view", message_view},
};

}  // namespace rmq::test::abi
