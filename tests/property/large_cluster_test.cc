// A cluster of 20 brokers with 50 queues each, which is restarted broker by broker, or half of
// which the clients do not reach for a while. What it costs is printed; what must hold is that
// everything comes to rest, and that nothing is lost on the way.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "tests/property/consumer_process.h"
#include "tests/property/invariant.h"
#include "tests/property/memory_count.h"
#include "tests/property/producer_process.h"

namespace rmq::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kBrokers = 20;
constexpr std::size_t kConsumers = 10;
constexpr std::size_t kProducers = 4;

class LargeCluster : public ::testing::Test {
 protected:
  LargeCluster()
      : bytes_before_(count_bytes()),
        world_(kSeed,
               {.version = 493, .brokers = kBrokers, .slaves = 0, .queues = 50, .troubled = {}}) {
    for (const InvariantKind& kind : all_kinds<InvariantKind>()) {
      invariants_.emplace_back(kind.name, kind.make(world_));
    }
    world_.groups.push_back({"readers", "*"});
    Draw draw(kSeed);
    for (std::size_t i = 0; i < kConsumers; ++i) {
      world_.add_consumer(world_.groups[0], draw.seed()).behave();
    }
    for (std::size_t i = 0; i < kProducers; ++i) world_.add_producer(draw.seed());
    world_.is_ending = true;
  }

  // A send of each producer every 50 ms.
  void keep_sending(base::Duration duration) {
    for (base::Duration at{0}; at < duration; at += 50ms) {
      world_.after(at, [this] {
        for (const auto& producer : world_.producers) producer->send_one();
      });
    }
  }
  std::string name_unsettled() {
    for (const auto& [name, invariant] : invariants_) {
      if (std::string text = invariant->name_unsettled(); !text.empty()) return name + ": " + text;
    }
    return {};
  }
  // How long it takes; more than `limit` is a failure.
  base::Duration settle(base::Duration limit) {
    const base::Instant begin = world_.now();
    std::string unsettled = name_unsettled();
    while (!unsettled.empty() && world_.now() - begin < limit) {
      turns_ += world_.network.advance(1s);
      for (const auto& [name, invariant] : invariants_) invariant->look();
      unsettled = name_unsettled();
    }
    EXPECT_EQ(unsettled, "") << "seed " << kSeed;
    return world_.now() - begin;
  }
  void advance(base::Duration by) { turns_ += world_.network.advance(by); }
  void end() {
    for (const auto& producer : world_.producers) producer->end(1s);
    for (const auto& consumer : world_.consumers) consumer->end(1s);
    advance(10s);
    for (const auto& [name, invariant] : invariants_) {
      invariant->conclude();
      for (const std::string& text : invariant->violations()) {
        ADD_FAILURE() << "seed " << kSeed << " " << name << ": " << text;
      }
    }
    EXPECT_EQ(world_.ledger.mistakes, std::vector<std::string>());
    EXPECT_GT(world_.ledger.checked_messages, 1000u);
  }
  void print(const char* what, base::Duration settled, base::Duration simulated) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
    std::size_t applied = 0;
    for (const SendRecord& send : world_.ledger.sends) applied += send.is_applied;
    std::printf(
        "%s: at rest %.0f s after it, %.1f MiB for %zu clients and the servers, %.1f turns of a "
        "loop "
        "a second and process, %zu of %zu sends applied, %.2f s for %.0f simulated\n",
        what, std::chrono::duration<double>(settled).count(),
        static_cast<double>(count_bytes() - bytes_before_) / 1024 / 1024, kConsumers + kProducers,
        static_cast<double>(turns_) / std::chrono::duration<double>(simulated).count() /
            (kConsumers + kProducers + kBrokers),
        applied, world_.ledger.sends.size(), took.count(),
        std::chrono::duration<double>(simulated).count());
  }

  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  const std::int64_t bytes_before_;
  World world_;
  std::vector<std::pair<std::string, std::unique_ptr<Invariant>>> invariants_;
  std::size_t turns_ = 0;
};

TEST_F(LargeCluster, comes_to_rest_after_a_rolling_restart_and_loses_nothing) {
  settle(120s);
  const base::Instant begin = world_.now();
  turns_ = 0;
  keep_sending(200s);
  for (std::size_t i = 0; i < kBrokers; ++i) {
    world_.broker(i).crash(5s, testbroker::Memory::kept);
    advance(10s);
  }
  world_.note_disturbance();
  const base::Duration settled = settle(120s);
  print("rolling restart", settled, world_.now() - begin);
  end();
}

TEST_F(LargeCluster, comes_to_rest_after_half_of_it_was_away_and_loses_nothing) {
  settle(120s);
  const base::Instant begin = world_.now();
  turns_ = 0;
  keep_sending(90s);
  for (std::size_t i = 0; i < kBrokers / 2; ++i) world_.network.set_side(world_.broker_loop(i), 1);
  advance(90s);
  for (std::size_t i = 0; i < kBrokers / 2; ++i) world_.network.set_side(world_.broker_loop(i), 0);
  world_.note_disturbance();
  const base::Duration settled = settle(300s);
  print("split", settled, world_.now() - begin);
  end();
}

}  // namespace
}  // namespace rmq::sim
