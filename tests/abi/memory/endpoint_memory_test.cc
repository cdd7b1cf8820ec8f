// Each allocation of taking a route fails once. What was interned until then stays whole, and goes
// when nobody holds it.
#include <gtest/gtest.h>

#include "cluster/route.h"
#include "tests/abi/memory/failing_allocator.h"
#include "tests/support/endpoint_table.h"

namespace rmq::test::abi {
namespace {

constexpr long kRouteAllocationsMax = 200;

protocol::TopicRoute two_brokers() {
  const std::string name(40, 'x');  // does not fit into a string object
  protocol::TopicRoute data;
  data.brokers = {
      {.broker_name = name + "a", .addresses = {{0, "::1:10911"}, {1, name + ".example:10911"}}},
      {.broker_name = name + "b", .addresses = {{0, name + ".example:10911"}, {1, "nonsense"}}}};
  return data;
}

TEST(ExhaustedMemory, takes_no_part_of_a_route_and_loses_no_endpoint) {
  long failed = 0;
  for (bool is_taken = false; !is_taken; ++failed) {
    ASSERT_LT(failed, kRouteAllocationsMax);
    testing::EndpointTable endpoints(2);
    cluster::Endpoints& table = *endpoints.table;
    cluster::RoutePtr route;
    protocol::TopicRoute data = two_brokers();
    fail_allocation_of_this_thread(failed + 1, 1'000'000);
    try {
      route = cluster::Route::make(table, "orders", std::move(data), false);
      is_taken = true;
    } catch (const std::bad_alloc&) {
      EXPECT_EQ(route, nullptr);
    }
    fail_allocation_of_this_thread(0);
    EXPECT_LE(table.size(), 2u);
    if (!is_taken) {
      EXPECT_FALSE(table.give_back());
      EXPECT_EQ(table.size(), 0u) << "allocation " << failed + 1;
      route = cluster::Route::make(table, "orders", two_brokers(), false);
    }
    EXPECT_EQ(table.size(), 2u);
    ASSERT_NE(table.intern("[::1]:10911"), nullptr);
    route.reset();
    table.give_back();
    EXPECT_EQ(table.size(), 0u);
  }
  EXPECT_GT(failed, 8);
}

// A connection that could not be made is made when it is wanted again.
TEST(ExhaustedMemory, leaves_an_endpoint_without_a_connection_for_a_while) {
  testing::EndpointTable endpoints(2);
  const cluster::EndpointPtr endpoint = endpoints.table->intern("10.0.0.1:10911");
  long failed = 0;
  for (bool is_made = false; !is_made; ++failed) {
    ASSERT_LT(failed, kRouteAllocationsMax);
    fail_allocation_of_this_thread(failed + 1, 1'000'000);
    try {
      endpoint->connection(1);
      is_made = true;
    } catch (const std::bad_alloc&) {
      EXPECT_EQ(endpoint->find_connection(1), nullptr);
    }
    fail_allocation_of_this_thread(0);
  }
  EXPECT_GT(failed, 2);
  EXPECT_EQ(endpoints.table->connections(), 1u);
}

}  // namespace
}  // namespace rmq::test::abi
