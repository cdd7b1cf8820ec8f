#include "protocol/unique_id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <vector>

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

// All ids that were made, as text.
class Ids {
 public:
  void add(UniqueIdGenerator& generator, std::int64_t month_ms) {
    generator.write_next(month_ms, all_.emplace_back().data());
  }
  void add(const Ids& other) { all_.insert(all_.end(), other.all_.begin(), other.all_.end()); }
  std::size_t size() const { return all_.size(); }
  std::size_t count_distinct() {
    std::sort(all_.begin(), all_.end());
    return static_cast<std::size_t>(std::unique(all_.begin(), all_.end()) - all_.begin());
  }

 private:
  std::vector<std::array<char, 32>> all_;
};

TEST(UniqueIdGenerator, repeats_no_id_at_one_millisecond_for_ever) {
  UniqueIdGenerator generator({}, 1, 2, 500);
  Ids ids;
  for (int i = 0; i < 2 * 65536; ++i) ids.add(generator, 7);
  EXPECT_EQ(ids.count_distinct(), 2u * 65536);
}

// The clock is set back and comes by the same milliseconds again, at the rate at which a running
// counter comes by the same values again.
TEST(UniqueIdGenerator, repeats_no_id_when_the_clock_is_set_back_by_seconds) {
  UniqueIdGenerator generator(kAddress, 1, 2, 500);
  Ids ids;
  for (int i = 0; i < 2 * 65536; ++i) ids.add(generator, 1'000'000 + i % 65536 / 20);
  EXPECT_EQ(ids.count_distinct(), ids.size());
}

TEST(UniqueIdGenerator, repeats_no_id_in_the_next_month_or_when_the_clock_is_set_back_by_days) {
  UniqueIdGenerator generator(kAddress, 1, 2, 0);
  Ids ids;
  for (int month = 0; month < 2; ++month) {
    for (int i = 0; i < 65535; ++i) ids.add(generator, i / 1000);
    ids.add(generator, 31LL * 24 * 3600 * 1000);
  }
  EXPECT_EQ(ids.count_distinct(), ids.size());
  EXPECT_LT(parse_unique_id(generator.next(5))->month_ms, 100u);
}

TEST(UniqueIdGenerator, repeats_no_id_on_several_threads_while_the_clock_jumps) {
  UniqueIdGenerator generator(kAddress, 1, 2, 0);
  std::vector<Ids> made(4);
  std::vector<std::thread> threads;
  for (Ids& ids : made) {
    threads.emplace_back([&generator, &ids] {
      for (int i = 0; i < 20'000; ++i) ids.add(generator, 4'000'000 * (i / 1000 % 2) + i % 3);
    });
  }
  for (std::thread& thread : threads) thread.join();
  Ids all;
  for (const Ids& ids : made) all.add(ids);
  EXPECT_EQ(all.count_distinct(), 80'000u);
}

TEST(UniqueId, is_parsed_from_nothing_but_hex_of_the_right_length) {
  EXPECT_FALSE(parse_unique_id("").has_value());
  EXPECT_FALSE(parse_unique_id(std::string(31, 'A')).has_value());
  EXPECT_FALSE(parse_unique_id(std::string(32, 'G')).has_value());
  EXPECT_TRUE(parse_unique_id(std::string(56, 'F')).has_value());
}

}  // namespace
}  // namespace rmq::protocol
