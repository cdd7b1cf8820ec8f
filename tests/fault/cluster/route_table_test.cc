// Routes: asked for at first use, kept through failures, refreshed in time, and never asked for
// more than need be.
#include "cluster/route_table.h"

#include "tests/fault/cluster/cluster_world.h"

namespace rmq::cluster::testing {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using protocol::RequestCode;
namespace fault = testbroker::fault;

class Watcher final : public RouteWatcher {
 public:
  void on_route(const RoutePtr& route) override {
    routes.push_back(route);
    if (then) then();
  }
  void on_route_failure(std::string_view, const RoutePtr& known,
                        const base::Error& error) override {
    kept = known;
    errors.push_back(error);
    if (then) then();
  }

  std::vector<RoutePtr> routes;
  std::vector<base::Error> errors;
  RoutePtr kept;
  std::function<void()> then;
};

class RouteTableTest : public ClusterWorld {
 protected:
  using Missing = RouteTable::Missing;

  RouteTableTest()
      : table(loop, deadlines, name_servers, endpoints, {}, [this] { ++broker_changes; }) {}

  void put_topic(const std::string& topic, int queues = 4, const std::string& broker = "broker-a") {
    known.put_broker({"DefaultCluster", broker, 0, "10.0.0.1:10911"});
    known.put_topic(broker, {.name = topic, .read_queues = queues, .write_queues = queues});
  }
  void start(int count = 1) {
    for (int n = 1; n <= count; ++n) add_name_server(n);
    use_name_servers(count);
  }

  int broker_changes = 0;
  RouteTable table;
  Watcher watcher;
};

TEST_F(RouteTableTest, one_address_in_two_spellings_is_one_endpoint) {
  start();
  known.put_broker({"DefaultCluster", "broker-a", 0, "fd00::1:10911"});
  known.put_topic("broker-a", {.name = "orders"});
  known.put_broker({"DefaultCluster", "broker-b", 0, "[fd00::1]:10911"});
  known.put_topic("broker-b", {.name = "orders"});
  table.watch("orders", watcher, Missing::is_failure);
  network.advance(50ms);
  ASSERT_EQ(watcher.routes.size(), 1u);
  Endpoint* endpoint = watcher.routes[0]->find_endpoint("broker-a");
  ASSERT_NE(endpoint, nullptr);
  EXPECT_EQ(endpoint->name(), "[fd00::1]:10911");
  EXPECT_EQ(watcher.routes[0]->find_endpoint("broker-b"), endpoint);
  EXPECT_EQ(table.known_brokers().size(), 1u);
}

// A request that is pending at the former address keeps its connection, and is told of its end.
TEST_F(RouteTableTest, a_broker_that_moves_leaves_its_former_endpoint_to_pending_requests) {
  start();
  put_topic("orders");
  table.watch("orders", watcher, Missing::is_failure);
  network.advance(50ms);
  ASSERT_EQ(watcher.routes.size(), 1u);
  const EndpointPtr former = endpoints.intern("10.0.0.1:10911");
  EXPECT_EQ(watcher.routes[0]->find_endpoint("broker-a"), former.get());
  EXPECT_TRUE(former->is_named());
  CallSet calls(decorator);
  int ends = 0;
  calls.ask(
      {former->connection()}, protocol::GetRouteRequest{.topic = "orders"}, {}, network.now() + 40s,
      [&](const auto&) { ++ends; }, CallSet::WhenAway::wait);

  known.put_broker({"DefaultCluster", "broker-a", 0, "10.0.0.2:10911"});
  network.advance(31s);
  ASSERT_EQ(watcher.routes.size(), 2u);
  EXPECT_EQ(watcher.routes[1]->find_endpoint("broker-a")->name(), "10.0.0.2:10911");
  EXPECT_TRUE(watcher.routes[1]->find_endpoint("broker-a")->is_named());
  EXPECT_FALSE(former->is_named());
  EXPECT_EQ(watcher.routes[0]->find_endpoint("broker-a"), former.get()) << "what is held stays";
  EXPECT_TRUE(endpoints.give_back());
  EXPECT_NE(former->find_connection(), nullptr);
  EXPECT_EQ(ends, 0);
  network.advance(10s);
  EXPECT_EQ(ends, 1);
  EXPECT_FALSE(endpoints.give_back());
  EXPECT_EQ(former->find_connection(), nullptr);
}

TEST_F(RouteTableTest, an_address_is_named_until_the_last_route_with_it_has_gone) {
  start();
  put_topic("orders");
  put_topic("bills");
  Watcher of_bills;
  table.watch("orders", watcher, Missing::is_failure);
  table.watch("bills", of_bills, Missing::is_failure);
  network.advance(50ms);
  const EndpointPtr broker = endpoints.intern("10.0.0.1:10911");
  const std::uint64_t generation = table.generation();
  table.unwatch("orders", watcher);
  EXPECT_TRUE(broker->is_named());
  EXPECT_GT(table.generation(), generation) << "for those who keep what they found";
  table.unwatch("bills", of_bills);
  EXPECT_FALSE(broker->is_named());
}

TEST_F(RouteTableTest, one_address_under_two_broker_names_is_one_known_broker) {
  start();
  known.put_broker({"DefaultCluster", "broker-a", 0, "10.0.0.1:10911"});
  known.put_topic("broker-a", {.name = "orders"});
  known.put_broker({"DefaultCluster", "broker-b", 0, "10.0.0.1:10911"});
  known.put_topic("broker-b", {.name = "orders"});
  table.watch("orders", watcher, Missing::is_failure);
  network.advance(50ms);
  ASSERT_EQ(table.known_brokers().size(), 1u);
  EXPECT_EQ(table.known_brokers()[0].broker_name, "broker-a");
  table.unwatch("orders", watcher);
  EXPECT_FALSE(endpoints.intern("10.0.0.1:10911")->is_named());
}

TEST_F(RouteTableTest, the_first_watch_asks_and_the_second_has_it) {
  start();
  put_topic("orders");
  EXPECT_EQ(table.watch("orders", watcher, Missing::is_failure), nullptr);
  network.advance(50ms);
  ASSERT_EQ(watcher.routes.size(), 1u);
  ASSERT_NE(watcher.routes[0]->find_endpoint("broker-a"), nullptr);
  EXPECT_EQ(watcher.routes[0]->find_endpoint("broker-a")->name(), "10.0.0.1:10911");
  Watcher other;
  EXPECT_EQ(table.watch("orders", other, Missing::is_failure), watcher.routes[0]);
  network.advance(50ms);
  EXPECT_EQ(all_requests(), 1u);
  EXPECT_EQ(broker_changes, 1);
  EXPECT_EQ(table.known_brokers().size(), 1u);
}

TEST_F(RouteTableTest, one_query_is_under_way_per_topic) {
  start();
  put_topic("orders");
  (*servers[0])->script().on(RequestCode::GET_ROUTEINFO_BY_TOPIC).then(fault::delay(500ms));
  table.watch("orders", watcher, Missing::is_failure);
  network.advance(10ms);
  for (int i = 0; i < 100; ++i) {
    table.refresh("orders");
    table.refresh_all();
    network.advance(1ms);
  }
  EXPECT_EQ(all_requests(), 1u);
}

TEST_F(RouteTableTest, refreshes_come_at_most_once_a_second) {
  start();
  put_topic("orders");
  table.watch("orders", watcher, Missing::is_failure);
  for (int i = 0; i < 1000; ++i) {
    table.refresh("orders");
    network.advance(10ms);
  }
  EXPECT_GE(all_requests(), 9u);
  EXPECT_LE(all_requests(), 11u);
  EXPECT_EQ(watcher.routes.size(), 1u) << "nothing changed";
}

TEST_F(RouteTableTest, a_change_is_seen_at_the_next_look_and_told_once) {
  start();
  put_topic("orders", 4);
  table.watch("orders", watcher, Missing::is_failure);
  network.advance(100ms);
  put_topic("orders", 8);
  network.advance(29s);
  EXPECT_EQ(watcher.routes.size(), 1u);
  network.advance(70s);
  ASSERT_EQ(watcher.routes.size(), 2u);
  EXPECT_EQ(watcher.routes[1]->data.queues[0].write_queue_count, 8);
}

TEST_F(RouteTableTest, a_broker_that_left_a_moment_ago_is_found_within_a_second_for_all_topics) {
  start();
  put_topic("bills");
  put_topic("orders");
  const auto put_others = [this] {
    for (const char* broker : {"broker-b", "broker-c"}) {
      known.put_broker({"DefaultCluster", broker, 0, "10.0.0.2:10911"});
      for (const char* topic : {"bills", "orders"}) known.put_topic(broker, {.name = topic});
    }
  };
  put_others();
  Watcher of_bills;
  table.watch("bills", of_bills, Missing::is_failure);
  table.watch("orders", watcher, Missing::is_failure);
  network.advance(100ms);
  for (const char* broker : {"broker-b", "broker-c"}) known.remove_broker(broker, 0);
  table.refresh("orders");
  table.refresh("bills");
  network.advance(15s);
  ASSERT_EQ(watcher.routes.back()->data.brokers.size(), 1u);
  const auto asked = all_requests();
  network.advance(10s);
  EXPECT_LE(all_requests(), asked + 11u) << "one topic asks every second, the other hardly ever";
  // One of the two is back first, and the other is looked for on.
  known.put_broker({"DefaultCluster", "broker-b", 0, "10.0.0.2:10911"});
  for (const char* topic : {"bills", "orders"}) known.put_topic("broker-b", {.name = topic});
  network.advance(1100ms);
  EXPECT_EQ(watcher.routes.back()->data.brokers.size(), 2u);
  EXPECT_EQ(of_bills.routes.back()->data.brokers.size(), 2u);
  put_others();
  network.advance(1100ms);
  EXPECT_EQ(watcher.routes.back()->data.brokers.size(), 3u);
  EXPECT_EQ(of_bills.routes.back()->data.brokers.size(), 3u);
}

TEST_F(RouteTableTest, a_broker_that_left_is_found_within_about_as_long_as_it_was_away) {
  start();
  put_topic("orders");
  const auto put_other = [this] {
    known.put_broker({"DefaultCluster", "broker-b", 0, "10.0.0.2:10911"});
    known.put_topic("broker-b", {.name = "orders"});
  };
  put_other();
  table.watch("orders", watcher, Missing::is_failure);
  network.advance(100ms);
  known.remove_broker("broker-b", 0);
  table.refresh("orders");
  network.advance(6s);
  ASSERT_EQ(watcher.routes.size(), 2u);
  ASSERT_EQ(watcher.routes[1]->data.brokers.size(), 1u);
  put_other();
  network.advance(3s);
  ASSERT_EQ(watcher.routes.size(), 3u);
  EXPECT_EQ(watcher.routes[2]->data.brokers.size(), 2u);
  // One that stays away is looked for as rarely as anything else in the end.
  known.remove_broker("broker-b", 0);
  network.advance(120s);
  const auto asked = all_requests();
  network.advance(120s);
  EXPECT_EQ(all_requests(), asked + 4);
}

TEST_F(RouteTableTest, a_route_stays_when_no_nameserver_answers) {
  start();
  put_topic("orders");
  table.watch("orders", watcher, Missing::is_failure);
  network.advance(100ms);
  (*servers[0])->stop();
  network.advance(100s);
  ASSERT_FALSE(watcher.errors.empty());
  EXPECT_EQ(watcher.errors[0].code, ErrorCode::NO_NAMESERVER);
  EXPECT_EQ(watcher.errors[0].topic, "orders");
  EXPECT_EQ(watcher.kept, watcher.routes[0]);
  EXPECT_EQ(table.find("orders"), watcher.routes[0]);
}

TEST_F(RouteTableTest, a_nameserver_that_was_away_for_long_is_noticed_within_two_seconds) {
  start();
  put_topic("orders");
  put_topic("bills");
  put_topic("known");
  table.watch("known", watcher, Missing::is_failure);
  network.advance(100ms);
  (*servers[0])->stop();
  Watcher bills;
  Watcher orders;
  table.watch("bills", bills, Missing::is_failure);
  table.watch("orders", orders, Missing::is_failure);
  network.advance(600s);
  EXPECT_LE(orders.errors.size() + bills.errors.size(), 700U) << "one of them asks for both";
  ASSERT_TRUE((*servers[0])->start().ok());
  network.advance(2s);
  EXPECT_EQ(bills.routes.size(), 1U);
  EXPECT_EQ(orders.routes.size(), 1U);
}

TEST_F(RouteTableTest, the_topic_that_is_asked_for_may_be_given_up) {
  start();
  put_topic("orders");
  put_topic("bills");
  (*servers[0])->stop();
  Watcher bills;
  Watcher orders;
  table.watch("bills", bills, Missing::is_failure);
  table.watch("orders", orders, Missing::is_failure);
  network.advance(300s);
  table.unwatch("bills", bills);
  network.advance(300s);
  ASSERT_TRUE((*servers[0])->start().ok());
  network.advance(2s);
  EXPECT_EQ(orders.routes.size(), 1U);
}

TEST_F(RouteTableTest, a_route_stays_when_the_nameserver_has_forgotten_the_topic) {
  start();
  put_topic("orders");
  table.watch("orders", watcher, Missing::takes_default);
  network.advance(100ms);
  known.remove_topic("broker-a", "orders");
  put_topic("TBW102");
  network.advance(40s);
  ASSERT_FALSE(watcher.errors.empty());
  EXPECT_EQ(watcher.errors[0].code, ErrorCode::NO_ROUTE);
  ASSERT_TRUE(table.find("orders"));
  EXPECT_FALSE(table.find("orders")->is_default) << "a real route is not exchanged for a default";
}

TEST_F(RouteTableTest, an_unreadable_answer_is_told_and_changes_nothing) {
  start();
  put_topic("orders");
  table.watch("orders", watcher, Missing::is_failure);
  network.advance(100ms);
  // Success without a body, as no NameServer should answer.
  (*servers[0])->script().on(RequestCode::GET_ROUTEINFO_BY_TOPIC).then(fault::error(0));
  network.advance(40s);
  ASSERT_FALSE(watcher.errors.empty());
  EXPECT_EQ(watcher.errors[0].code, ErrorCode::NAMESERVER_ANSWER);
  EXPECT_TRUE(table.find("orders"));
}

TEST_F(RouteTableTest, a_missing_topic_is_looked_for_with_growing_pauses) {
  start();
  table.watch("orders", watcher, Missing::is_failure);
  network.advance(60s);
  EXPECT_GE(all_requests(), 4u);
  EXPECT_LE(all_requests(), 8u);
  put_topic("orders");
  network.advance(31s);
  EXPECT_EQ(watcher.routes.size(), 1u);
}

TEST_F(RouteTableTest, one_default_route_serves_all_topics_that_wait_for_one) {
  start();
  put_topic("TBW102", 16);
  constexpr std::size_t kTopics = 200;
  for (std::size_t i = 0; i < kTopics; ++i) {
    table.watch("new-" + std::to_string(i), watcher, Missing::takes_default);
  }
  network.advance(500ms);
  EXPECT_EQ(watcher.routes.size(), kTopics);
  // 64 topics at a time, and one question more for each such group.
  EXPECT_LE(all_requests(), kTopics + 10);
}

TEST_F(RouteTableTest, only_those_who_can_use_it_are_told_of_a_default_route) {
  start();
  put_topic("TBW102", 16);
  Watcher sender;
  table.watch("orders", watcher, Missing::is_failure);
  table.watch("orders", sender, Missing::takes_default);
  network.advance(100ms);
  EXPECT_TRUE(watcher.routes.empty());
  ASSERT_EQ(sender.routes.size(), 1u);
  EXPECT_TRUE(sender.routes[0]->is_default);
  EXPECT_EQ(sender.routes[0]->data.queues[0].write_queue_count, 16) << "limited by each sender";
  ASSERT_EQ(watcher.errors.size(), 1u) << "the others hear that the topic does not exist";
  EXPECT_EQ(watcher.errors[0].code, ErrorCode::NO_ROUTE);
  EXPECT_TRUE(sender.errors.empty());
}

TEST_F(RouteTableTest, watchers_may_go_while_they_are_told) {
  start();
  put_topic("orders");
  Watcher other;
  watcher.then = [&] {
    table.unwatch("orders", watcher);
    table.unwatch("orders", other);
  };
  table.watch("orders", watcher, Missing::is_failure);
  table.watch("orders", other, Missing::is_failure);
  network.advance(100ms);
  EXPECT_EQ(watcher.routes.size(), 1u);
  EXPECT_TRUE(other.routes.empty());
  EXPECT_EQ(table.find("orders"), nullptr);
  EXPECT_TRUE(table.known_brokers().empty());
  network.advance(100s);
  EXPECT_EQ(all_requests(), 1u) << "nobody wants it any more";
}

TEST_F(RouteTableTest, a_watcher_without_memory_is_told_again_and_keeps_the_news_from_nobody) {
  start();
  put_topic("orders");
  Watcher other;
  watcher.then = [&] {
    if (watcher.routes.size() == 1) throw std::bad_alloc();
  };
  table.watch("orders", watcher, Missing::is_failure);
  table.watch("orders", other, Missing::is_failure);
  network.advance(100ms);
  EXPECT_EQ(watcher.routes.size(), 1u);
  EXPECT_EQ(other.routes.size(), 1u);
  network.advance(1100ms);
  EXPECT_EQ(watcher.routes.size(), 2u);
  network.advance(20s);
  EXPECT_EQ(watcher.routes.size(), 2u) << "once is enough";
}

TEST_F(RouteTableTest, ten_thousand_topics_are_asked_for_a_few_at_a_time) {
  start();
  constexpr int kTopics = 10'000;
  for (int i = 0; i < kTopics; ++i) put_topic("topic" + std::to_string(i), 1);
  auto& script = (*servers[0])->script();
  script.on(RequestCode::GET_ROUTEINFO_BY_TOPIC).then(fault::delay(10ms));
  for (int i = 0; i < kTopics; ++i) {
    table.watch("topic" + std::to_string(i), watcher, Missing::is_failure);
  }
  std::uint64_t waiting_max = 0;
  for (int i = 0; i < 4000 && watcher.routes.size() < kTopics; ++i) {
    network.advance(1ms);
    waiting_max = std::max(waiting_max, all_requests() - watcher.routes.size());
  }
  EXPECT_EQ(watcher.routes.size(), static_cast<std::size_t>(kTopics));
  EXPECT_EQ(all_requests(), static_cast<std::uint64_t>(kTopics));
  EXPECT_LE(waiting_max, 64u);
  EXPECT_TRUE(watcher.errors.empty());
}

}  // namespace
}  // namespace rmq::cluster::testing
