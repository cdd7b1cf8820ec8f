#include "cluster/endpoints.h"

#include <gtest/gtest.h>

#include <chrono>

#include "cluster/route.h"
#include "tests/support/endpoint_table.h"

namespace rmq::cluster {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLanes = 3;

class NoAnswer final : public remoting::Request {
 public:
  NoAnswer() { frame = bytes_; }
  bool is_over = false;

 private:
  void on_response(const wire::CommandView&, const base::SlabRef&) override { is_over = true; }
  void on_failure(base::Error) override { is_over = true; }

  std::uint8_t bytes_[64] = {};
};

class EndpointsTest : public ::testing::Test {
 protected:
  // Gives a request to a connection, which opens.
  void ask(remoting::Connection& connection, NoAnswer& request) {
    request.deadline = world.loop.now() + 3s;
    connection.submit(request);
    for (int i = 0; i < 4; ++i) world.loop.step();
    ASSERT_TRUE(world.pipes.is_connecting());
    world.pipes.open();
    world.loop.step();
  }

  testing::EndpointTable world{kLanes};
  Endpoints& table = *world.table;
};

TEST_F(EndpointsTest, one_address_is_one_endpoint_however_it_is_spelled) {
  const EndpointPtr endpoint = table.intern("::1:10911");
  ASSERT_NE(endpoint, nullptr);
  EXPECT_EQ(endpoint->name(), "[::1]:10911");
  EXPECT_EQ(table.intern("[::1]:10911"), endpoint);
  EXPECT_EQ(table.intern(transport::HostPort{"::1", 10911}), endpoint);
  EXPECT_NE(table.intern("[::1]:10912"), endpoint);
  EXPECT_EQ(table.size(), 2u);
}

TEST_F(EndpointsTest, a_text_that_is_no_address_has_none) {
  for (const char* text : {"", "broker", "broker:", "broker:0", "a b:1", ":10911"})
    EXPECT_EQ(table.intern(std::string_view(text)), nullptr) << text;
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(EndpointsTest, walks_go_in_the_order_of_coming) {
  const EndpointPtr first = table.intern("zebra:1");
  const EndpointPtr second = table.intern("ant:1");
  EXPECT_TRUE(ByNumber{}(first, second));
  EXPECT_FALSE(ByNumber{}(*second, first));
}

TEST_F(EndpointsTest, equal_lanes_share_a_connection_and_others_are_not_made_with_it) {
  const EndpointPtr endpoint = table.intern("10.0.0.1:10911");
  EXPECT_EQ(table.connections(), 0u);
  remoting::Connection& second = endpoint->connection(1);
  EXPECT_EQ(table.connections(), 1u);
  EXPECT_EQ(&endpoint->connection(1 + kLanes), &second);
  EXPECT_FALSE(endpoint->is_primary(second));
  EXPECT_EQ(endpoint->find_connection(), nullptr);
  EXPECT_TRUE(endpoint->is_primary(endpoint->connection()));
  EXPECT_EQ(endpoint->find_connection(1), &second);
}

// The name that was written is what TLS compares with the certificate.
TEST_F(EndpointsTest, streams_are_made_for_the_name_and_not_for_what_it_resolves_to) {
  const EndpointPtr endpoint = table.intern("broker-a.example.com:10911");
  NoAnswer request;
  ask(endpoint->connection(), request);
  ASSERT_EQ(world.peers.size(), 1u);
  EXPECT_EQ(world.peers[0].host, "broker-a.example.com");
  EXPECT_EQ(world.changes.back(), "broker-a.example.com:10911: connecting open");
  endpoint->connection().cancel(request);
}

TEST_F(EndpointsTest, what_nobody_holds_is_forgotten) {
  const EndpointPtr held = table.intern("10.0.0.1:10911");
  const std::weak_ptr<Endpoint> other = table.intern("10.0.0.2:10911");
  EXPECT_FALSE(table.give_back());
  EXPECT_TRUE(other.expired());
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.intern("10.0.0.1:10911"), held);
}

TEST_F(EndpointsTest, connections_are_kept_while_a_name_is_left) {
  const EndpointPtr endpoint = table.intern("10.0.0.1:10911");
  endpoint->connection();
  NamedEndpoint one(endpoint);
  {
    const NamedEndpoint two(endpoint);
    NamedEndpoint three(std::move(one));
    one = std::move(three);
  }
  EXPECT_TRUE(endpoint->is_named());
  EXPECT_FALSE(table.give_back());
  EXPECT_EQ(table.connections(), 1u);

  one = NamedEndpoint(table.intern("10.0.0.2:10911"));
  EXPECT_FALSE(endpoint->is_named());
  EXPECT_FALSE(table.give_back());
  EXPECT_EQ(table.connections(), 0u);
  EXPECT_EQ(table.intern("10.0.0.1:10911"), endpoint) << "somebody holds it";
}

TEST_F(EndpointsTest, a_request_keeps_all_connections_of_its_endpoint) {
  NoAnswer request;
  remoting::Connection& connection = table.intern("10.0.0.1:10911")->connection(1);
  table.intern("10.0.0.1:10911")->connection(2);
  request.deadline = world.loop.now() + 3s;
  connection.submit(request);
  EXPECT_TRUE(table.give_back()) << "there will be something to give back";
  EXPECT_EQ(table.connections(), 2u);
  connection.cancel(request);
  EXPECT_TRUE(request.is_over);
  EXPECT_FALSE(table.give_back());
  EXPECT_EQ(table.connections(), 0u);
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(EndpointsTest, an_open_connection_is_kept_until_it_has_been_silent_for_long) {
  NoAnswer request;
  remoting::Connection& connection = table.intern("10.0.0.1:10911")->connection();
  ask(connection, request);
  connection.cancel(request);
  ASSERT_EQ(connection.state(), remoting::ConnectionState::open);
  EXPECT_TRUE(table.give_back());
  world.loop.turn_clock(119s);
  EXPECT_TRUE(table.give_back());
  world.loop.turn_clock(2s);
  EXPECT_FALSE(table.give_back());
  EXPECT_EQ(table.size(), 0u);
}

// Routes that sending threads still hold outlive their runtime.
TEST_F(EndpointsTest, who_holds_one_may_read_it_after_the_table_has_gone) {
  const EndpointPtr endpoint = table.intern("10.0.0.1:10911");
  NoAnswer request;
  request.deadline = world.loop.now() + 3s;
  endpoint->connection().submit(request);
  world.table.reset();
  EXPECT_TRUE(request.is_over);
  EXPECT_EQ(endpoint->name(), "10.0.0.1:10911");
  EXPECT_EQ(endpoint->find_connection(), nullptr);
}

TEST_F(EndpointsTest, two_brokers_of_one_address_share_its_endpoint) {
  protocol::TopicRoute data;
  data.brokers = {{.broker_name = "b", .addresses = {{0, "10.0.0.1:1"}, {1, "10.0.0.2:1"}}},
                  {.broker_name = "a", .addresses = {{0, "nonsense"}, {2, "10.0.0.1:1"}}}};
  const RoutePtr route = Route::make(table, "orders", data, false);
  EXPECT_EQ(table.size(), 2u);
  Endpoint* shared = route->find_endpoint("b");
  ASSERT_NE(shared, nullptr);
  EXPECT_EQ(route->find_endpoint("a"), nullptr) << "its address cannot be read";
  EXPECT_EQ(route->find_endpoint("a", 0, true), shared);
  EXPECT_EQ(route->find_endpoint("b", 1), table.intern("10.0.0.2:1").get());
  EXPECT_EQ(route->find_endpoint("c", 0, true), nullptr);

  EXPECT_TRUE(route->says_the_same(*Route::make(table, "orders", data, false)));
  data.brokers[0].addresses[1] = "10.0.0.3:1";
  EXPECT_FALSE(route->says_the_same(*Route::make(table, "orders", data, false)));
}

}  // namespace
}  // namespace rmq::cluster
