// Sends by the route of their topic: any queue, a named broker, topics that the first message
// creates, and NameServers that fail.
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using base::Outcome;
using protocol::RequestCode;
using namespace std::chrono_literals;
namespace fault = testbroker::fault;

class RouteTest : public ClusterTest {};

TEST_F(RouteTest, any_queue_is_round_robin_over_all_queues_of_all_brokers) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  add_broker(2, {{.name = "orders"}});
  start();
  for (std::uint64_t token = 0; token < 80; ++token) {
    ASSERT_TRUE(send(token).ok());
    if (token == 0) advance(100ms);
  }
  advance(200ms);
  ASSERT_EQ(count_ok(), 80u);
  std::map<std::pair<std::string, int>, int> uses;
  for (const auto& [token, end] : ends) ++uses[{end.broker_name, end.queue_id}];
  EXPECT_EQ(uses.size(), 8u);
  for (const auto& [place, count] : uses) EXPECT_EQ(count, 10) << place.first << place.second;
  expect_true_outcomes(80);
}

TEST_F(RouteTest, each_producer_begins_at_another_queue) {
  add_name_server(1);
  add_broker(1, {{.name = "orders", .read_queues = 64, .write_queues = 64}});
  std::set<int> firsts;
  for (int i = 0; i < 8; ++i) {
    start();
    ASSERT_TRUE(send(0).ok());
    advance(100ms);
    firsts.insert(ends[0].queue_id);
    TearDown();
    ends.clear();
  }
  EXPECT_GT(firsts.size(), 4u);
}

TEST_F(RouteTest, a_named_broker_gets_its_messages_in_its_named_queue) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  add_broker(2, {{.name = "orders"}});
  start();
  const auto named = Destination::make({}, "broker-b", 3).take_value();
  const auto any = Destination::make({}, "broker-b", -1).take_value();
  for (std::uint64_t token = 0; token < 8; ++token) {
    ASSERT_TRUE(send(token, 3s, SendMode::event, token < 4 ? named : any).ok());
  }
  advance(200ms);
  ASSERT_EQ(count_ok(), 8u);
  std::set<int> queues;
  for (const auto& [token, end] : ends) {
    EXPECT_EQ(end.broker_name, "broker-b");
    if (token < 4) {
      EXPECT_EQ(end.queue_id, 3);
    } else {
      queues.insert(end.queue_id);
    }
  }
  EXPECT_EQ(queues.size(), 4u);
}

TEST_F(RouteTest, a_broker_that_the_route_does_not_have_is_told_at_once) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  start();
  const auto wrong = Destination::make({}, "broker-x", 0).take_value();
  ASSERT_TRUE(send(1, 3s, SendMode::event, wrong).ok());
  advance(100ms);
  EXPECT_EQ(ends[1].code, ErrorCode::BROKER_NOT_AVAILABLE);
  EXPECT_EQ(ends[1].outcome, Outcome::not_applied);
  EXPECT_NE(ends[1].error.message.find("broker-a"), std::string::npos) << ends[1].error.message;
}

TEST_F(RouteTest, one_explicit_queue_gets_its_messages_in_the_order_of_the_calls) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  client::CoreOptions core;
  core.connections_per_broker = 4;
  start("10.0.1.1:9876", {}, core);
  const auto to = Destination::make({}, "broker-a", 2).take_value();
  for (std::uint64_t token = 0; token < 200; ++token) {
    ASSERT_TRUE(send(token, 3s, SendMode::event, to).ok());
    if (token % 37 == 0) advance(10ms);
  }
  advance(300ms);
  const auto messages = (*brokers[0])->store().messages("orders");
  ASSERT_EQ(messages.size(), 200u);
  std::uint64_t token = 0;
  for (const auto& message : messages) EXPECT_EQ(message.body, body_of(token++));
}

TEST_F(RouteTest, an_unknown_topic_is_created_by_the_first_message_and_its_route_becomes_real) {
  add_name_server(1);
  add_broker(1, {}, true);
  add_broker(2, {}, true);
  start();
  topic = "new";
  ASSERT_TRUE(send(0).ok());
  advance(3s);
  ASSERT_EQ(ends[0].code, ErrorCode::OK) << ends[0].error.message;
  const auto route = host->core().routes().find("new");
  ASSERT_TRUE(route);
  EXPECT_FALSE(route->is_default);
  EXPECT_EQ(route->data.queues.size(), 1u) << "one broker has it by now";
  for (std::uint64_t token = 1; token < 9; ++token) ASSERT_TRUE(send(token).ok());
  advance(200ms);
  EXPECT_EQ(count_ok(), 9u);
  for (std::uint64_t token = 1; token < 9; ++token) {
    EXPECT_EQ(ends[token].broker_name, ends[0].broker_name);
  }
}

TEST_F(RouteTest, a_created_topic_has_no_more_queues_than_the_producer_asks_for) {
  add_name_server(1);
  add_broker(1, {}, true);
  ProducerOptions options;
  options.default_topic_queue_nums = 2;
  start("10.0.1.1:9876", options);
  topic = "new";
  for (std::uint64_t token = 0; token < 20; ++token) {
    ASSERT_TRUE(send(token).ok());
    advance(100ms);
  }
  EXPECT_EQ(count_ok(), 20u);
  EXPECT_EQ((*brokers[0])->state().find_topic("new")->write_queues, 2);
}

TEST_F(RouteTest, sends_to_a_topic_that_may_not_be_written_to_end_with_these_words) {
  add_name_server(1);
  add_broker(1, {{.name = "orders", .write_queues = 0}});
  start();
  // The second producer finds the route known.
  for (std::uint64_t token = 0; token < 2; ++token) {
    producer = std::make_shared<Producer>(host, producer->options(), queue);
    ASSERT_TRUE(producer->start().ok());
    ASSERT_TRUE(send(token).ok());
    advance(3100ms);
    ASSERT_TRUE(ends.contains(token));
    EXPECT_EQ(ends[token].code, ErrorCode::NO_ROUTE);
    EXPECT_EQ(ends[token].outcome, Outcome::not_applied);
    EXPECT_NE(ends[token].error.message.find("no queue that may be written to"), std::string::npos)
        << ends[token].error.message;
  }
}

TEST_F(RouteTest, parked_sends_look_every_second_whether_the_topic_may_be_written_to) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  routes.put_topic("broker-a", {.name = "orders", .write_queues = 0});
  start();
  ASSERT_TRUE(send(1, 20s).ok());
  advance(5s);
  EXPECT_TRUE(ends.empty());
  const auto asked = (*name_servers[0])->counts().requests;
  EXPECT_GE(asked, 4u);
  EXPECT_LE(asked, 7u);
  routes.put_topic("broker-a", {.name = "orders"});
  advance(1200ms);
  ASSERT_TRUE(ends.contains(1));
  EXPECT_EQ(ends[1].code, ErrorCode::OK) << ends[1].error.message;
  const auto asked_by_then = (*name_servers[0])->counts().requests;
  advance(10s);
  EXPECT_LE((*name_servers[0])->counts().requests, asked_by_then + 1) << "nothing waits any more";
}

TEST_F(RouteTest, a_topic_that_nobody_may_create_fails_at_once_with_the_words_of_the_nameserver) {
  add_name_server(1);
  add_broker(1, {{.name = "other"}});
  start();
  ASSERT_TRUE(send(1).ok());
  advance(100ms);
  ASSERT_TRUE(ends.contains(1));
  EXPECT_EQ(ends[1].code, ErrorCode::NO_ROUTE);
  EXPECT_EQ(ends[1].outcome, Outcome::not_applied);
  EXPECT_EQ(ends[1].error.server_role, base::ServerRole::nameserver);
  EXPECT_NE(ends[1].error.remark.find("No topic route info"), std::string::npos)
      << ends[1].error.remark;
}

TEST_F(RouteTest, a_topic_without_a_writable_queue_says_so_at_the_deadline) {
  add_name_server(1);
  add_broker(1, {{.name = "orders", .perm = testbroker::kPermRead}});
  start();
  ASSERT_TRUE(send(1, 2s).ok());
  advance(1900ms);
  EXPECT_TRUE(ends.empty());
  advance(200ms);
  EXPECT_EQ(ends[1].code, ErrorCode::NO_ROUTE);
  EXPECT_NE(ends[1].error.message.find("written"), std::string::npos) << ends[1].error.message;
}

TEST_F(RouteTest, without_a_nameserver_the_deadline_says_what_to_set) {
  start("");
  ASSERT_TRUE(send(1, 1s).ok());
  advance(1100ms);
  EXPECT_EQ(ends[1].code, ErrorCode::NO_NAMESERVER);
  EXPECT_EQ(ends[1].outcome, Outcome::not_applied);
  EXPECT_NE(ends[1].error.hint.find("namesrv_addr"), std::string::npos) << ends[1].error.hint;
}

TEST_F(RouteTest, an_unreachable_nameserver_is_named_at_the_deadline) {
  start("10.0.1.1:9876");
  ASSERT_TRUE(send(1, 2s).ok());
  advance(1900ms);
  EXPECT_TRUE(ends.empty());
  advance(200ms);
  EXPECT_EQ(ends[1].code, ErrorCode::NO_NAMESERVER);
  EXPECT_EQ(ends[1].outcome, Outcome::not_applied);
  EXPECT_NE(ends[1].error.message.find("10.0.1.1:9876"), std::string::npos)
      << ends[1].error.message;
}

TEST_F(RouteTest, a_silent_nameserver_is_passed_over_within_the_time_of_the_send) {
  add_name_server(1)->pause();
  add_name_server(2);
  add_broker(1, {{.name = "orders"}});
  start("10.0.1.1:9876;10.0.1.2:9876");
  ASSERT_TRUE(send(1).ok());
  advance(3s);
  EXPECT_EQ(ends[1].code, ErrorCode::OK) << ends[1].error.message;
}

TEST_F(RouteTest, sending_goes_on_without_any_nameserver_once_the_route_is_known) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  start();
  ASSERT_TRUE(send(0).ok());
  advance(100ms);
  (*name_servers[0])->stop();
  for (std::uint64_t token = 1; token < 100; ++token) {
    ASSERT_TRUE(send(token).ok());
    advance(1s, 100ms);
  }
  EXPECT_EQ(count_ok(), 100u);
}

TEST_F(RouteTest, a_broker_that_joins_gets_its_share_after_the_next_look) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  start();
  ASSERT_TRUE(send(0).ok());
  advance(100ms);
  add_broker(2, {{.name = "orders"}});
  advance(31s, 100ms);
  for (std::uint64_t token = 1; token < 17; ++token) ASSERT_TRUE(send(token).ok());
  advance(200ms);
  EXPECT_EQ(count_ok(), 17u);
  EXPECT_EQ((*brokers[1])->store().messages("orders").size(), 8u);
}

TEST_F(RouteTest, the_brokers_hear_of_the_producers_group_and_of_its_end) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  start();
  ASSERT_TRUE(send(0).ok());
  advance(100ms);
  const auto requests = [&](RequestCode code) {
    const auto& counts = (*brokers[0])->counts().requests_by_code;
    const auto found = counts.find(static_cast<std::int32_t>(code));
    return found == counts.end() ? 0u : found->second;
  };
  EXPECT_EQ(requests(RequestCode::HEART_BEAT), 1u);
  ASSERT_TRUE(producer->close_async(1s, {.token = 9}).ok());
  advance(100ms);
  EXPECT_EQ(requests(RequestCode::UNREGISTER_CLIENT), 1u);
}

TEST_F(RouteTest, the_group_stays_known_while_another_producer_has_it) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  start();
  ASSERT_TRUE(send(0).ok());
  const auto first = producer;
  ProducerOptions options;
  options.group = "simulated";
  producer = std::make_shared<Producer>(host, options, queue);
  ASSERT_TRUE(producer->start().ok());
  ASSERT_TRUE(send(1).ok());
  advance(100ms);
  ASSERT_EQ(count_ok(), 2u);
  ASSERT_TRUE(first->close_async(1s, {.token = 9}).ok());
  advance(100ms);
  const auto& counts = (*brokers[0])->counts().requests_by_code;
  EXPECT_FALSE(counts.contains(static_cast<std::int32_t>(RequestCode::UNREGISTER_CLIENT)));
}

TEST_F(RouteTest, a_producer_that_names_addresses_only_does_not_register) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  start();
  const auto to = Destination::make(broker_address(1), "broker-a", 0).take_value();
  ASSERT_TRUE(send(0, 3s, SendMode::event, to).ok());
  advance(100ms);
  ASSERT_EQ(count_ok(), 1u);
  EXPECT_EQ((*brokers[0])->counts().requests, 1u);
  EXPECT_EQ((*name_servers[0])->counts().requests, 0u);
}

TEST_F(RouteTest, many_topics_at_once_each_get_their_route) {
  add_name_server(1);
  std::vector<testbroker::TopicConfig> topics;
  for (int i = 0; i < 500; ++i) topics.push_back({.name = "topic" + std::to_string(i)});
  add_broker(1, topics);
  start();
  for (std::uint64_t token = 0; token < 2000; ++token) {
    topic = "topic" + std::to_string(token % 500);
    ASSERT_TRUE(send(token).ok());
    if (token % 700 == 0) advance(20ms);
  }
  advance(500ms);
  EXPECT_EQ(count_ok(), 2000u);
}

}  // namespace
}  // namespace rmq::producer::testing
