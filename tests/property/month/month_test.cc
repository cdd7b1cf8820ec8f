// Months of uptime: servers that come back under other addresses, names that mean something else
// tomorrow, topics and members that come and go. What the client keeps must not grow with them.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "producer/producer.h"
#include "tests/fault/consumer/simulated_member.h"
#include "tests/property/memory_count.h"
#include "tests/support/memory_server.h"
#include "tests/support/simulated_host.h"

namespace rmq::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 1;

// A NameServer and a broker that are made anew at each move, with nothing of their past.
struct Site {
  Site(transport::MemoryNetwork& network, int number)
      : name_server(network, address(number, 1, 9876), name_server_options()),
        broker(network, address(number, 2, 10911), broker_options()) {
    network.name("ns.test").addresses = {name_server.address()};
  }
  static std::string address(int number, int host, int port) {
    return "10." + std::to_string(host) + "." + std::to_string(number / 250) + "." +
           std::to_string(1 + number % 250) + ":" + std::to_string(port);
  }
  testbroker::ServerOptions name_server_options() {
    testbroker::ServerOptions options;
    options.broker = false;
    options.shared_routes = &routes;
    return options;
  }
  testbroker::ServerOptions broker_options() {
    testbroker::ServerOptions options;
    options.nameserver = false;
    options.shared_routes = &routes;
    options.broker_name = "broker-a";
    options.topics = {{.name = "orders", .read_queues = 1, .write_queues = 1}};
    options.create_topics = true;
    return options;
  }

  testbroker::RouteTable routes;
  test::MemoryServer name_server;
  test::MemoryServer broker;
};

class Month : public ::testing::Test {
 protected:
  Month() : network(kSeed) { move(); }

  void move() {
    site.reset();
    site = std::make_unique<Site>(network, moves++);
  }
  static client::CoreOptions calm() {
    client::CoreOptions options;
    options.heartbeat_interval = options.routes.poll_interval = options.routes.ttl = 30min;
    return options;
  }
  void start_producer() {
    host = std::make_shared<test::SimulatedHost>(network, "10.9.0.1", "ns.test:9876", calm());
    queue = std::make_shared<event::EventQueue>(100);
    producer::ProducerOptions options;
    options.group = "senders";
    producer = std::make_shared<producer::Producer>(host, options, queue);
    ASSERT_TRUE(producer->start().ok());
  }
  // One message, of which the event is taken. True: it was stored.
  bool send(const std::string& topic) {
    auto message = producer::OutgoingMessage::make(topic).take_value();
    message->set_body(base::as_bytes(topic));
    EXPECT_TRUE(
        producer
            ->send_async(*message, message->body(), nullptr, {.timeout = 60s, .tag = {.token = 1}})
            .ok());
    network.run_until([this] { return queue->size() > 0; }, 70s);
    event::Event* event = nullptr;
    std::size_t count = 0;
    static_cast<void>(queue->poll({&event, 1}, base::Duration::zero(), &count));
    if (count == 0) return false;
    const bool is_stored = event->error_code() == base::ErrorCode::OK;
    event->destroy();
    return is_stored;
  }
  void end_producer() {
    producer->abandon();
    EXPECT_TRUE(host->close());
  }
  std::unique_ptr<consumer::testing::SimulatedMember> start_member(int number) {
    consumer::ConsumerOptions options;
    options.group = "readers";
    auto member = std::make_unique<consumer::testing::SimulatedMember>(
        network, "10.8.0." + std::to_string(1 + number % 250), "ns.test:9876", options);
    EXPECT_TRUE(member->consumer->subscribe("orders", consumer::FilterType::tag, "").ok());
    EXPECT_TRUE(member->consumer->start().ok());
    return member;
  }
  static void end(std::unique_ptr<consumer::testing::SimulatedMember>& member) {
    member->consumer->abandon();
    EXPECT_TRUE(member->host->close());
    member.reset();
  }

  transport::MemoryNetwork network;
  std::unique_ptr<Site> site;
  int moves = 0;
  std::shared_ptr<test::SimulatedHost> host;
  std::shared_ptr<event::EventQueue> queue;
  std::shared_ptr<producer::Producer> producer;
};

struct Memory {
  std::int64_t blocks = count_blocks();
  std::int64_t bytes = count_bytes();
};

// Later weeks hold no more than the second one did, but for noise that does not add up.
void expect_flat(const std::vector<Memory>& weeks) {
#ifndef RMQ_SANITIZED
  ASSERT_GE(weeks.size(), 4u);
  for (std::size_t i = 2; i < weeks.size(); ++i) {
    EXPECT_LE(weeks[i].blocks, weeks[1].blocks + 60) << "week " << i + 1;
    EXPECT_LE(weeks[i].bytes, weeks[1].bytes + 32 * 1024) << "week " << i + 1;
  }
#else
  static_cast<void>(weeks);
#endif
}

TEST_F(Month, a_producers_memory_is_flat_while_servers_move_and_topics_come_and_go) {
  start_producer();
  std::vector<Memory> weeks;
  int topics = 0;
  for (int week = 0; week < 5; ++week) {
    for (int part = 0; part < 7 * 4; ++part) {
      move();
      network.advance(10min);
      for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(send("daily-" + std::to_string(topics++))) << "seed " << kSeed;
      }
      network.advance(350min);
    }
    move();
    network.advance(2h);
    EXPECT_TRUE(send("orders"));
    network.advance(5min);
    weeks.emplace_back();
    std::printf("week %d: %lld blocks, %lld bytes, %zu connections, %d moves, %d topics\n",
                week + 1, static_cast<long long>(weeks.back().blocks),
                static_cast<long long>(weeks.back().bytes), host->core().endpoints().connections(),
                moves, topics);
    EXPECT_LE(host->core().endpoints().connections(), 2u);
  }
  expect_flat(weeks);
  end_producer();
}

TEST_F(Month, a_consumers_memory_is_flat_while_servers_move_and_members_come_and_go) {
  auto member = start_member(0);
  std::vector<Memory> weeks;
  int members = 1;
  // A week's changes, one soon after the other.
  for (int week = 0; week < 5; ++week) {
    for (int i = 0; i < 7; ++i) {
      move();
      network.advance(90s);
      auto other = start_member(members++);
      network.advance(30s);
      end(other);
      network.advance(60s);
    }
    network.advance(5min);
    weeks.emplace_back();
    std::printf("week %d: %lld blocks, %lld bytes, %zu connections, %d moves, %d members\n",
                week + 1, static_cast<long long>(weeks.back().blocks),
                static_cast<long long>(weeks.back().bytes),
                member->host->core().endpoints().connections(), moves, members);
    // The present one, and those that were lost in the last fifteen minutes: they are still called.
    EXPECT_LE(member->host->core().endpoints().connections(), 4u);
    EXPECT_EQ(member->consumer->queues().size(), 2u) << "seed " << kSeed;
  }
  expect_flat(weeks);
  end(member);
}

}  // namespace
}  // namespace rmq::sim
