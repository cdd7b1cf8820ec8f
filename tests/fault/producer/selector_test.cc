// Destinations that choose among the queues of a topic: where their messages go, before the route
// is known too, and which of them are tried again elsewhere.
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using protocol::RequestCode;
using namespace std::chrono_literals;
namespace fault = testbroker::fault;

class SelectorTest : public ClusterTest {
 protected:
  base::Status send_by(Selector selector, std::uint64_t token, std::string_view key = {}) {
    auto message = OutgoingMessage::make(topic).take_value();
    message->set_body(base::as_bytes(body_of(token)));
    if (!key.empty()) {
      EXPECT_TRUE(message->set_sharding_key(key).ok());
    }
    started[token] = network.now();
    return producer->send_async(*message, message->body(), Destination::make_selected(selector),
                                {.timeout = 3s, .tag = {.token = token}});
  }
  void make_cluster(std::vector<std::string> names, std::int32_t queues = 4) {
    add_name_server(1);
    for (std::size_t i = 0; i < names.size(); ++i) {
      testbroker::ServerOptions options;
      options.nameserver = false;
      options.shared_routes = &routes;
      options.broker_name = names[i];
      options.topics = {{.name = topic, .read_queues = queues, .write_queues = queues}};
      brokers.push_back(std::make_unique<test::MemoryServer>(
          network, broker_address(static_cast<int>(i) + 1), options));
    }
  }
  std::map<std::string, int> uses() {
    std::map<std::string, int> uses;
    for (const auto& [token, end] : ends) ++uses[end.broker_name + std::to_string(end.queue_id)];
    return uses;
  }
};

TEST_F(SelectorTest, a_key_has_one_queue_before_the_route_is_known_and_after) {
  for (const Selector selector :
       {Selector::key_hash, Selector::java_key_hash, Selector::cpp_key_hash}) {
    make_cluster({"broker-b", "broker-a"});
    start();
    for (std::uint64_t token = 0; token < 100; ++token) {
      ASSERT_TRUE(send_by(selector, token, "key-" + std::to_string(token % 10)).ok());
      if (token == 49) advance(100ms);
    }
    advance(100ms);
    ASSERT_EQ(count_ok(), 100u);
    std::map<std::uint64_t, std::set<std::string>> queues;  // by key
    for (const auto& [token, end] : ends)
      queues[token % 10].insert(end.broker_name + std::to_string(end.queue_id));
    for (const auto& [key, used] : queues) EXPECT_EQ(used.size(), 1u) << key;
    EXPECT_GT(uses().size(), 3u);
    TearDown();
    producer = nullptr;
    ends.clear();
    brokers.clear();
    name_servers.clear();
  }
}

TEST_F(SelectorTest, round_robin_visits_all_alike_and_random_visits_all) {
  make_cluster({"broker-a", "broker-b"});
  start();
  for (std::uint64_t token = 0; token < 800; ++token) {
    ASSERT_TRUE(send_by(token < 80 ? Selector::round_robin : Selector::random, token).ok());
    if (token == 0) advance(100ms);
    if (token == 79) {
      advance(100ms);
      for (const auto& [place, count] : uses()) EXPECT_EQ(count, 10) << place;
      ends.clear();
    }
  }
  advance(1s);
  ASSERT_EQ(ends.size(), 720u);
  const auto used = uses();
  EXPECT_EQ(used.size(), 8u);
  std::set<int> counts;
  for (const auto& [place, count] : used) {
    EXPECT_GT(count, 50) << place;
    EXPECT_LT(count, 140) << place;
    counts.insert(count);
  }
  EXPECT_GT(counts.size(), 1u) << "random choices are by turns";
}

TEST_F(SelectorTest, of_a_broker_that_fails_the_free_choices_go_elsewhere_and_keys_do_not) {
  make_cluster({"broker-a", "broker-b"});
  start();
  ASSERT_TRUE(send_by(Selector::round_robin, 1000).ok());
  advance(100ms);
  ends.clear();
  (*brokers[0])->script().on(RequestCode::SEND_MESSAGE_V2).then(fault::error(2, "busy"));
  for (std::uint64_t token = 0; token < 16; ++token) {
    ASSERT_TRUE(send_by(token < 8 ? Selector::random : Selector::round_robin, token).ok());
  }
  for (std::uint64_t token = 16; token < 48; ++token) {
    ASSERT_TRUE(send_by(Selector::key_hash, token, "key-" + std::to_string(token)).ok());
  }
  advance(3s);
  std::size_t failed_keys = 0;
  for (const auto& [token, end] : ends) {
    if (token < 16) {
      EXPECT_EQ(end.broker_name, "broker-b");
    }
    if (token >= 16) failed_keys += end.code == ErrorCode::BROKER_BUSY;
  }
  EXPECT_GT(failed_keys, 5u);
  EXPECT_EQ(count_ok(), 48u - failed_keys);
}

TEST_F(SelectorTest, a_machine_room_is_kept_to_in_retries_too) {
  make_cluster({"north@a", "north@b", "south@a", "plain"});
  ProducerOptions options;
  options.rooms = {"west", "north", "south"};
  start("10.0.1.1:9876", options);
  (*brokers[0])->script().on(RequestCode::SEND_MESSAGE_V2).then(fault::error(2, "busy"));
  for (std::uint64_t token = 0; token < 40; ++token) {
    ASSERT_TRUE(send_by(Selector::machine_room, token).ok());
    if (token == 19) advance(100ms);
  }
  advance(1s);
  EXPECT_EQ(count_ok(), 40u);
  for (const auto& [token, end] : ends) EXPECT_EQ(end.broker_name, "north@b");
}

TEST_F(SelectorTest, rooms_without_a_queue_are_named) {
  make_cluster({"north@a", "plain"});
  ProducerOptions options;
  options.rooms = {"west", "east"};
  start("10.0.1.1:9876", options);
  ASSERT_TRUE(send_by(Selector::machine_room, 1).ok());
  advance(100ms);
  EXPECT_EQ(ends[1].code, ErrorCode::BROKER_NOT_AVAILABLE);
  EXPECT_NE(ends[1].error.message.find("west;east"), std::string::npos) << ends[1].error.message;
  EXPECT_NE(ends[1].error.message.find("north@a"), std::string::npos) << ends[1].error.message;
}

TEST_F(SelectorTest, a_key_whose_broker_is_away_is_told_so_where_an_order_configuration_holds_it) {
  make_cluster({"broker-a"});
  routes.set_order_conf(topic, "broker-a:1;broker-gone:1");
  start();
  for (std::uint64_t token = 0; token < 20; ++token) {
    ASSERT_TRUE(send_by(Selector::key_hash, token, "key-" + std::to_string(token)).ok());
    if (token == 9) advance(100ms);
  }
  advance(100ms);
  std::size_t absent = 0;
  for (const auto& [token, end] : ends) {
    if (end.code == ErrorCode::OK) continue;
    EXPECT_EQ(end.code, ErrorCode::BROKER_NOT_AVAILABLE);
    EXPECT_NE(end.error.message.find("broker-gone"), std::string::npos) << end.error.message;
    ++absent;
  }
  EXPECT_GT(absent, 3u);
  EXPECT_EQ(count_ok(), 20u - absent);
}

}  // namespace
}  // namespace rmq::producer::testing
