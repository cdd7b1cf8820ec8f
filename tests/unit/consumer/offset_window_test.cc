#include "consumer/offset_window.h"

#include <gtest/gtest.h>

#include <iostream>
#include <random>
#include <set>
#include <vector>

namespace rmq::consumer {
namespace {

TEST(OffsetWindow, commits_its_start_while_nothing_was_pulled) {
  EXPECT_EQ(OffsetWindow().commit_offset(), 0);
  EXPECT_EQ(OffsetWindow(100).commit_offset(), 100);
}

TEST(OffsetWindow, commits_the_lowest_unfinished_offset) {
  OffsetWindow window(10);
  const auto first = window.add(10);
  const auto second = window.add(11);
  const auto third = window.add(12);
  EXPECT_TRUE(window.finish(third));
  EXPECT_TRUE(window.finish(second));
  EXPECT_EQ(window.commit_offset(), 10);
  EXPECT_EQ(window.span(), 3);
  EXPECT_TRUE(window.finish(first));
  EXPECT_EQ(window.commit_offset(), 13);
  EXPECT_EQ(window.entries(), 0u);
}

TEST(OffsetWindow, passes_what_was_filtered_out_only_when_all_before_it_is_finished) {
  OffsetWindow window;
  const auto ticket = window.add(3);
  window.skip_to(50);
  EXPECT_EQ(window.commit_offset(), 3);
  window.finish(ticket);
  EXPECT_EQ(window.commit_offset(), 50);
  window.skip_to(20);
  EXPECT_EQ(window.commit_offset(), 50);
}

TEST(OffsetWindow, finishes_each_entry_once) {
  OffsetWindow window;
  const auto first = window.add(0);
  const auto second = window.add(1);
  EXPECT_TRUE(window.finish(second));
  EXPECT_FALSE(window.finish(second));
  EXPECT_TRUE(window.finish(first));
  EXPECT_FALSE(window.finish(first));
  EXPECT_FALSE(window.finish(first + 1000));
  EXPECT_EQ(window.unfinished(), 0u);
}

TEST(OffsetWindow, takes_no_offset_that_it_has_seen) {
  OffsetWindow window(5);
  EXPECT_FALSE(window.can_add(4));
  window.add(7);
  EXPECT_FALSE(window.can_add(7));
  EXPECT_TRUE(window.can_add(8));
}

// Against a set of offsets and a maximum.
TEST(OffsetWindow, is_what_a_naive_model_says) {
  const std::uint64_t seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int run = 0; run < 20; ++run) {
    const auto start = static_cast<std::int64_t>(random() % 1000);
    OffsetWindow window(start);
    std::int64_t highest = start;
    std::set<std::int64_t> unfinished;
    std::vector<std::pair<OffsetWindow::Ticket, std::int64_t>> tickets;
    for (int step = 0; step < 2000; ++step) {
      switch (random() % 5) {
        case 0:
        case 1: {
          const std::int64_t offset = highest + static_cast<std::int64_t>(random() % 4);
          tickets.emplace_back(window.add(offset), offset);
          unfinished.insert(offset);
          highest = offset + 1;
          break;
        }
        case 2:
          highest += static_cast<std::int64_t>(random() % 5);
          window.skip_to(highest);
          break;
        default: {
          if (tickets.empty()) break;
          // Often one of the last, so that holes stay, and sometimes one that is finished.
          const std::size_t index =
              random() % 3 == 0
                  ? random() % tickets.size()
                  : tickets.size() - 1 - random() % std::min<std::size_t>(tickets.size(), 8);
          const auto [ticket, offset] = tickets[index];
          ASSERT_EQ(window.finish(ticket), unfinished.erase(offset) == 1);
        }
      }
      const std::int64_t expected = unfinished.empty() ? highest : *unfinished.begin();
      ASSERT_EQ(window.commit_offset(), expected) << "run " << run << " step " << step;
      ASSERT_EQ(window.unfinished(), unfinished.size());
      ASSERT_EQ(window.end_offset(), highest);
      ASSERT_LE(window.entries(), static_cast<std::size_t>(highest - expected));
    }
  }
}

TEST(OffsetWindow, restarts_at_its_commit_offset_and_forgets_older_tickets) {
  OffsetWindow window(100);
  const auto first = window.add(100);
  const auto second = window.add(101);
  ASSERT_TRUE(window.finish(first));
  window.restart();
  EXPECT_EQ(window.commit_offset(), 101);
  EXPECT_EQ(window.end_offset(), 101);
  EXPECT_EQ(window.unfinished(), 0u);
  const auto again = window.add(101);
  EXPECT_FALSE(window.finish(second));
  EXPECT_TRUE(window.finish(again));
  EXPECT_EQ(window.commit_offset(), 102);
}

}  // namespace
}  // namespace rmq::consumer
