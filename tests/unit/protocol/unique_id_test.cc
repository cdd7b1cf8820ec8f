#include "protocol/unique_id.h"

#include <gtest/gtest.h>

#include <set>

namespace rmq::protocol {
namespace {

constexpr std::uint8_t kAddress[] = {10, 0, 0, 1};

TEST(UniqueIdGenerator, counts_on_and_wraps) {
  UniqueIdGenerator generator(kAddress, 0x1234, 0xDEADBEEF, 0xFFFF);
  EXPECT_EQ(generator.next(1), "0A0000011234DEADBEEF00000001FFFF");
  EXPECT_EQ(generator.next(2), "0A0000011234DEADBEEF000000020000");
}

TEST(UniqueIdGenerator, takes_a_clock_that_went_back_as_the_start_of_the_month) {
  UniqueIdGenerator generator(kAddress, 1, 2);
  EXPECT_EQ(parse_unique_id(generator.next(-5))->month_ms, 0u);
}

TEST(UniqueIdGenerator, repeats_no_id_within_one_millisecond) {
  UniqueIdGenerator generator({}, 1, 2, 500);
  std::set<std::string> ids;
  for (int i = 0; i < 65536; ++i) ids.insert(generator.next(7));
  EXPECT_EQ(ids.size(), 65536u);
}

TEST(UniqueId, is_parsed_from_nothing_but_hex_of_the_right_length) {
  EXPECT_FALSE(parse_unique_id("").has_value());
  EXPECT_FALSE(parse_unique_id(std::string(31, 'A')).has_value());
  EXPECT_FALSE(parse_unique_id(std::string(32, 'G')).has_value());
  EXPECT_TRUE(parse_unique_id(std::string(56, 'F')).has_value());
}

}  // namespace
}  // namespace rmq::protocol
