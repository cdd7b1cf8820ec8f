// Requests of every kind with fields and bodies of every kind: always an answer, never harm.
#include "tests/unit/testbroker/group_fixture.h"
#include "transport/seeded_random.h"

namespace rmq::testbroker {
namespace {

constexpr RequestCode kCodes[] = {
    RequestCode::SEND_MESSAGE_V2,
    RequestCode::PULL_MESSAGE,
    RequestCode::QUERY_CONSUMER_OFFSET,
    RequestCode::UPDATE_CONSUMER_OFFSET,
    RequestCode::SEARCH_OFFSET_BY_TIMESTAMP,
    RequestCode::GET_MAX_OFFSET,
    RequestCode::GET_MIN_OFFSET,
    RequestCode::GET_EARLIEST_MSG_STORETIME,
    RequestCode::HEART_BEAT,
    RequestCode::UNREGISTER_CLIENT,
    RequestCode::CONSUMER_SEND_MSG_BACK,
    RequestCode::GET_CONSUMER_LIST_BY_GROUP,
    RequestCode::LOCK_BATCH_MQ,
    RequestCode::UNLOCK_BATCH_MQ,
    RequestCode::CHECK_CLIENT_CONFIG,
    RequestCode::GET_ROUTEINFO_BY_TOPIC,
    RequestCode::GET_BROKER_CLUSTER_INFO,
    RequestCode::LITE_PULL_MESSAGE,
};

const char* const kNames[] = {"consumerGroup",
                              "topic",
                              "queueId",
                              "queueOffset",
                              "maxMsgNums",
                              "sysFlag",
                              "commitOffset",
                              "subVersion",
                              "suspendTimeoutMillis",
                              "subscription",
                              "timestamp",
                              "offset",
                              "group",
                              "delayLevel",
                              "maxReconsumeTimes",
                              "expressionType",
                              "maxMsgBytes",
                              "boundaryType",
                              "clientID",
                              "producerGroup",
                              "setZeroIfNotFound",
                              "a",
                              "b",
                              "c",
                              "d",
                              "e",
                              "f",
                              "g",
                              "h",
                              "i",
                              "j",
                              "k",
                              "l"};

const char* const kValues[] = {"orders",
                               "g",
                               "%RETRY%g",
                               "0",
                               "1",
                               "-1",
                               "6",
                               "32",
                               "",
                               "9223372036854775807",
                               "-9223372036854775808",
                               "2147483647",
                               "-2147483648",
                               "true",
                               "*",
                               "a || b",
                               "TAG",
                               "SQL92",
                               "UPPER",
                               "DELAY\x01"
                               "1\x02",
                               "x y"};

const char* const kBodies[] = {
    "",
    "{",
    "[]",
    "null",
    "x",
    R"({"clientID":"c","producerDataSet":[{"groupName":"g"}],"consumerDataSet":[{"groupName":"g",)"
    R"("subscriptionDataSet":[{"topic":"orders","subString":"*","subVersion":1}]}]})",
    R"({"clientID":"c","consumerDataSet":{"a":1},"producerDataSet":7,"heartbeatFingerprint":1})",
    R"({"consumerGroup":"g","clientId":"c","mqSet":[{"topic":"orders","queueId":-1},7,null]})",
    R"({"subscriptionData":[]})"};

template <typename T, std::size_t kCount>
T pick(const T (&list)[kCount], transport::SeededRandom& random) {
  return list[random.below(kCount)];
}

wire::Command make_random_request(transport::SeededRandom& random, std::int32_t opaque) {
  wire::Command request = make_request(pick(kCodes, random), opaque);
  for (const char* name : kNames) {
    if (random.below(8) != 0) request.fields.emplace_back(name, pick(kValues, random));
  }
  request.body = pick(kBodies, random);
  return request;
}

TEST(Requests, with_any_fields_and_bodies_are_answered_and_leave_the_server_fine) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed % 2 == 0 ? version497() : ServerOptions(), seed);
    transport::SeededRandom random(seed);
    auto* client = &world.connect();
    constexpr std::int32_t kRequests = 300;
    for (std::int32_t i = 1; i <= kRequests; ++i) {
      client->send(make_random_request(random, i));
      if (random.below(10) == 0) world.run(std::chrono::milliseconds(random.below(3000)));
      if (random.below(100) == 0) world.connect().send(make_random_request(random, 1));
    }
    world.run(20s);
    EXPECT_TRUE(client->is_open());
    std::int32_t unanswered = 0;
    for (std::int32_t i = 1; i <= kRequests; ++i) unanswered += client->answer_to(i) == nullptr;
    EXPECT_LE(static_cast<std::size_t>(unanswered), (*world.server)->held_pull_count());
    (*world.server)->cut_connections();
    world.run();
    EXPECT_EQ((*world.server)->held_pull_count(), 0u);
    EXPECT_EQ((*world.server)->clients().bytes(), 0u);
  }
}

}  // namespace
}  // namespace rmq::testbroker
