// What simulated time is worth: an hour in which nothing happens.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "tests/property/consumer_process.h"

namespace rmq::sim {
namespace {

using namespace std::chrono_literals;

TEST(IdleConsumer, has_an_hour_with_100_queues_pass_in_a_moment) {
  const auto began = std::chrono::steady_clock::now();
  World world(1, {.version = 493, .brokers = 2, .slaves = 0, .queues = 50, .troubled = {}});
  const ConsumerProcess& process = world.add_consumer({"readers", "*"}, 1);
  world.network.advance(60s);
  ASSERT_EQ(process.consumer().queues().size(), 2u * 50 + 2);  // and the retry topic's
  const std::size_t turns = world.network.advance(1h);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("a simulated hour of an idle consumer of 100 queues: %zu turns, %.3f s\n", turns,
              took.count());
  // A long poll is answered after 15 to 20 s, each of a few turns at both ends.
  EXPECT_LT(turns, 102u * (3600 / 15) * 8);
  for (const auto& consumer : world.consumers) consumer->end(1s);
  world.network.advance(10s);
}

}  // namespace
}  // namespace rmq::sim
