#include "producer/outgoing_message.h"

#include <gtest/gtest.h>

#include "protocol/properties.h"

namespace rmq::producer {
namespace {

using base::ErrorCode;

std::unique_ptr<OutgoingMessage> make() { return OutgoingMessage::make("orders").take_value(); }

void expect_refused(const base::Status& status, ErrorCode code, std::string_view words) {
  ASSERT_EQ(status.code(), code) << words;
  EXPECT_NE(status.error().message.find(words), std::string::npos) << status.error().message;
}

TEST(OutgoingMessage, takes_no_separator_in_any_text_and_says_in_which) {
  auto message = make();
  for (const std::string_view text : {"a\x01"
                                      "b",
                                      "\x02", "b\x02"}) {
    expect_refused(message->set_tags(text), ErrorCode::MESSAGE_ILLEGAL,
                   "the tag contains the byte 1");
    expect_refused(message->set_keys(text), ErrorCode::MESSAGE_ILLEGAL, "keys contains the byte 1");
    expect_refused(message->set_sharding_key(text), ErrorCode::MESSAGE_ILLEGAL, "sharding key");
    expect_refused(message->set_user_property("colour", text), ErrorCode::MESSAGE_ILLEGAL,
                   "the property `colour` contains the byte 1");
    expect_refused(message->set_user_property(text, "red"), ErrorCode::MESSAGE_ILLEGAL,
                   "the name of the property");
  }
  EXPECT_EQ(message->properties_text(), "");
}

TEST(OutgoingMessage, takes_no_text_that_says_nothing) {
  auto message = make();
  for (const std::string_view blank : {"", " ", "\n", "\xc2\xa0", "\xe3\x80\x80 "}) {
    expect_refused(message->set_tags(blank), ErrorCode::MESSAGE_ILLEGAL, "the tag");
    expect_refused(message->set_keys(blank), ErrorCode::MESSAGE_ILLEGAL, "keys");
    expect_refused(message->set_sharding_key(blank), ErrorCode::MESSAGE_ILLEGAL, "sharding key");
    expect_refused(message->set_user_property(blank, "red"), ErrorCode::MESSAGE_ILLEGAL, "name");
  }
  expect_refused(message->set_user_property("colour", ""), ErrorCode::MESSAGE_ILLEGAL, "empty");
  EXPECT_TRUE(message->set_user_property("colour", " ").ok()) << "arrives as it is";
  EXPECT_TRUE(message->set_tags({}).ok()) << "null takes the tag away";
}

TEST(OutgoingMessage, takes_no_tag_that_no_subscription_could_name) {
  auto message = make();
  expect_refused(message->set_tags("a||b"), ErrorCode::MESSAGE_ILLEGAL, "contains |");
  expect_refused(message->set_tags("a|b"), ErrorCode::MESSAGE_ILLEGAL, "contains |");
  expect_refused(message->set_tags("a\n"), ErrorCode::MESSAGE_ILLEGAL, "`a\\n`");
  expect_refused(message->set_tags("\xc2\xa0"
                                   "a"),
                 ErrorCode::MESSAGE_ILLEGAL, "with a blank");
  EXPECT_TRUE(message->set_tags("a").ok());
}

TEST(OutgoingMessage, bounds_all_properties_together_and_tells_the_limit) {
  constexpr std::size_t kLimit = 32767 - 128;
  for (const std::size_t bytes : {32'768u, 40'000u, 150'000u}) {
    auto message = make();
    expect_refused(message->set_keys(std::string(bytes, 'k')), ErrorCode::TOO_LARGE, "32639");
    expect_refused(message->set_user_property("p", std::string(bytes, 'v')), ErrorCode::TOO_LARGE,
                   "32767");
  }
  auto message = make();
  EXPECT_TRUE(message->set_user_property("p", std::string(kLimit - 3, 'v')).ok());
  EXPECT_EQ(message->properties_text().size(), kLimit);
  expect_refused(message->set_tags("a"), ErrorCode::TOO_LARGE, "with the tag all properties have");
  EXPECT_TRUE(message->set_user_property("p", std::string(kLimit - 9, 'v')).ok());
  EXPECT_EQ(message->set_tags("a").code(), ErrorCode::TOO_LARGE) << "TAGS is part of it";
}

// A broker keeps a delayed message under its own topic, with the real one in two properties more.
TEST(OutgoingMessage, leaves_room_for_what_a_delay_adds) {
  auto message = make();
  ASSERT_TRUE(message->set_user_property("p", std::string(32'600, 'v')).ok());
  expect_refused(message->set_delay_level(3), ErrorCode::TOO_LARGE, "delay level");
  ASSERT_TRUE(message->set_user_property("p", std::string(32'500, 'v')).ok());
  EXPECT_TRUE(message->set_delay_level(3).ok());
  EXPECT_EQ(message->set_user_property("p", std::string(32'600, 'v')).code(), ErrorCode::TOO_LARGE);
  EXPECT_TRUE(message->set_delay_level(0).ok());
  EXPECT_TRUE(message->set_user_property("p", std::string(32'600, 'v')).ok());
}

TEST(OutgoingMessage, writes_a_delay_in_seconds_where_it_is_whole) {
  auto message = make();
  ASSERT_TRUE(message->set_delay_ms(3000).ok());
  EXPECT_EQ(message->properties_text(),
            "TIMER_DELAY_SEC\x01"
            "3\x02");
  ASSERT_TRUE(message->set_delay_ms(3500).ok());
  EXPECT_EQ(message->properties_text(),
            "TIMER_DELAY_MS\x01"
            "3500\x02");
  EXPECT_TRUE(message->is_to_be_delayed());
  ASSERT_TRUE(message->set_delay_ms(4000).ok());
  EXPECT_EQ(message->properties_text(),
            "TIMER_DELAY_SEC\x01"
            "4\x02");
  for (const std::int64_t delay : {3500, 4000}) {
    ASSERT_TRUE(message->set_delay_ms(delay).ok());
    ASSERT_TRUE(message->set_delay_ms(0).ok());
    EXPECT_EQ(message->properties_text(), "");
    EXPECT_FALSE(message->is_to_be_delayed());
  }
}

TEST(OutgoingMessage, writes_a_time_of_delivery) {
  auto message = make();
  ASSERT_TRUE(message->set_deliver_at_ms(1'800'000'000'123).ok());
  EXPECT_EQ(message->properties_text(),
            "TIMER_DELIVER_MS\x01"
            "1800000000123\x02");
  EXPECT_TRUE(message->is_to_be_delayed());
  ASSERT_TRUE(message->set_deliver_at_ms(0).ok());
  EXPECT_EQ(message->properties_text(), "");
}

TEST(OutgoingMessage, has_one_kind_of_delay) {
  auto message = make();
  ASSERT_TRUE(message->set_delay_level(3).ok());
  expect_refused(message->set_delay_ms(1000), ErrorCode::MESSAGE_ILLEGAL, "delay level");
  expect_refused(message->set_deliver_at_ms(1), ErrorCode::MESSAGE_ILLEGAL, "delay level");
  ASSERT_TRUE(message->set_delay_ms(0).ok()) << "of what is not there";
  ASSERT_TRUE(message->set_deliver_at_ms(0).ok());
  EXPECT_TRUE(message->is_to_be_delayed());
  ASSERT_TRUE(message->set_delay_level(0).ok());
  ASSERT_TRUE(message->set_delay_ms(1500).ok());
  expect_refused(message->set_delay_level(3), ErrorCode::MESSAGE_ILLEGAL, "a delay");
  expect_refused(message->set_deliver_at_ms(1), ErrorCode::MESSAGE_ILLEGAL, "has a delay,");
  EXPECT_EQ(message->properties_text(),
            "TIMER_DELAY_MS\x01"
            "1500\x02");
  ASSERT_TRUE(message->set_delay_ms(2000).ok()) << "the same kind again";
}

TEST(OutgoingMessage, refuses_times_and_priorities_out_of_range) {
  auto message = make();
  for (const std::int64_t delay : {std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    expect_refused(message->set_delay_ms(delay), ErrorCode::ARGUMENT, "expected 0");
    expect_refused(message->set_deliver_at_ms(delay), ErrorCode::ARGUMENT, "expected 0");
  }
  for (const std::int64_t priority : {std::int64_t{-2}, std::int64_t{INT32_MAX} + 1}) {
    expect_refused(message->set_priority(priority), ErrorCode::ARGUMENT, "expected -1");
  }
  EXPECT_EQ(message->properties_text(), "");
}

TEST(OutgoingMessage, writes_a_priority_and_keeps_it_when_it_is_sent_on) {
  auto message = make();
  ASSERT_TRUE(message->set_priority(0).ok());
  EXPECT_EQ(message->properties_text(),
            "_SYS_MSG_PRIORITY_\x01"
            "0\x02");
  ASSERT_TRUE(message->set_delay_ms(1000).ok());
  const auto next = OutgoingMessage::make_from(*message, {}).take_value();
  EXPECT_EQ(next->properties_text(),
            "_SYS_MSG_PRIORITY_\x01"
            "0\x02");
  EXPECT_FALSE(next->is_to_be_delayed()) << "delays belong to one sending";
  EXPECT_TRUE(message->copy_outgoing()->is_to_be_delayed());
  ASSERT_TRUE(message->set_priority(-1).ok());
  EXPECT_EQ(message->properties_text(),
            "TIMER_DELAY_SEC\x01"
            "1\x02");
}

TEST(OutgoingMessage, leaves_room_for_what_a_timer_adds) {
  auto message = make();
  ASSERT_TRUE(message->set_user_property("p", std::string(32'450, 'v')).ok());
  expect_refused(message->set_deliver_at_ms(1), ErrorCode::TOO_LARGE, "time of delivery");
  EXPECT_FALSE(message->is_to_be_delayed());
  ASSERT_TRUE(message->set_user_property("p", std::string(32'300, 'v')).ok());
  EXPECT_TRUE(message->set_deliver_at_ms(1).ok());
}

}  // namespace
}  // namespace rmq::producer
