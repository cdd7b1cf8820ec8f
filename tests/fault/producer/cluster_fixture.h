// A small cluster and one producer on simulated time: NameServers of their own, brokers that share
// one table of routes, and the books that tests keep about what was sent and how it ended.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "producer/producer.h"
#include "testbroker/route_table.h"
#include "tests/support/memory_server.h"
#include "tests/support/simulated_host.h"

namespace rmq::producer::testing {

struct End {
  base::ErrorCode code = base::ErrorCode::OK;
  base::Outcome outcome = base::Outcome::not_applied;
  base::Duration after{};
  std::string broker_name;
  std::int32_t queue_id = -1;
  std::int32_t status = 0;
  std::string message_id;
  base::Error error;
};

class ClusterTest : public ::testing::Test {
 protected:
  explicit ClusterTest(std::uint64_t seed = 1) : network(seed) {}

  // 10.0.1.<n>:9876
  test::MemoryServer& add_name_server(int n) {
    testbroker::ServerOptions options;
    options.broker = false;
    options.shared_routes = &routes;
    name_servers.push_back(
        std::make_unique<test::MemoryServer>(network, name_server_address(n), options));
    return *name_servers.back();
  }
  // broker-<letter> at 10.0.0.<n>:10911
  test::MemoryServer& add_broker(int n, std::vector<testbroker::TopicConfig> topics,
                                 bool create_topics = false) {
    testbroker::ServerOptions options;
    options.nameserver = false;
    options.shared_routes = &routes;
    options.broker_name = broker_name(n);
    options.topics = std::move(topics);
    options.create_topics = create_topics;
    options.recalls = recalls;
    brokers.push_back(std::make_unique<test::MemoryServer>(network, broker_address(n), options));
    return *brokers.back();
  }
  static std::string name_server_address(int n) { return "10.0.1." + std::to_string(n) + ":9876"; }
  static std::string broker_address(int n) { return "10.0.0." + std::to_string(n) + ":10911"; }
  static std::string broker_name(int n) {
    return std::string("broker-") + static_cast<char>('a' + n - 1);
  }

  void start(std::string_view servers = "10.0.1.1:9876", ProducerOptions options = {},
             client::CoreOptions core = {}) {
    options.group = "simulated";
    host = std::make_shared<test::SimulatedHost>(network, "10.0.9.1", servers, std::move(core));
    queue = std::make_shared<event::EventQueue>(100);
    producer = std::make_shared<Producer>(host, options, queue);
    ASSERT_TRUE(producer->start().ok());
    network.run_until_idle();
  }

  base::Status send(std::uint64_t token, base::Duration timeout = std::chrono::seconds(3),
                    SendMode mode = SendMode::event,
                    const std::shared_ptr<const Destination>& destination = nullptr) {
    auto message = OutgoingMessage::make(topic).take_value();
    message->set_body(base::as_bytes(body_of(token)));
    started[token] = network.now();
    return producer->send_async(*message, message->body(), destination,
                                {.timeout = timeout, .mode = mode, .tag = {.token = token}});
  }
  static std::string body_of(std::uint64_t token) { return "body " + std::to_string(token); }

  void take_events() {
    event::Event* event = nullptr;
    for (std::size_t count = 0; queue->poll({&event, 1}, base::Duration::zero(), &count) ==
                                event::EventQueue::PollEnd::events;) {
      if (event->type() == event::EventType::send) {
        EXPECT_FALSE(ends.contains(event->token())) << "a second event for " << event->token();
        End& end = ends[event->token()];
        order.push_back(event->token());
        end.code = event->error_code();
        end.outcome = event->outcome();
        end.after = network.now() - started[event->token()];
        if (const event::SendResult* result = event->parts().send_result) {
          end.broker_name = result->broker_name;
          end.queue_id = result->queue_id;
          end.status = result->status;
        }
        end.message_id = event->parts().message_id;
        if (event->error()) end.error = *event->error();
      } else {
        others.push_back(event->type());
      }
      event->destroy();
    }
  }
  void advance(base::Duration by, base::Duration step = std::chrono::milliseconds(10)) {
    for (base::Duration done{0}; done < by; done += step) {
      network.advance(step);
      take_events();
    }
  }

  // How often a body is stored, on all brokers together.
  std::map<std::string, int> stored_copies() {
    std::map<std::string, int> copies;
    for (const auto& broker : brokers) {
      for (const auto& message : (*broker)->store().messages(topic)) ++copies[message.body];
    }
    return copies;
  }
  void expect_true_outcomes(std::size_t sends) {
    auto copies = stored_copies();
    EXPECT_EQ(ends.size(), sends);
    for (const auto& [token, end] : ends) {
      const int stored = copies[body_of(token)];
      if (end.code == base::ErrorCode::OK) {
        EXPECT_GE(stored, 1) << "seed " << network.seed() << " token " << token;
      } else if (end.outcome == base::Outcome::not_applied) {
        EXPECT_EQ(stored, 0) << "seed " << network.seed() << " token " << token << " "
                             << end.error.message;
      }
    }
  }
  std::size_t count_ok() const {
    std::size_t count = 0;
    for (const auto& [token, end] : ends) count += end.code == base::ErrorCode::OK;
    return count;
  }

  void TearDown() override {
    if (!producer) return;
    producer->abandon();
    EXPECT_TRUE(host->close());
    take_events();
    EXPECT_EQ(producer->inflight(), 0) << "room that no event gave back";
  }

  transport::MemoryNetwork network;
  testbroker::RouteTable routes;
  std::vector<std::unique_ptr<test::MemoryServer>> name_servers;
  std::vector<std::unique_ptr<test::MemoryServer>> brokers;
  std::shared_ptr<test::SimulatedHost> host;
  std::shared_ptr<event::EventQueue> queue;
  std::shared_ptr<Producer> producer;
  std::string topic = "orders";
  bool recalls = false;  // of brokers that are added
  std::map<std::uint64_t, base::Instant> started;
  std::map<std::uint64_t, End> ends;
  std::vector<std::uint64_t> order;  // in which sends ended
  std::vector<event::EventType> others;
};

}  // namespace rmq::producer::testing
