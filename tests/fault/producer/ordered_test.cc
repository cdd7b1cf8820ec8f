// Ordered sends: what is stored has the order of the calls, whatever happens to connections and
// brokers, and what fails is left out.
#include "tests/fault/producer/ordered_fixture.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using base::Outcome;
using protocol::RequestCode;
using namespace std::chrono_literals;
namespace fault = testbroker::fault;

TEST_F(OrderedTest, one_request_of_a_queue_is_at_its_broker_and_queues_do_not_wait_for_each_other) {
  make_cluster(1);
  start();
  send_ordered_some(0, 1, 1);
  advance(100ms);
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::delay(100ms));
  const auto requests = [&] { return (*brokers[0])->counts().requests_by_code.at(310); };
  const auto before = requests();
  for (std::uint64_t token = 1; token < 41; ++token) {
    const auto id = static_cast<std::int32_t>(token % 4);
    ASSERT_TRUE(send_ordered(token, "queue-" + std::to_string(id), 30s,
                             Destination::make({}, "broker-a", id).take_value())
                    .ok());
  }
  advance(50ms);
  EXPECT_EQ(requests() - before, 4u);
  advance(100ms);
  EXPECT_EQ(requests() - before, 8u);
  advance(1s);
  EXPECT_EQ(count_ok(), 41u);
  expect_order();
  expect_ends_in_order();
}

class FirstQueue final : public QueueChooser {
 public:
  std::int64_t choose(const OutgoingMessage&, base::Bytes, const PublishRoute&) const override {
    return 0;
  }
};

// A function has no queues to choose from once the route is forgotten.
TEST_F(OrderedTest, a_topic_that_only_ordered_sends_use_is_not_forgotten) {
  make_cluster(1);
  start();
  send_ordered_some(0, 1, 1);
  advance(1s);
  const std::shared_ptr<const Destination> by_function =
      Destination::make_called(std::make_unique<FirstQueue>());
  for (std::uint64_t token = 1; token < 14; ++token) {
    advance(10min);
    ASSERT_TRUE(send_ordered(token, "key", 30s, by_function).ok()) << token;
  }
}

TEST_F(OrderedTest, order_outlives_cut_connections_lost_requests_and_busy_brokers) {
  make_cluster(2);
  start();
  for (std::size_t broker : {0, 1}) {
    auto& rules = script(broker);
    rules.on(RequestCode::SEND_MESSAGE_V2).every(7).then(fault::cut());
    rules.on(RequestCode::SEND_MESSAGE_V2).every(5).then(fault::error(2, "busy"));
    rules.on(RequestCode::SEND_MESSAGE_V2).every(11).then(fault::error(14, "not available"));
    rules.on(RequestCode::SEND_MESSAGE_V2)
        .every(13)
        .then(fault::drop_request() | fault::cut_after(0));
  }
  for (std::uint64_t first = 0; first < 400; first += 20) {
    send_ordered_some(first, 20, 9, 60s);
    advance(100ms);
  }
  advance(60s);
  EXPECT_EQ(count_ok(), 400u);
  for (const auto& [token, end] : ends) EXPECT_EQ(end.code, ErrorCode::OK) << end.error.message;
  expect_order();
  expect_ends_in_order();
}

TEST_F(OrderedTest, a_restart_of_the_broker_is_waited_for_at_the_same_queue) {
  make_cluster(2);
  start();
  send_ordered_some(0, 40, 8);
  advance(1s);
  (*brokers[0])->stop();
  send_ordered_some(40, 40, 8);
  advance(5s);
  const std::size_t ok_meanwhile = count_ok();
  EXPECT_GE(ok_meanwhile, 40u);
  EXPECT_LT(ok_meanwhile, 80u) << "no key is at the broker that is away";
  ASSERT_TRUE((*brokers[0])->start().ok());
  advance(10s);
  EXPECT_EQ(count_ok(), 80u);
  expect_order();
  expect_ends_in_order();
}

TEST_F(OrderedTest, one_that_fails_is_left_out_and_the_next_ones_go_on) {
  make_cluster(1);
  start();
  script(0).on(RequestCode::SEND_MESSAGE_V2).nth(3).then(fault::error(13, "illegal"));
  send_ordered_some(0, 8, 1);
  advance(200ms);
  EXPECT_EQ(count_ok(), 7u);
  EXPECT_EQ(ends[2].code, ErrorCode::BROKER_MESSAGE_ILLEGAL);
  EXPECT_EQ(ends[2].outcome, Outcome::not_applied);
  expect_order();
  expect_ends_in_order();
}

TEST_F(OrderedTest, an_answer_that_leaves_it_open_ends_the_send_without_a_second_copy) {
  make_cluster(1);
  start();
  script(0).on(RequestCode::SEND_MESSAGE_V2).nth(2).then(fault::recode(1));
  send_ordered_some(0, 4, 1);
  advance(500ms);
  EXPECT_EQ(count_ok(), 3u);
  EXPECT_EQ(ends[1].outcome, Outcome::maybe_applied);
  EXPECT_EQ(stored_copies()[body_of(1)], 1);
  expect_order();
}

TEST_F(OrderedTest, a_send_whose_time_passes_in_the_lane_was_not_tried) {
  make_cluster(1);
  start();
  send_ordered_some(0, 1, 1);
  advance(100ms);
  script(0).on(RequestCode::SEND_MESSAGE_V2).first(1).then(fault::no_answer());
  ASSERT_TRUE(send_ordered(1, "key-0", 2s).ok());
  ASSERT_TRUE(send_ordered(2, "key-0", 1s).ok());
  ASSERT_TRUE(send_ordered(3, "key-0", 4s).ok());
  advance(1500ms);
  ASSERT_TRUE(ends.contains(2));
  EXPECT_EQ(ends[2].code, ErrorCode::REQUEST_TIMEOUT);
  EXPECT_EQ(ends[2].outcome, Outcome::not_applied);
  EXPECT_EQ(ends[2].after, 1s);
  EXPECT_FALSE(ends.contains(1));
  advance(3s);
  EXPECT_EQ(ends[1].code, ErrorCode::REQUEST_TIMEOUT);
  EXPECT_EQ(ends[1].outcome, Outcome::maybe_applied);
  EXPECT_EQ(ends[3].code, ErrorCode::OK);
  EXPECT_EQ(bodies_in(0, ends[3].queue_id),
            (std::vector<std::string>{body_of(0), body_of(1), body_of(3)}));
}

TEST_F(OrderedTest, a_broker_that_stays_busy_gets_it_until_the_time_limit) {
  make_cluster(2);
  ProducerOptions options;
  options.async_retries = 0;
  start("10.0.1.1:9876", options);
  for (std::size_t broker : {0, 1})
    script(broker).on(RequestCode::SEND_MESSAGE_V2).then(fault::error(2, "busy"));
  ASSERT_TRUE(send_ordered(1, "key", 3s).ok());
  advance(4s);
  EXPECT_EQ(ends[1].code, ErrorCode::BROKER_BUSY);
  EXPECT_EQ(ends[1].outcome, Outcome::not_applied);
  EXPECT_GT(ends[1].after, 2500ms);
  EXPECT_LE(ends[1].after, 3s);
  const auto counts = [&](std::size_t broker) {
    const auto& by_code = (*brokers[broker])->counts().requests_by_code;
    return by_code.contains(310) ? by_code.at(310) : 0;
  };
  EXPECT_EQ(std::min(counts(0), counts(1)), 0u) << "another broker was tried";
  EXPECT_GT(std::max(counts(0), counts(1)), 5u);
}

TEST_F(OrderedTest, without_a_route_they_wait_in_order) {
  add_broker(1, {{.name = "orders"}});
  start();
  send_ordered_some(0, 20, 3);
  advance(2s);
  EXPECT_TRUE(ends.empty());
  add_name_server(1);
  advance(10s);
  EXPECT_EQ(count_ok(), 20u);
  expect_order();
  expect_ends_in_order();
}

TEST_F(OrderedTest, without_a_route_each_ends_at_its_time_limit) {
  start();
  send_ordered_some(0, 5, 3, 2s);
  advance(3s);
  ASSERT_EQ(ends.size(), 5u);
  for (const auto& [token, end] : ends) {
    EXPECT_NE(end.code, ErrorCode::OK);
    EXPECT_EQ(end.outcome, Outcome::not_applied);
    EXPECT_EQ(end.after, 2s);
    EXPECT_NE(end.error.message.find("no route to the topic orders"), std::string::npos)
        << end.error.message;
  }
}

TEST_F(OrderedTest, a_topic_that_does_not_exist_ends_all_that_wait_for_it) {
  add_name_server(1);
  start();
  send_ordered_some(0, 5, 3);
  advance(1s);
  ASSERT_EQ(ends.size(), 5u);
  for (const auto& [token, end] : ends) EXPECT_EQ(end.code, ErrorCode::NO_ROUTE);
}

// A key moves when the number of queues changes: what has the old queue ends first.
TEST_F(OrderedTest, when_queues_are_added_the_new_ones_wait_for_what_is_on_its_way) {
  make_cluster(1);
  start();
  send_ordered_some(0, 8, 8);
  advance(100ms);
  ASSERT_EQ(count_ok(), 8u);
  script(0).on(RequestCode::SEND_MESSAGE_V2).first(4).then(fault::drop_request());
  send_ordered_some(8, 64, 16, 20s);
  advance(100ms);
  const auto at_broker = (*brokers[0])->store().messages(topic).size();
  ASSERT_TRUE((*brokers[0])->state().resize_topic("orders", 16));
  host->core().routes().refresh(topic);
  advance(2s);
  send_ordered_some(72, 64, 16, 25s);
  advance(2s);
  EXPECT_EQ((*brokers[0])->store().messages(topic).size(), at_broker)
      << "a send by the new queues went before one by the old ones had ended";
  (*brokers[0])->cut_connections();
  advance(10s);
  EXPECT_EQ(count_ok(), 136u);
  std::set<std::int32_t> used;
  for (const auto& [token, end] : ends) used.insert(end.queue_id);
  EXPECT_GT(*used.rbegin(), 3) << "no send went by the new queues";
  expect_order();
  expect_ends_in_order();
}

TEST_F(OrderedTest, a_key_that_moves_waits_for_its_message_that_is_on_its_way) {
  make_cluster(1);
  start();
  send_ordered_some(0, 16, 16);
  advance(100ms);
  script(0).on(RequestCode::SEND_MESSAGE_V2).first(1).then(fault::drop_request());
  ASSERT_TRUE(send_ordered(16, "key-0", 10s).ok());
  advance(100ms);
  ASSERT_TRUE((*brokers[0])->state().resize_topic("orders", 64));
  host->core().routes().refresh(topic);
  advance(2s);
  send_ordered_some(17, 64, 16, 10s);
  advance(1s);
  EXPECT_EQ(ends.size(), 16u);
  (*brokers[0])->cut_connections();
  advance(2s);
  EXPECT_EQ(count_ok(), 81u);
  expect_order();
  expect_ends_in_order();
}

TEST_F(OrderedTest, when_queues_go_the_untried_ones_go_by_the_others_in_order) {
  make_cluster(2);
  start();
  send_ordered_some(0, 32, 16);
  advance(100ms);
  ASSERT_EQ(count_ok(), 32u);
  (*brokers[1])->stop();
  send_ordered_some(32, 160, 16, 40s);
  advance(500ms);
  EXPECT_LT(count_ok(), 192u);
  (*brokers[1])->leave_routes();
  advance(41s);
  ASSERT_EQ(ends.size(), 192u);
  std::size_t failed = 0;
  for (const auto& [token, end] : ends) failed += end.code != ErrorCode::OK;
  EXPECT_GT(failed, 0u);
  EXPECT_LE(failed, 4u) << "only what was tried at the queues that went may fail";
  expect_order();
}

TEST_F(OrderedTest, a_cancel_takes_one_out_of_its_lane_or_its_pause) {
  make_cluster(1);
  start();
  script(0).on(RequestCode::SEND_MESSAGE_V2).first(20).then(fault::error(2, "busy"));
  send_ordered_some(0, 4, 1);
  advance(100ms);
  ASSERT_TRUE(producer->cancel(2).ok());
  ASSERT_TRUE(producer->cancel(0).ok());
  advance(20ms);
  EXPECT_EQ(ends[0].code, ErrorCode::CANCELLED);
  EXPECT_EQ(ends[2].code, ErrorCode::CANCELLED);
  EXPECT_EQ(ends[2].outcome, Outcome::not_applied);
  advance(10s);
  EXPECT_EQ(count_ok(), 2u);
  EXPECT_EQ(bodies_in(0, ends[1].queue_id), (std::vector<std::string>{body_of(1), body_of(3)}));
}

TEST_F(OrderedTest, a_close_lets_them_end_and_cuts_the_rest_short_at_its_limit) {
  make_cluster(1);
  start();
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::delay(100ms));
  send_ordered_some(0, 20, 1);
  ASSERT_TRUE(producer->close_async(1s, {.token = 99}).ok());
  advance(3s);
  ASSERT_EQ(ends.size(), 20u);
  EXPECT_GE(count_ok(), 7u);
  EXPECT_LE(count_ok(), 11u);
  std::size_t untouched = 0;
  for (const auto& [token, end] : ends) {
    if (end.code == ErrorCode::OK) continue;
    EXPECT_EQ(end.code, ErrorCode::SHUTDOWN);
    untouched += end.outcome == Outcome::not_applied;
  }
  EXPECT_GE(untouched, 8u);
  expect_true_outcomes(20);
  expect_order();
}

TEST_F(OrderedTest, sends_to_an_address_keep_their_order_too) {
  make_cluster(1);
  start();
  const auto address = Destination::make("10.0.0.1:10911", "broker-a", 2).take_value();
  script(0).on(RequestCode::SEND_MESSAGE_V2).every(3).then(fault::error(2, "busy"));
  script(0).on(RequestCode::SEND_MESSAGE_V2).every(4).then(fault::cut());
  for (std::uint64_t token = 0; token < 40; ++token)
    ASSERT_TRUE(send_ordered(token, "key", 30s, address).ok());
  advance(20s);
  EXPECT_EQ(count_ok(), 40u);
  for (const auto& [token, end] : ends) EXPECT_EQ(end.code, ErrorCode::OK) << end.error.message;
  expect_order();
  expect_ends_in_order();
}

TEST_F(OrderedTest, the_broker_of_an_order_configuration_is_waited_for_while_it_is_away) {
  make_cluster(2);
  routes.set_order_conf("orders", "broker-a:2;broker-b:2");
  start();
  send_ordered_some(0, 8, 8);
  advance(100ms);
  ASSERT_EQ(count_ok(), 8u);
  (*brokers[1])->stop();
  (*brokers[1])->leave_routes();
  host->core().routes().refresh(topic);
  advance(2s);
  send_ordered_some(8, 16, 8, 60s);
  advance(5s);
  EXPECT_LT(count_ok(), 24u);
  ASSERT_TRUE((*brokers[1])->start().ok());
  advance(50s);
  EXPECT_EQ(count_ok(), 24u);
  std::map<std::string, std::set<std::string>> queues;  // by key
  for (const auto& [token, end] : ends)
    queues[key_of(token, 8)].insert(end.broker_name + std::to_string(end.queue_id));
  for (const auto& [key, used] : queues) EXPECT_EQ(used.size(), 1u) << key;
  expect_order();
  expect_ends_in_order();
}

TEST_F(OrderedTest, the_bounds_on_what_is_in_flight_are_those_of_all_sends) {
  make_cluster(1);
  ProducerOptions options;
  options.inflight_max = 10;
  start("10.0.1.1:9876", options);
  script(0).on(RequestCode::SEND_MESSAGE_V2).then(fault::delay(1s));
  send_ordered_some(0, 10, 1);
  EXPECT_EQ(send_ordered(10, "key-0").code(), ErrorCode::QUEUE_FULL);
  advance(12s);
  EXPECT_EQ(count_ok(), 10u);
}

TEST_F(OrderedTest, a_destination_that_fixes_no_queue_is_refused) {
  make_cluster(1);
  start();
  for (const Selector selector :
       {Selector::round_robin, Selector::random, Selector::machine_room}) {
    EXPECT_EQ(send_ordered(1, "key", 3s, Destination::make_selected(selector)).code(),
              ErrorCode::ARGUMENT);
  }
  EXPECT_EQ(send_ordered(1, "key", 3s, Destination::make({}, "broker-a", -1).take_value()).code(),
            ErrorCode::ARGUMENT);
}

class OrderedSeeds : public OrderedTest, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  OrderedSeeds() : OrderedTest(GetParam()) {}
};

// Everything at once: cuts, busy answers, crashes, queues that come and go.
TEST_P(OrderedSeeds, order_holds_and_every_send_ends_once) {
  make_cluster(2);
  for (std::size_t broker : {0, 1}) {
    auto& rules = script(broker);
    rules.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.05).then(fault::cut());
    rules.on(RequestCode::SEND_MESSAGE_V2)
        .with_chance(0.05)
        .then(fault::drop_request() | fault::cut_after(0));
    rules.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.1).then(fault::error(2, "busy"));
    rules.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.05).then(fault::error(13, "illegal"));
    rules.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.01).then(fault::crash(3s));
    rules.on(RequestCode::SEND_MESSAGE_V2).with_chance(0.2).then(fault::delay(40ms));
  }
  start();
  transport::Random& random = host->loop().random();
  std::uint64_t token = 0;
  for (int burst = 0; burst < 30; ++burst) {
    const auto count = 1 + random.below(20);
    for (std::uint64_t i = 0; i < count; ++i, ++token) {
      const auto limit = base::milliseconds(200 + static_cast<int>(random.below(20'000)));
      ASSERT_TRUE(send_ordered(token, key_of(random.below(12), 12), limit).ok());
      if (random.below(50) == 0) {
        ASSERT_TRUE(producer->cancel(token).ok());
      }
    }
    if (random.below(8) == 0) {
      const auto queues = static_cast<std::int32_t>(1 + random.below(8));
      if ((*brokers[0])->is_up()) (*brokers[0])->state().resize_topic("orders", queues);
      host->core().routes().refresh(topic);
    }
    advance(base::milliseconds(10 + static_cast<int>(random.below(500))));
  }
  advance(40s);
  EXPECT_EQ(ends.size(), token);
  EXPECT_GT(count_ok(), token / 2);
  expect_true_outcomes(token);
  expect_order();
  expect_ends_in_order();
}

INSTANTIATE_TEST_SUITE_P(seeds, OrderedSeeds, ::testing::Range<std::uint64_t>(1, 101));

}  // namespace
}  // namespace rmq::producer::testing
