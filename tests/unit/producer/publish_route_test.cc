#include "producer/publish_route.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/endpoint_table.h"

namespace rmq::producer {
namespace {

protocol::TopicRoute route_of(std::vector<protocol::QueueData> queues) {
  protocol::TopicRoute route;
  route.queues = queues;
  int n = 0;
  for (const protocol::QueueData& queue : queues) {
    route.brokers.push_back({.broker_name = queue.broker_name,
                             .addresses = {{0, "10.0.0." + std::to_string(++n) + ":1"}}});
  }
  return route;
}

protocol::QueueData queues(std::string broker, int count, int perm = 6) {
  return {.broker_name = std::move(broker),
          .read_queue_count = count,
          .write_queue_count = count,
          .perm = perm};
}

class PublishRouteTest : public ::testing::Test {
 protected:
  std::shared_ptr<const PublishRoute> make(protocol::TopicRoute data, std::int32_t queues_max = 4,
                                           bool is_default = false) {
    return PublishRoute::make(
        *cluster::Route::make(*endpoints.table, "orders", std::move(data), is_default), queues_max);
  }

  testing::EndpointTable endpoints;
};

TEST_F(PublishRouteTest, turns_visit_every_queue_equally_often) {
  const auto route = make(route_of({queues("a", 3), queues("b", 2)}));
  std::map<std::pair<std::uint32_t, std::int32_t>, int> uses;
  for (std::uint32_t n = 4'294'967'290u, i = 0; i < 50; ++i, ++n) {
    const auto choice = route->choose(n);
    ++uses[{choice.broker, choice.queue_id}];
  }
  EXPECT_EQ(uses.size(), 5u);
}

TEST_F(PublishRouteTest, another_broker_is_one_that_was_not_tried_then_one_that_was_not_last) {
  const auto route = make(route_of({queues("a", 3), queues("b", 2), queues("c", 1)}));
  const auto name_of = [&](PublishRoute::Choice choice) {
    return route->brokers()[choice.broker].name;
  };
  for (std::uint32_t n = 0; n < 20; ++n) {
    const auto untried = route->choose_elsewhere(
        "a", [](std::string_view name) { return name != "c"; }, n, base::Instant{});
    EXPECT_EQ(name_of(untried), "c");
    const auto other = route->choose_elsewhere(
        "a", [](std::string_view) { return true; }, n, base::Instant{});
    EXPECT_NE(name_of(other), "a");
  }
  const auto alone = make(route_of({queues("a", 3)}));
  EXPECT_EQ(alone
                ->choose_elsewhere(
                    "a", [](std::string_view) { return true; }, 7, base::Instant{})
                .broker,
            0u);
}

TEST_F(PublishRouteTest, each_good_broker_gets_as_much_as_the_next_and_all_of_its_queues_do) {
  const auto route =
      make(route_of({queues("a", 4), queues("b", 4), queues("c", 4), queues("d", 4)}));
  std::map<std::pair<std::uint32_t, std::int32_t>, int> uses;
  for (std::uint32_t n = 0; n < 64; ++n) {
    const auto choice = route->choose_where([](auto each) { return each.broker >= 2; }, n);
    ASSERT_TRUE(choice);
    ++uses[{choice->broker, choice->queue_id}];
  }
  EXPECT_EQ(uses.size(), 8u);
  for (const auto& [queue, count] : uses) EXPECT_EQ(count, 8) << queue.first << " " << queue.second;
  EXPECT_FALSE(route->choose_where([](auto) { return false; }, 1));
}

TEST_F(PublishRouteTest, brokers_that_may_not_be_written_to_can_only_be_named) {
  const auto route = make(route_of({queues("a", 3, 4), queues("b", 2)}));
  EXPECT_FALSE(route->has_several_brokers());
  for (std::uint32_t n = 0; n < 9; ++n) {
    EXPECT_EQ(route->brokers()[route->choose(n).broker].name, "b");
    EXPECT_EQ(route
                  ->brokers()[route
                                  ->choose_elsewhere(
                                      "b", [](auto) { return true; }, n, base::Instant{})
                                  .broker]
                  .name,
              "b");
  }
  const auto named = route->choose_on("a", -1, 0);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->queue_id, -1) << "the broker chooses, or says why not";
  EXPECT_FALSE(route->choose_on("x", 0, 0));
}

TEST_F(PublishRouteTest, a_default_route_has_as_many_queues_as_the_new_topic_will_have) {
  const auto route = make(route_of({queues("a", 8)}), 2, true);
  EXPECT_TRUE(route->is_default());
  for (std::uint32_t n = 0; n < 9; ++n) EXPECT_LT(route->choose(n).queue_id, 2);
}

TEST_F(PublishRouteTest, a_route_without_masters_or_with_bad_addresses_is_of_no_use) {
  protocol::TopicRoute source = route_of({queues("a", 8), queues("b", 8)});
  source.brokers[0].addresses = {{1, "10.0.0.1:1"}};
  source.brokers[1].addresses = {{0, "nonsense"}};
  EXPECT_FALSE(make(source)->is_usable());
}

TEST_F(PublishRouteTest, a_logical_queue_goes_to_the_broker_that_has_it_now) {
  protocol::TopicRoute source = route_of({queues("a", 4), queues("b", 4)});
  source.mappings["a"] = {.topic = "orders",
                          .broker_name = "a",
                          .scope = "__global__",
                          .total_queues = 2,
                          .epoch = 5,
                          .physical_ids = {{0, 0}, {1, 1}}};
  source.mappings["b"] = {.topic = "orders",
                          .broker_name = "b",
                          .scope = "__global__",
                          .total_queues = 2,
                          .epoch = 6,
                          .physical_ids = {{1, 0}}};
  const auto route = make(source);
  for (std::int32_t id = 0; id < 2; ++id) {
    const auto choice = route->choose_on("__syslo__global__", id, 0);
    ASSERT_TRUE(choice) << id;
    EXPECT_EQ(route->brokers()[choice->broker].master->name(),
              id == 0 ? "10.0.0.1:1" : "10.0.0.2:1");
  }
}

}  // namespace
}  // namespace rmq::producer
