// A broker that is away for ten seconds, under a sender of one message at a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "tests/integration/routed_clients.h"

namespace rmq::test {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::chrono::seconds kOutage(10);
constexpr std::int64_t kSendMs = 3000;
constexpr double kLimit = 10;  // seconds; two are the aim, and a busy machine is slower

// Blocking sends one after the other, and when they succeeded.
class SteadySender {
 public:
  explicit SteadySender(const Servers& servers) : producer_(servers) {}
  ~SteadySender() { stop(); }
  SteadySender(const SteadySender&) = delete;
  SteadySender& operator=(const SteadySender&) = delete;

  void start() {
    last_ok_ = Clock::now();
    thread_ = std::thread([this] { run(); });
  }
  void stop() {
    is_over_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // Of the first success at or after `moment`; a failure of the test when none comes in time.
  Clock::time_point wait_for_success_after(Clock::time_point moment) {
    const auto limit = Clock::now() + std::chrono::seconds(120);
    while (last_ok_.load() < moment && Clock::now() < limit) std::this_thread::yield();
    EXPECT_GE(last_ok_.load(), moment);
    return last_ok_;
  }
  double longest_gap() const { return longest_gap_; }
  int failed() const { return failed_; }

 private:
  void run() {
    const abi::Message message = make_message("orders", "steady");
    while (!is_over_) {
      const std::int32_t code = rmq_producer_send(producer_.producer.get(), message.get(), nullptr,
                                                  0, kSendMs, nullptr, nullptr);
      const auto now = Clock::now();
      if (code == RMQ_OK) {
        longest_gap_ = std::max(longest_gap_, Seconds(now - last_ok_.load()).count());
        last_ok_ = now;
      } else {
        ++failed_;
      }
    }
  }

  RoutedProducer producer_;
  std::atomic<bool> is_over_{false};
  std::atomic<Clock::time_point> last_ok_{};
  double longest_gap_ = 0;  // this and below: the thread's until it has ended
  int failed_ = 0;
  std::thread thread_;
};

TEST(Outage, of_a_killed_broker_ends_for_a_sender_soon_after_it_is_back) {
  OwnServers servers(1);
  SteadySender sender(servers);
  sender.start();
  static_cast<void>(sender.wait_for_success_after(Clock::now()));
  const auto killed = Clock::now();
  servers.kill("broker-a");
  std::this_thread::sleep_for(kOutage);
  servers.restart("broker-a");
  const auto back = Clock::now();  // at the latest
  const auto used = sender.wait_for_success_after(killed + kOutage);
  sender.stop();
  std::printf(
      "away for %.2f s at most; used %.2f s after it was seen to be back; longest gap "
      "%.2f s; %d sends failed\n",
      Seconds(back - killed).count(), Seconds(used - back).count(), sender.longest_gap(),
      sender.failed());
  EXPECT_LT(Seconds(used - back).count(), kLimit);
}

TEST(Outage, of_a_paused_broker_costs_a_sender_no_more_than_its_pause) {
  OwnServers servers(1);
  SteadySender sender(servers);
  sender.start();
  static_cast<void>(sender.wait_for_success_after(Clock::now()));
  servers.pause("broker-a");
  std::this_thread::sleep_for(kOutage);
  const auto resumed = Clock::now();
  servers.resume("broker-a");
  const auto used = sender.wait_for_success_after(resumed);
  sender.stop();
  std::printf("used %.2f s after it went on; longest gap %.2f s; %d sends failed\n",
              Seconds(used - resumed).count(), sender.longest_gap(), sender.failed());
  EXPECT_LT(Seconds(used - resumed).count(), kLimit);
}

}  // namespace
}  // namespace rmq::test
