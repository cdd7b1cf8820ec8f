#include "producer/sharding_hash.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace rmq::producer {
namespace {

// These numbers are in other processes and in queues that are full: they never change.
TEST(ShardingHash, ours_is_what_it_always_was) {
  EXPECT_EQ(sharding_hash(""), 0xefd01f60ba992926u);
  EXPECT_EQ(sharding_hash("a"), 0x82a2a958a9bece5bu);
  EXPECT_EQ(sharding_hash("orderId"), 0xc0b7ff0985906f9u);
  EXPECT_EQ(sharding_hash("order-1"), 0x491b422e3af0d9a5u);
  EXPECT_EQ(sharding_hash("order-2"), 0xaaca0c2aeae39babu);
  EXPECT_EQ(sharding_hash("Z\u00fcrich"), 0x24b22821293c05d0u);
  EXPECT_EQ(sharding_hash("\U0001F680"), 0x25ef7d35c8655138u);
  EXPECT_EQ(sharding_hash("polygenelubricants"), 0xde406506b090c80fu);
}

TEST(ShardingHash, keys_that_are_counted_up_use_all_queues_alike) {
  for (const std::uint64_t queues : {2u, 3u, 4u, 8u, 16u, 100u}) {
    std::vector<int> uses(queues);
    for (int i = 0; i < 10'000; ++i) ++uses[sharding_hash("order-" + std::to_string(i)) % queues];
    const int fair = 10'000 / static_cast<int>(queues);
    for (const int count : uses) {
      EXPECT_GT(count, fair / 2) << queues;
      EXPECT_LT(count, fair * 3 / 2) << queues;
    }
  }
}

// Queue numbers as `SelectMessageQueueByHash` gives them, made with Java 17.
TEST(ShardingHash, of_java_leads_to_the_queues_that_java_chooses) {
  struct Row {
    const char* key;
    std::uint64_t queues[5];  // of 1, 3, 4, 7, 16
  };
  constexpr Row kRows[] = {
      {"orderId", {0, 1, 3, 4, 7}},
      {"order-1", {0, 2, 2, 6, 14}},
      {"Z\u00fcrich", {0, 2, 2, 2, 2}},
      {"\U0001F680", {0, 0, 3, 4, 3}},
      {"a\U0001F680b\uFFFD", {0, 1, 3, 3, 15}},
      {"polygenelubricants", {0, 2, 0, 2, 0}},
      {"Aa0", {0, 0, 0, 0, 0}},
      {"m\u00f6bius-17", {0, 1, 3, 3, 11}},
  };
  constexpr std::uint64_t kCounts[] = {1, 3, 4, 7, 16};
  for (const Row& row : kRows) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(java_sharding_hash(row.key) % kCounts[i], row.queues[i]) << row.key << kCounts[i];
    }
  }
}

TEST(ShardingHash, of_the_former_client_is_that_of_libstdcxx) {
  EXPECT_EQ(cpp_sharding_hash("orderId"), 0xcb6dc8ee8a805db4u);
#if defined(__GLIBCXX__) && defined(__LP64__)
  std::string key;
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(cpp_sharding_hash(key), std::hash<std::string>()(key)) << key;
    key += static_cast<char>(37 * i + 200);
  }
#endif
}

}  // namespace
}  // namespace rmq::producer
