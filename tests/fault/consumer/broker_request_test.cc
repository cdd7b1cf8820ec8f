// What brokers ask of the members of a group on behalf of an operator.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

constexpr const char* kObjectKeys =
    R"({"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"orders"}:3,)"
    R"({"brokerName":"broker-b","queueId":0,"topic":"orders"}:1}})";
constexpr const char* kList =
    R"({"offsetTable":[{"topic":"orders","brokerName":"broker-a","queueId":0,"offset":3}]})";

class BrokerRequestTest : public GroupWorld {
 protected:
  using Bodies = std::vector<std::string>;

  void SetUp() override {
    make_broker(1);
    store(10);
    member = start_member("10.0.0.2", make_options());
    network.advance(5s);
  }
  void TearDown() override {
    kept.clear();
    end(member);
  }
  void push(RequestCode code, std::vector<std::pair<std::string, std::string>> fields,
            std::string body, std::int32_t flag) {
    const auto* group = (*broker)->clients().find_consumers(kGroup);
    ASSERT_NE(group, nullptr);
    wire::Command request;
    request.code = static_cast<std::int32_t>(code);
    request.flag = flag;
    request.opaque = 77;
    request.fields = std::move(fields);
    request.body = std::move(body);
    for (const std::uint64_t connection : group->connections)
      EXPECT_TRUE((*broker)->push(connection, request));
  }
  void reset(std::string body, const char* group = kGroup) {
    push(RequestCode::RESET_CONSUMER_CLIENT_OFFSET,
         {{"topic", kTopic}, {"group", group}, {"timestamp", "0"}, {"isForce", "true"}},
         std::move(body), wire::kFlagOneway);
  }
  std::vector<std::string> consume_now() {
    network.advance(2s);
    return member->consume();
  }
  std::int64_t committed_now() {
    network.advance(6s);
    return committed(0).value_or(-1);
  }

  std::unique_ptr<SimulatedMember> member;
  std::vector<EventPointer> kept;
};

TEST_F(BrokerRequestTest, reset_moves_the_queue_back_in_both_forms_of_the_body) {
  for (const char* body : {kObjectKeys, kList}) {
    consume_now();
    EXPECT_EQ(committed_now(), 10);
    reset(body);
    network.advance(1s);
    EXPECT_EQ(committed(0), 3) << "told at once, so that a member that takes over goes on there";
    EXPECT_EQ(consume_now(), (Bodies{"3", "4", "5", "6", "7", "8", "9"}));
    EXPECT_EQ(committed_now(), 10);
  }
}

TEST_F(BrokerRequestTest, reset_makes_stale_what_the_user_has_and_moves_forward_too) {
  kept = member->take();
  ASSERT_EQ(kept.size(), 10u);
  reset(kList);
  network.advance(1s);
  EXPECT_EQ(kept[9]->answer({.kind = AnswerKind::success}).code(), ErrorCode::STALE);
  EXPECT_EQ(consume_now(), (Bodies{"3", "4", "5", "6", "7", "8", "9"}));
  EXPECT_EQ(committed_now(), 10);
}

TEST_F(BrokerRequestTest, reset_of_another_group_or_in_other_words_changes_nothing) {
  consume_now();
  reset(kList, "others");
  for (const char* body :
       {"", "{}", "[]", R"({"offsetTable":5})", R"({"offsetTable":[{}]})",
        R"({"offsetTable":{{"queueId":0}:3}})",
        R"({"offsetTable":[{"topic":"orders","brokerName":"broker-a","queueId":0,)"
        R"("offset":-5}]})"}) {
    reset(body);
  }
  EXPECT_TRUE(consume_now().empty());
  EXPECT_EQ(committed_now(), 10);
  store(1, 10);
  EXPECT_EQ(consume_now(), Bodies{"10"});
}

TEST_F(BrokerRequestTest, a_question_gets_an_answer_known_or_not) {
  const auto answers = [this] { return (*broker)->counts().responses; };
  push(RequestCode::GET_CONSUMER_STATUS_FROM_CLIENT, {{"topic", kTopic}, {"group", kGroup}}, "", 0);
  network.advance(1s);
  EXPECT_EQ(answers(), 1u);
  push(RequestCode::GET_CONSUMER_RUNNING_INFO, {{"consumerGroup", kGroup}}, "", 0);
  network.advance(1s);
  EXPECT_EQ(answers(), 2u);
  push(RequestCode::CONSUME_MESSAGE_DIRECTLY, {{"consumerGroup", kGroup}}, "", 0);
  network.advance(1s);
  EXPECT_EQ(answers(), 3u);
}

}  // namespace
}  // namespace rmq::consumer
