#include "base/deadline_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "tests/support/assertion.h"

namespace rmq::base {
namespace {

Instant at(int ms) { return Instant(milliseconds(ms)); }

std::vector<Instant> drain(DeadlineQueue& queue, Instant now) {
  std::vector<Instant> dues;
  queue.collect_due(now);
  while (DeadlineEntry* entry = queue.pop_collected()) dues.push_back(entry->due());
  return dues;
}

TEST(DeadlineQueue, gives_what_is_due_in_order) {
  DeadlineQueue queue;
  DeadlineEntry entries[6];
  const int dues[] = {50, 10, 30, 20, 60, 40};
  for (int i = 0; i < 6; ++i) queue.add(entries[i], at(dues[i]));
  EXPECT_EQ(queue.earliest(), at(10));
  EXPECT_EQ(drain(queue, at(30)), (std::vector<Instant>{at(10), at(20), at(30)}));
  EXPECT_EQ(queue.earliest(), at(40));
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_EQ(drain(queue, at(1000)).size(), 3u);
  EXPECT_EQ(queue.earliest(), kNever);
}

TEST(DeadlineQueue, leaves_entries_added_while_draining_for_the_next_time) {
  DeadlineQueue queue;
  DeadlineEntry entry;
  queue.add(entry, at(1));
  queue.collect_due(at(5));
  ASSERT_EQ(queue.pop_collected(), &entry);
  EXPECT_FALSE(entry.is_queued());
  queue.add(entry, at(1));
  EXPECT_EQ(queue.pop_collected(), nullptr);
  EXPECT_EQ(queue.earliest(), at(1));
  queue.remove(entry);
}

TEST(DeadlineQueue, lets_collected_entries_be_removed) {
  DeadlineQueue queue;
  DeadlineEntry first;
  DeadlineEntry second;
  queue.add(first, at(1));
  queue.add(second, at(2));
  queue.collect_due(at(5));
  queue.remove(second);
  queue.remove(second);
  EXPECT_EQ(queue.pop_collected(), &first);
  EXPECT_EQ(queue.pop_collected(), nullptr);
  EXPECT_EQ(queue.size(), 0u);
}

TEST(DeadlineQueue, agrees_with_a_sorted_list_whatever_the_order) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    DeadlineQueue queue;
    std::vector<std::unique_ptr<DeadlineEntry>> entries;
    for (int i = 0; i < 200; ++i) entries.push_back(std::make_unique<DeadlineEntry>());
    for (int step = 0; step < 3000; ++step) {
      DeadlineEntry& entry = *entries[random() % entries.size()];
      if (entry.is_queued()) {
        queue.remove(entry);
      } else {
        queue.add(entry, at(static_cast<int>(random() % 1000)));
      }
      Instant earliest = kNever;
      std::size_t count = 0;
      for (const auto& each : entries) {
        if (!each->is_queued()) continue;
        ++count;
        earliest = std::min(earliest, each->due());
      }
      ASSERT_EQ(queue.earliest(), earliest);
      ASSERT_EQ(queue.size(), count);
    }
    const std::vector<Instant> dues = drain(queue, kNever);
    EXPECT_TRUE(std::is_sorted(dues.begin(), dues.end()));
  }
}

TEST(DeadlineQueue, notices_faults_of_its_users) {
  EXPECT_TRUE(test::is_noticed([] {
    DeadlineQueue queue;
    DeadlineEntry entry;
    queue.add(entry, at(1));
    queue.add(entry, at(2));
  })) << "added twice";
  // The first ones have lanes of their own, the last one is in the heap.
  for (const int entries : {1, 5}) {
    EXPECT_TRUE(test::is_noticed([entries] {
      DeadlineQueue queue;
      auto last = std::make_unique<DeadlineEntry>();
      DeadlineEntry others[4];
      for (int i = 1; i < entries; ++i) queue.add(others[i - 1], at(100 - i));
      queue.add(*last, at(1));
      last.reset();
    })) << "an entry ends in a queue of "
        << entries;
    EXPECT_TRUE(test::is_noticed([entries] {
      DeadlineEntry all[5];
      DeadlineQueue queue;
      for (int i = 0; i < entries; ++i) queue.add(all[i], at(100 - i));
      for (int i = 0; i + 1 < entries; ++i) queue.remove(all[i]);
    })) << "a queue ends with an entry of "
        << entries;
  }
}

}  // namespace
}  // namespace rmq::base
