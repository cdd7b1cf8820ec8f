#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/cursor.h"
#include "base/decimal.h"
#include "base/hex.h"
#include "base/java_string_hash.h"
#include "base/utf8.h"

namespace rmq::base {
namespace {

TEST(Cursor, stays_failed_after_the_first_read_past_the_end) {
  const std::uint8_t bytes[] = {0, 1, 2, 3, 4};
  Cursor cursor(bytes);
  EXPECT_EQ(cursor.take_i32(), 0x00010203);
  EXPECT_EQ(cursor.take_i32(), 0);
  EXPECT_FALSE(cursor.ok());
  EXPECT_EQ(cursor.take_u8(), 0);
  EXPECT_FALSE(cursor.ok());
}

TEST(Cursor, takes_a_negative_count_for_one_that_does_not_fit) {
  const std::uint8_t bytes[] = {1, 2};
  Cursor cursor(bytes);
  EXPECT_TRUE(cursor.take_bytes(-1).empty());
  EXPECT_FALSE(cursor.ok());
}

TEST(Decimal, takes_whole_integers_in_range_only) {
  EXPECT_EQ(parse_int64("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse_int64("+7"), 7);
  EXPECT_EQ(parse_int32("2147483647"), INT32_MAX);
  for (const char* text : {"", "-", "+", "+-1", " 1", "1 ", "1.0", "0x1", "9223372036854775808"}) {
    EXPECT_FALSE(parse_int64(text).has_value()) << text;
  }
  EXPECT_FALSE(parse_int32("2147483648").has_value());
  EXPECT_EQ(DecimalText(INT64_MIN).view(), "-9223372036854775808");
}

TEST(Hex, reads_both_cases_and_refuses_the_rest) {
  EXPECT_EQ(from_hex("00fFA9"), std::string("\x00\xff\xa9", 3));
  EXPECT_FALSE(from_hex("0").has_value());
  EXPECT_FALSE(from_hex("0g").has_value());
  EXPECT_EQ(to_hex_upper(as_bytes("\xab")), "AB");
}

TEST(Base64, gives_back_every_length) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(from_base64(to_base64(as_bytes(bytes))), bytes);
    EXPECT_EQ(from_base64(to_base64_url(as_bytes(bytes))), bytes);
    bytes += static_cast<char>(i * 37 + 200);
  }
  EXPECT_EQ(to_base64(as_bytes("\xfb\xff")), "+/8=");
  EXPECT_EQ(to_base64_url(as_bytes("\xfb\xff")), "-_8=");
  EXPECT_EQ(from_base64("-_8"), "\xfb\xff");
  for (const char* text : {"a", "a===", "ab=c", "a b="}) {
    EXPECT_FALSE(from_base64(text).has_value()) << text;
  }
}

TEST(Utf8, mends_bad_bytes_one_maximal_prefix_at_a_time) {
  EXPECT_EQ(mend_utf8("a\xff\xfe\xc0z"), "a\uFFFD\uFFFD\uFFFDz");
  EXPECT_EQ(mend_utf8("\xe4\xb8"), "\uFFFD");  // cut off
  EXPECT_EQ(mend_utf8("\xe4\xb8x"), "\uFFFDx");
  EXPECT_EQ(mend_utf8("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(mend_utf8("\xc0\x80"), "\uFFFD\uFFFD");            // overlong
  EXPECT_TRUE(is_utf8("\u4e2d\U0001F680"));
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));
}

TEST(JavaOrder, puts_surrogates_before_the_last_of_the_basic_plane) {
  EXPECT_TRUE(less_in_java("\U0001F680", "\uFFFD"));
  EXPECT_FALSE(less_in_java("\uFFFD", "\U0001F680"));
  EXPECT_TRUE(less_in_java("a", "ab"));
  EXPECT_FALSE(less_in_java("ab", "ab"));
  EXPECT_EQ(java_string_hash("\U0001F680"), 1773027);
}

}  // namespace
}  // namespace rmq::base
