// Offsets of groups and of queues: 14, 15, 29, 30, 31 and 32.
#include "protocol/offsets.h"
#include "tests/unit/testbroker/group_fixture.h"

namespace rmq::testbroker {
namespace {

using protocol::GetMaxOffsetRequest;
using protocol::QueryConsumerOffsetRequest;
using protocol::UpdateConsumerOffsetRequest;

std::string offset_of(const wire::Command& answer) { return test::find_field(answer, "offset"); }

QueryConsumerOffsetRequest query(bool set_zero = true) {
  return {.consumer_group = "g", .topic = "orders", .set_zero_if_not_found = set_zero};
}

void send(World& world, test::RawClient& client, int count) {
  for (int i = 0; i < count; ++i) world.ask(client, make_send(1000 + i, "x"));
}

TEST(GroupOffset, is_what_was_stored_last_even_when_that_is_less) {
  World world;
  auto& client = world.connect();
  world.ask(client, make_heartbeat(1, "c1", "g"));
  for (const std::int64_t offset : {7, 3}) {
    const UpdateConsumerOffsetRequest update{
        .consumer_group = "g", .topic = "orders", .commit_offset = offset};
    EXPECT_EQ(world.ask(client, make_typed(static_cast<std::int32_t>(offset), update)).code, 0);
  }
  EXPECT_EQ(offset_of(world.ask(client, make_typed(9, query()))), "3");
}

TEST(GroupOffset, is_refused_for_an_unknown_group_or_topic_by_5x_and_not_by_4_9) {
  for (const bool is_5x : {true, false}) {
    World world(is_5x ? ServerOptions() : version497());
    auto& client = world.connect();
    UpdateConsumerOffsetRequest update{.consumer_group = "g", .topic = "orders"};
    EXPECT_EQ(world.ask(client, make_typed(1, update)).code, is_5x ? 26 : 0);
    world.ask(client, make_heartbeat(2, "c1", "g"));
    update.topic = "nowhere";
    EXPECT_EQ(world.ask(client, make_typed(3, update)).code, is_5x ? 17 : 0);
  }
}

TEST(GroupOffset, that_was_never_stored_is_zero_while_the_queue_is_young) {
  for (const bool is_5x : {true, false}) {
    World world(is_5x ? ServerOptions() : version497());
    auto& client = world.connect();
    EXPECT_EQ(world.ask(client, make_typed(1, query())).code, is_5x ? 22 : 0)
        << "an empty queue is young for 4.9 only";
    send(world, client, 1);
    EXPECT_EQ(offset_of(world.ask(client, make_typed(2, query()))), "0");
    EXPECT_EQ(world.ask(client, make_typed(3, query(false))).code, is_5x ? 22 : 0);
  }
}

TEST(GroupOffset, that_was_never_stored_is_not_found_once_the_first_message_is_gone) {
  ServerOptions options;
  options.store.messages_per_queue = 2;
  World world(options);
  auto& client = world.connect();
  send(world, client, 3);
  const auto answer = world.ask(client, make_typed(1, query()));
  EXPECT_EQ(answer.code, 22);
  EXPECT_EQ(answer.remark, "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first");
}

TEST(GroupOffset, that_was_never_stored_is_not_found_when_the_queue_is_said_to_be_old) {
  ServerOptions options;
  options.first_messages_in_memory = false;
  World world(options);
  auto& client = world.connect();
  send(world, client, 1);
  EXPECT_EQ(world.ask(client, make_typed(1, query())).code, 22);
}

TEST(GroupOffset, is_refused_beyond_the_bound_of_the_server) {
  ServerOptions options = version497();
  options.limits.offsets_max = 1;
  World world(options);
  auto& client = world.connect();
  UpdateConsumerOffsetRequest update{.consumer_group = "g", .topic = "orders"};
  EXPECT_EQ(world.ask(client, make_typed(1, update)).code, 0);
  EXPECT_EQ(world.ask(client, make_typed(2, update)).code, 0);
  update.queue_id = 1;
  EXPECT_EQ(world.ask(client, make_typed(3, update)).code, 1);
}

TEST(QueueOffset, shows_the_next_place_and_the_oldest_message) {
  ServerOptions options;
  options.store.messages_per_queue = 2;
  World world(options);
  auto& client = world.connect();
  send(world, client, 3);
  const GetMaxOffsetRequest max{.topic = "orders"};
  EXPECT_EQ(offset_of(world.ask(client, make_typed(1, max))), "3");
  protocol::GetMinOffsetRequest min;
  min.topic = "orders";
  EXPECT_EQ(offset_of(world.ask(client, make_typed(2, min))), "1");
  const auto& oldest = *(*world.server)->store().find("orders", 0, 1);
  const auto earliest = world.ask(client, make_request(RequestCode::GET_EARLIEST_MSG_STORETIME, 3,
                                                       {{"topic", "orders"}, {"queueId", "0"}}));
  EXPECT_EQ(test::find_field(earliest, "timestamp"), std::to_string(oldest.store_ms));
}

TEST(QueueOffset, of_a_queue_without_messages_is_zero_and_its_earliest_time_is_none) {
  World world;
  auto& client = world.connect();
  EXPECT_EQ(offset_of(world.ask(client, make_typed(1, GetMaxOffsetRequest{.topic = "orders"}))),
            "0");
  const auto earliest = world.ask(client, make_request(RequestCode::GET_EARLIEST_MSG_STORETIME, 2,
                                                       {{"topic", "orders"}, {"queueId", "0"}}));
  EXPECT_EQ(test::find_field(earliest, "timestamp"), "-1");
}

// Messages at 100, 200, 200 and 300 ms after the first.
class SearchOffset : public ::testing::TestWithParam<bool> {
 protected:
  SearchOffset() : world_(GetParam() ? ServerOptions() : version497()) {
    for (const int ms : {100, 200, 200, 300}) {
      Message message;
      message.topic = "orders";
      message.store_ms = ms;
      (*world_.server)->store().append(message);
    }
  }
  std::string at(std::int64_t ms, bool upper = false) {
    const protocol::SearchOffsetRequest request{
        .topic = "orders", .timestamp_ms = ms, .upper_boundary = upper};
    return offset_of(world_.ask(client_, make_typed(++opaque_, request)));
  }

  World world_;
  test::RawClient& client_ = world_.connect();
  std::int32_t opaque_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Versions, SearchOffset, ::testing::Bool(), [](const auto& version) {
  return version.param ? "version540" : "version497";
});

TEST_P(SearchOffset, finds_the_first_message_of_a_time) {
  EXPECT_EQ(at(0), "0");
  EXPECT_EQ(at(100), "0");
  EXPECT_EQ(at(200), "1");
}

TEST_P(SearchOffset, between_two_messages_takes_the_later_one_or_in_4_9_the_nearer_one) {
  EXPECT_EQ(at(140), GetParam() ? "1" : "0");
  EXPECT_EQ(at(160), "1");
}

TEST_P(SearchOffset, after_the_last_message_is_the_end_or_in_4_9_that_message) {
  EXPECT_EQ(at(1000), GetParam() ? "4" : "3");
}

TEST_P(SearchOffset, of_the_upper_boundary_is_the_last_message_until_then_in_5x) {
  if (!GetParam()) return;
  EXPECT_EQ(at(200, true), "2");
  EXPECT_EQ(at(250, true), "2");
  EXPECT_EQ(at(1000, true), "3");
  EXPECT_EQ(at(50, true), "0");
}

}  // namespace
}  // namespace rmq::testbroker
