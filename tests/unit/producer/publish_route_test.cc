#include "producer/publish_route.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

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
    return make_with(std::move(data), {.default_queues_max = queues_max}, is_default);
  }
  std::shared_ptr<const PublishRoute> make_with(protocol::TopicRoute data,
                                                const PublishRoute::Config& config,
                                                bool is_default = false) {
    return PublishRoute::make(
        *cluster::Route::make(*endpoints.table, "orders", std::move(data), is_default), config);
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

std::string names(const PublishRoute& route) {
  std::string text;
  for (const auto& queue : route.numbered()) {
    text += std::string(route.broker_name(queue)) + std::to_string(queue.queue_id) + " ";
  }
  return text;
}

TEST_F(PublishRouteTest, queues_are_numbered_by_broker_name_and_id_whatever_order_they_came_in) {
  EXPECT_EQ(names(*make(route_of({queues("b", 2), queues("c", 1, 4), queues("a", 3)}))),
            "a0 a1 a2 b0 b1 ");
}

TEST_F(PublishRouteTest, a_broker_that_is_away_keeps_its_numbers_in_an_order_configuration) {
  auto data = route_of({queues("a", 2), queues("b", 2)});
  data.order_topic_conf = "b:2;gone:1;a:1";
  const auto route = make(data);
  EXPECT_EQ(names(*route), "b0 b1 gone0 a0 ");
  EXPECT_FALSE(route->is_present(route->choose_by_hash(6)));
  EXPECT_EQ(route->broker_name(route->choose_by_hash(6)), "gone");
  EXPECT_EQ(route->broker_name(route->choose_by_hash(7)), "a");
  for (std::uint32_t n = 0; n < 20; ++n) EXPECT_TRUE(route->is_present(route->choose(n)));
}

TEST_F(PublishRouteTest, a_mapping_stays_as_long_as_each_number_means_the_same_queue) {
  const auto first = make_with(route_of({queues("a", 2), queues("b", 2)}), {.mapping_next = 1});
  const auto with = [&](protocol::TopicRoute data) {
    return make_with(std::move(data), {.former = first.get(), .mapping_next = 2})->mapping();
  };
  EXPECT_EQ(first->mapping(), 1u);
  EXPECT_EQ(with(route_of({queues("b", 2), queues("a", 2), queues("c", 4, 4)})), 1u);
  EXPECT_EQ(with(route_of({queues("a", 2), queues("b", 3)})), 2u);
  EXPECT_EQ(with(route_of({queues("a", 2)})), 2u);
  EXPECT_EQ(with(route_of({queues("a", 2), queues("c", 2)})), 2u);
}

TEST_F(PublishRouteTest, the_first_room_with_queues_is_taken) {
  const std::vector<std::string> rooms = {"north", "south"};
  const auto data = route_of({queues("south@a", 1), queues("south@b", 1), queues("west@c", 4),
                              queues("north@d", 1, 4), queues("south@x@y", 4), queues("south", 4)});
  const auto route = make_with(data, {.rooms = &rooms});
  std::set<std::string> chosen;
  for (std::uint32_t n = 0; n < 20; ++n) {
    chosen.insert(std::string(route->broker_name(*route->choose_in_room(n))));
  }
  EXPECT_EQ(chosen, (std::set<std::string>{"south@a", "south@b"}));
  for (std::uint32_t n = 0; n < 20; ++n) {
    const auto other = route->choose_in_room_elsewhere(
        "south@a", [](std::string_view name) { return name == "south@a"; }, n);
    ASSERT_TRUE(other);
    EXPECT_EQ(route->broker_name(*other), "south@b");
  }
  const std::vector<std::string> none = {"east"};
  EXPECT_FALSE(make_with(data, {.rooms = &none})->choose_in_room(0));
}

}  // namespace
}  // namespace rmq::producer
