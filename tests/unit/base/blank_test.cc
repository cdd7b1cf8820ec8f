#include "base/blank.h"

#include <gtest/gtest.h>

#include <string>

#include "base/quote.h"

namespace rmq::base {
namespace {

// What people's files, browsers and chats leave around a text.
constexpr std::string_view kBlanks[] = {" ",
                                        "\t",
                                        "\n",
                                        "\r\n",
                                        "\f",
                                        "\v",
                                        "\xc2\xa0",
                                        "\xe3\x80\x80",
                                        "\xe2\x80\x8b",
                                        "\xe2\x80\x8d",
                                        "\xe2\x80\x8e",
                                        "\xe2\x80\xa8",
                                        "\xe2\x80\xaf",
                                        "\xe2\x81\xa0",
                                        "\xef\xbb\xbf",
                                        "\xc2\x85",
                                        "\xe2\x80\x83"};

TEST(Blank, of_every_kind_is_taken_off_both_ends) {
  for (const std::string_view blank : kBlanks) {
    const std::string text = std::string(blank) + " a b " + std::string(blank);
    EXPECT_EQ(trim_blanks(text), "a b") << quote(text);
    EXPECT_EQ(trim_blanks(blank), "") << quote(blank);
  }
  EXPECT_EQ(trim_blanks(""), "");
  EXPECT_EQ(trim_blanks("\xe6\x96\x87"), "\xe6\x96\x87");
}

TEST(Blank, is_no_byte_that_is_not_utf8_and_no_control_character) {
  for (const std::string_view text :
       {"\xff", "\xa0", "a\xa0", "\x80\x80\x80\x80\x80", "\x01", "\x7f"}) {
    EXPECT_EQ(trim_blanks(text), text) << quote(text);
  }
  EXPECT_EQ(find_control("ab\x01"), 2u);
  EXPECT_EQ(find_control("a\x7f"), 1u);
  EXPECT_EQ(find_control("a\xc2\x9b"), 1u);
  EXPECT_EQ(find_control("a b\xc3\xa4"), std::string_view::npos);
}

TEST(Blank, is_found_inside_a_text_but_for_joiners_that_belong_to_words) {
  EXPECT_EQ(find_blank("ab"), std::string_view::npos);
  EXPECT_EQ(find_blank("a b"), 1u);
  EXPECT_EQ(find_blank("ab\xc2\xa0"), 2u);
  EXPECT_EQ(find_blank("a\xe3\x80\x80"), 1u);
  EXPECT_EQ(find_blank("a\xe2\x80\x8d"
                       "b"),
            std::string_view::npos);
}

TEST(Quote, shows_bytes_that_cannot_be_printed_as_escapes) {
  EXPECT_EQ(quote("a\nb\x1b[31m\r\t\\"), "`a\\nb\\x1B[31m\\r\\t\\\\`");
  EXPECT_EQ(quote("a\xef\xbc\x9b"), "`a\\xEF\\xBC\\x9B`");
  EXPECT_EQ(quote(""), "``");
  EXPECT_EQ(quote("abcdef", 3), "`abc...` (6 bytes)");
  EXPECT_LT(quote(std::string(1000000, 'x')).size(), 100u);
}

}  // namespace
}  // namespace rmq::base
