// What judges the scenarios notices each kind of broken promise.
#include "tests/integration/faults/fault_figures.h"

#include <gtest/gtest.h>

namespace rmq::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// Ten seconds with a fault from the second to the third. Every second each sender sends one
// message, which is stored and delivered half a second later.
struct World {
  World() {
    for (std::int64_t second = 0; second < 10; ++second) {
      for (const bool is_single : {true, false}) {
        const std::string key = (is_single ? "s" : "m") + std::to_string(second);
        const std::string queue = is_single ? "broker-a:0" : "broker-b:0";
        records.sends.push_back(
            {key, is_single, second * kSecond, second * kSecond + 1, SendFate::applied, {}});
        records.deliveries.push_back({key, second * kSecond + kSecond / 2, queue, second});
        stored[key] = {{queue, second}};
      }
    }
  }
  FaultFigures judge() const { return figures_of(records, stored, window); }
  SendRecord& send(const std::string& key) {
    for (SendRecord& one : records.sends) {
      if (one.key == key) return one;
    }
    throw std::runtime_error(key);
  }

  TrafficRecords records;
  StoredKeys stored;
  FaultWindow window{2 * kSecond, 3 * kSecond, 10 * kSecond};
};

TEST(FaultFigures, of_a_run_without_harm_show_none) {
  const World world;
  const FaultFigures figures = world.judge();
  EXPECT_NEAR(figures.single_gap, 1.0, 0.01);
  EXPECT_NEAR(figures.many_gap, 1.0, 0.01);
  EXPECT_NEAR(figures.delivery_gap, 1.0, 0.01);
  EXPECT_NEAR(figures.latest_delivery, 0.5, 0.01);
  EXPECT_EQ(figures.applied, 20U);
  EXPECT_EQ(figures.missing + figures.falsely_denied + figures.undelivered + figures.corrupt, 0U);
  EXPECT_EQ(figures.delivered_twice + figures.stored_twice, 0U);
  EXPECT_TRUE(is_all_delivered(world.records));
}

TEST(FaultFigures, tell_what_was_said_of_sends_from_what_is_stored) {
  World world;
  world.stored.erase("s4");
  world.send("s5").fate = SendFate::not_applied;
  world.send("s6").fate = SendFate::maybe_applied;
  world.stored["s7"].emplace_back("broker-b:0", 70);
  const FaultFigures figures = world.judge();
  EXPECT_EQ(figures.missing, 1U);
  EXPECT_EQ(figures.falsely_denied, 1U);
  EXPECT_EQ(figures.maybe_stored, 1U);
  EXPECT_EQ(figures.stored_twice, 1U);
  EXPECT_NEAR(figures.single_gap, 3.0, 0.01);
}

TEST(FaultFigures, tell_deliveries_that_are_missing_late_doubled_or_damaged) {
  World world;
  auto& deliveries = world.records.deliveries;
  deliveries[8].is_whole = false;  // s4, and nobody said so
  deliveries[9].is_whole = false;  // m4
  deliveries[9].is_marked = true;
  deliveries[11].at_ns = 9 * kSecond;  // m5
  deliveries.push_back(deliveries[12]);
  const FaultFigures figures = world.judge();
  EXPECT_EQ(figures.undelivered, 2U);
  EXPECT_EQ(figures.corrupt, 1U);
  EXPECT_EQ(figures.delivered_twice, 1U);
  EXPECT_NEAR(figures.latest_delivery, 4.0, 0.01);
  EXPECT_FALSE(is_all_delivered(world.records));
}

TEST(FaultFigures, count_recovery_from_what_began_after_the_fault) {
  World world;
  world.send("s3").fate = SendFate::maybe_applied;
  world.records.deliveries[7].at_ns = 8 * kSecond;  // m3, sent when the fault had ended
  const Recovery recovery = recovery_since(world.records, 3 * kSecond, 2);
  EXPECT_NEAR(recovery.single.value(), 1.0, 0.01);
  EXPECT_NEAR(recovery.many.value(), 0.0, 0.01);
  EXPECT_NEAR(recovery.delivery.value(), 0.5, 0.01);
  EXPECT_NEAR(recovery.whole.value(), 5.0, 0.01);
  EXPECT_FALSE(recovery_since(world.records, 3 * kSecond, 3).whole);
  EXPECT_FALSE(recovery_since(world.records, 10 * kSecond, 2).single);
}

}  // namespace
}  // namespace rmq::test
