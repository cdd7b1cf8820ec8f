#include "consumer/tag_expression.h"

#include <gtest/gtest.h>

namespace rmq::consumer {
namespace {

using Tags = std::vector<std::string>;

Tags tags_of(std::string_view expression) {
  auto read = read_tag_expression("orders", expression);
  EXPECT_TRUE(read.ok()) << expression;
  return read.ok() ? read.value().tags : Tags{"refused"};
}

TEST(TagExpression, means_all_messages_when_it_is_empty_or_a_star) {
  for (const std::string_view all : {"", "*", " * ", "\xc2\xa0*\n"}) {
    EXPECT_EQ(tags_of(all), Tags{}) << all;
    EXPECT_EQ(read_tag_expression("orders", all).value().sub_string, "*");
  }
}

TEST(TagExpression, leaves_out_blanks_of_every_kind_and_bars_without_a_tag) {
  EXPECT_EQ(tags_of("a||b"), (Tags{"a", "b"}));
  EXPECT_EQ(tags_of("\xef\xbb\xbf"
                    "a\xc2\xa0||\xe3\x80\x80"
                    "b\xe2\x80\x8b\r\n"),
            (Tags{"a", "b"}));
  EXPECT_EQ(tags_of("a||"), Tags{"a"});
  EXPECT_EQ(tags_of("||a|| ||a"), Tags{"a"});
}

// Brokers 5.x read the text of a pull for themselves, as Java does.
TEST(TagExpression, tells_brokers_a_text_that_java_reads_alike) {
  const auto plain = read_tag_expression("orders", "a || b").value();
  EXPECT_EQ(plain.sub_string, "a || b");
  const auto blanks = read_tag_expression("orders", "a\xc2\xa0||b").value();
  EXPECT_EQ(blanks.sub_string, "a || b");
  EXPECT_EQ(blanks.codes, plain.codes);
}

TEST(TagExpression, is_refused_when_no_message_can_match_it) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {" ", "names no tag"},
      {"\t", "names no tag"},
      {"\xc2\xa0", "names no tag"},
      {" || ", "names no tag"},
      {"||", "names no tag"},
      {"\xe3\x80\x80||\xe3\x80\x80", "names no tag"},
      {"*||a", "* beside tags"},
      {"a || *", "* beside tags"},
      {"a b", "blank inside a tag"},
      {"a\xc2\xa0"
       "b",
       "blank inside a tag"},
      {"a\nb", "blank inside a tag"},
      {"a | b", "blank inside a tag"},
      {"a|b", "a single |"},
      {"a|||b", "a single |"},
      {"a\x01", "control character"}};
  for (const auto& [expression, why] : cases) {
    const auto read = read_tag_expression("orders", expression);
    ASSERT_FALSE(read.ok()) << expression;
    EXPECT_EQ(read.error().code, base::ErrorCode::SUBSCRIPTION_SELECTOR);
    EXPECT_NE(read.error().message.find(why), std::string::npos) << read.error().message;
    EXPECT_NE(read.error().message.find("orders"), std::string::npos);
  }
}

}  // namespace
}  // namespace rmq::consumer
