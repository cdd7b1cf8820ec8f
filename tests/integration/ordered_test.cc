// Ordered sends to a real broker, whose connections are cut and which is killed and comes back:
// what each queue then holds has the order of the calls.
#include <atomic>
#include <thread>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"
#include "tests/support/fault_proxy.h"

namespace rmq::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kSends = 100'000;
constexpr std::size_t kKeys = 16;
constexpr std::size_t kQueues = 8;
constexpr std::int64_t kSendLimitMs = 120'000;

class OrderedSends : public testing::Test {
 protected:
  // Takes what has ended and counts it; waits for some.
  void take_ends() {
    std::vector<rmq_event_view_t> views(256);
    std::size_t count = 0;
    ASSERT_EQ(rmq_event_queue_poll(producer->events.get(), abi::kLongMs, views.data(),
                                   sizeof views[0], views.size(), &count, nullptr),
              RMQ_OK);
    for (std::size_t i = 0; i < count; ++i) {
      if (views[i].event_type != RMQ_EVENT_SEND) continue;
      ++ended;
      failed += views[i].error_code != RMQ_OK;
      if (views[i].error_code != RMQ_OK && failed < 5) ADD_FAILURE() << views[i].error_message;
    }
    rmq_event_destroy_batch(views.data(), sizeof views[0], count);
  }

  void send(std::size_t number) {
    const std::string key = "key-" + std::to_string(number % kKeys);
    const std::string name = key + "_" + std::to_string(number);
    const abi::Message message = make_message("orders", name);
    ASSERT_EQ(
        rmq_message_set_text(message.get(), RMQ_FIELD_KEYS, name.data(), name.size(), nullptr),
        RMQ_OK);
    ASSERT_EQ(rmq_message_set_text(message.get(), RMQ_FIELD_SHARDING_KEY, key.data(), key.size(),
                                   nullptr),
              RMQ_OK);
    std::int32_t code = RMQ_ERROR_QUEUE_FULL;
    while (true) {
      code = rmq_producer_send_async(producer->producer.get(), message.get(), by_key.get(),
                                     RMQ_FLAG_ORDERED, kSendLimitMs, number, nullptr, nullptr);
      if (code != RMQ_ERROR_QUEUE_FULL) break;
      take_ends();
    }
    ASSERT_EQ(code, RMQ_OK);
  }

  // The official client reads the topic back: of each key, what comes for the first time goes up.
  void expect_stored_in_order(const Servers& servers) {
    std::map<std::string, std::size_t> last;    // by key
    std::map<std::string, std::string> queues;  // by key
    std::set<std::string> first;
    std::size_t wrong = 0;
    std::size_t copies = 0;
    for (const PeerLine& line : JavaPeer(servers).run("store orders")) {
      if (line.at(0) != "STORED") continue;
      ++copies;
      const std::string name = line.at(1);
      if (!first.insert(name).second) continue;
      const std::string key = name.substr(0, name.find('_'));
      const std::size_t number = std::stoul(name.substr(name.find('_') + 1)) + 1;
      wrong += number <= last[key];
      last[key] = std::max(last[key], number);
      const std::string& own = queues.try_emplace(key, line.at(2)).first->second;
      EXPECT_EQ(own, line.at(2)) << key << " has two queues";
    }
    EXPECT_EQ(wrong, 0U) << "messages stand behind later ones of their keys";
    EXPECT_EQ(first.size(), kSends);
    EXPECT_EQ(queues.size(), kKeys);
    std::printf("%zu messages are stored %zu times\n", first.size(), copies);
  }

  std::unique_ptr<RoutedProducer> producer;
  const abi::Destination by_key = abi::make_selected(RMQ_SELECTOR_HASH_OF_SHARDING_KEY);
  std::size_t ended = 0;
  std::size_t failed = 0;
};

TEST_F(OrderedSends, keep_their_order_through_cut_connections_and_a_killed_broker) {
  OwnServers servers(1);
  JavaPeer(servers).run("topic orders " + std::to_string(kQueues));
  std::vector<ProxiedServer> proxied = {{"namesrv", servers.namesrv_address()}};
  for (const RealBroker& broker : servers.brokers())
    proxied.push_back({broker.name, broker.address});
  FaultProxy proxy(proxied);
  producer = std::make_unique<RoutedProducer>(
      servers, abi::Options{}, abi::Options{{"namesrv_addr", proxy.open_entrance("ours")}});

  std::atomic<bool> is_over{false};
  std::atomic<int> cuts{0};
  std::thread trouble([&] {
    while (!is_over) {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      proxy.cut({"ours", "broker"});
      ++cuts;
    }
  });
  std::thread killer;
  const auto began = Clock::now();
  for (std::size_t number = 0; number < kSends && !HasFatalFailure(); ++number) {
    if (number == kSends / 2) {
      killer = std::thread([&] {
        servers.kill("broker-a");
        servers.restart("broker-a");
      });
    }
    send(number);
  }
  while (ended < kSends && !HasFatalFailure()) take_ends();
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  is_over = true;
  trouble.join();
  if (killer.joinable()) killer.join();
  std::printf(
      "%zu ordered sends with %zu keys in %.1f s, %.0f a second, through %d cuts and a restart\n",
      ended, kKeys, seconds, static_cast<double>(ended) / seconds, cuts.load());
  EXPECT_EQ(failed, 0U);
  EXPECT_GT(cuts.load(), 3);
  expect_stored_in_order(servers);
}

}  // namespace
}  // namespace rmq::test
