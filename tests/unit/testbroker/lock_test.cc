// LOCK_BATCH_MQ and UNLOCK_BATCH_MQ.
#include "protocol/lock_batch.h"
#include "tests/unit/testbroker/group_fixture.h"

namespace rmq::testbroker {
namespace {

using protocol::LockBatchBody;

const protocol::MessageQueue kQueue{"orders", "broker-a", 0};
const protocol::MessageQueue kOther{"orders", "broker-a", 1};

class Lock : public ::testing::Test {
 protected:
  std::size_t lock(std::string client_id, std::vector<protocol::MessageQueue> queues = {kQueue},
                   std::string group = "g") {
    const LockBatchBody body{
        .consumer_group = group, .client_id = client_id, .queues = std::move(queues)};
    const auto answer = world_.ask(
        client_, make_request(RequestCode::LOCK_BATCH_MQ, ++opaque_, {}, protocol::to_json(body)));
    EXPECT_EQ(answer.code, 0);
    return protocol::parse_locked_queues(answer.body).take_value().size();
  }
  void unlock(std::string client_id) {
    const LockBatchBody body{.consumer_group = "g", .client_id = client_id, .queues = {kQueue}};
    world_.ask(client_,
               make_request(RequestCode::UNLOCK_BATCH_MQ, ++opaque_, {}, protocol::to_json(body)));
  }

  World world_;
  test::RawClient& client_ = world_.connect();
  std::int32_t opaque_ = 0;
};

TEST_F(Lock, is_held_by_one_client_of_a_group) {
  EXPECT_EQ(lock("c1"), 1u);
  EXPECT_EQ(lock("c1"), 1u);
  EXPECT_EQ(lock("c2"), 0u);
  EXPECT_EQ(lock("c2", {kQueue, kOther}), 1u);
  EXPECT_EQ(lock("c2", {kQueue}, "another"), 1u);
}

TEST_F(Lock, ends_when_its_holder_and_nobody_else_unlocks) {
  lock("c1");
  unlock("c2");
  EXPECT_EQ(lock("c2"), 0u);
  unlock("c1");
  EXPECT_EQ(lock("c2"), 1u);
}

TEST_F(Lock, ends_a_minute_after_it_was_renewed_last) {
  lock("c1");
  world_.run(50s);
  lock("c1");
  world_.run(59s);
  EXPECT_EQ(lock("c2"), 0u);
  world_.run(2s);
  EXPECT_EQ(lock("c2"), 1u);
}

TEST_F(Lock, makes_resends_of_its_group_dead_letters_on_5x) {
  lock("c1");
  world_.ask(client_, make_send(900, "x", "%RETRY%g"));
  EXPECT_EQ((*world_.server)->store().messages("%DLQ%g").size(), 1u);
}

TEST(Locks, are_bounded) {
  ServerOptions options;
  options.limits.locks_max = 1;
  World world(options);
  auto& client = world.connect();
  const LockBatchBody body{.consumer_group = "g", .client_id = "c", .queues = {kQueue, kOther}};
  const auto answer =
      world.ask(client, make_request(RequestCode::LOCK_BATCH_MQ, 1, {}, protocol::to_json(body)));
  EXPECT_EQ(protocol::parse_locked_queues(answer.body).take_value().size(), 1u);
  EXPECT_EQ(world.ask(client, make_request(RequestCode::LOCK_BATCH_MQ, 2, {}, "[")).code, 1);
}

TEST(CheckClient, accepts_tags_and_refuses_sql) {
  World world;
  auto& client = world.connect();
  const auto check = [&](const char* type) {
    return world
        .ask(client, make_request(
                         RequestCode::CHECK_CLIENT_CONFIG, type[0], {},
                         std::string(R"({"subscriptionData":{"expressionType":")") + type + "\"}}"))
        .code;
  };
  EXPECT_EQ(check("TAG"), 0);
  EXPECT_EQ(check("SQL92"), 1);
}

}  // namespace
}  // namespace rmq::testbroker
