// What becomes of a delivery by what its owner does with it: in order or not, late, twice, never.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class AnswerTest : public GroupWorld {
 protected:
  void SetUp() override { make_broker(1); }
  void TearDown() override {
    kept.clear();
    end(member);
  }
  // The member holds the queue, and its first deliveries have arrived.
  void start(int messages, ConsumerOptions options) {
    store(messages);
    member = start_member("10.0.0.2", std::move(options));
    network.advance(3s);
  }
  void start(int messages) { start(messages, make_options()); }
  // A broker that takes messages back (its own answer would be "not supported").
  testbroker::Rule& accept_send_backs() {
    auto& rule = (*broker)->script().on(RequestCode::CONSUMER_SEND_MSG_BACK);
    rule.then(fault::recode(0));
    return rule;
  }
  std::int64_t committed_now() {
    network.advance(6s);  // longer than the persist interval
    return committed(0).value_or(-1);
  }
  static std::string body_of(const EventPointer& event) {
    return std::string(base::as_text(event->parts().messages.front()->fields().body));
  }

  std::unique_ptr<SimulatedMember> member;
  std::vector<EventPointer> kept;
};

TEST_F(AnswerTest, in_reverse_order_never_commits_past_an_unanswered_message) {
  start(20);
  kept = member->take();
  ASSERT_EQ(kept.size(), 20u);
  for (std::size_t i = 20; i-- > 1;) {
    ASSERT_TRUE(kept[i]->answer({.kind = AnswerKind::success}).ok());
    if (i % 5 != 0) continue;
    EXPECT_EQ(committed_now(), 0) << "with " << i << " unanswered";
  }
  EXPECT_EQ(committed_now(), 0);
  ASSERT_TRUE(kept[0]->answer({.kind = AnswerKind::success}).ok());
  EXPECT_EQ(committed_now(), 20);
}

TEST_F(AnswerTest, shows_where_its_messages_come_from) {
  start(1);
  kept = member->take();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0]->token(), 7u);
  const auto info = kept[0]->parts().delivery;
  ASSERT_TRUE(info);
  EXPECT_EQ(info->topic, kTopic);
  EXPECT_EQ(info->broker_name, "broker-a");
  EXPECT_EQ(info->group, kGroup);
  EXPECT_EQ(info->queue_id, 0);
  EXPECT_EQ(info->first_queue_offset, 0);
  EXPECT_GT(info->epoch, 0u);
}

TEST_F(AnswerTest, counts_once) {
  start(2);
  kept = member->take();
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_TRUE(kept[0]->answer({.kind = AnswerKind::success}).ok());
  EXPECT_EQ(kept[0]->answer({.kind = AnswerKind::reconsume_later}).code(),
            ErrorCode::ALREADY_ANSWERED);
  network.advance(1s);
  EXPECT_EQ(kept[0]->answer({.kind = AnswerKind::success}).code(), ErrorCode::ALREADY_ANSWERED);
  EXPECT_EQ(committed_now(), 1);
}

TEST_F(AnswerTest, refuses_what_is_no_answer_and_can_still_be_answered) {
  start(1);
  kept = member->take();
  const auto refused = kept[0]->answer({.kind = AnswerKind::reconsume_later, .value = 256});
  EXPECT_EQ(refused.code(), ErrorCode::ARGUMENT);
  EXPECT_EQ(refused.error().message.find("the delay level is 256, expected 1 to 255"), 0u);
  for (const std::int64_t level : {std::int64_t{-2}, INT64_MIN, INT64_MAX, std::int64_t{1} << 32}) {
    EXPECT_EQ(kept[0]->answer({.kind = AnswerKind::reconsume_later, .value = level}).code(),
              ErrorCode::ARGUMENT);
  }
  // A number of version 0.1 with its delay level is no other answer now.
  EXPECT_EQ(kept[0]->answer({.kind = AnswerKind(3), .value = 5}).code(), ErrorCode::ARGUMENT);
  for (const int number : {-1, 0, 4, 5, 1000}) {
    const auto no_answer = kept[0]->answer({.kind = AnswerKind(number)});
    EXPECT_EQ(no_answer.code(), ErrorCode::ARGUMENT);
    EXPECT_NE(no_answer.error().message.find("expected RMQ_ANSWER_SUCCESS"), std::string::npos);
  }
  EXPECT_EQ(kept[0]->answer({.form = event::AnswerForm::each}).code(), ErrorCode::ARGUMENT);
  EXPECT_TRUE(kept[0]->answer({.kind = AnswerKind::reconsume_later, .value = 18}).ok());
}

TEST_F(AnswerTest, for_each_message_sends_back_those_that_were_not_consumed) {
  auto& send_backs = accept_send_backs();
  ConsumerOptions options = make_options();
  options.batch_size = 10;
  start(10, options);
  kept = member->take();
  ASSERT_EQ(kept.size(), 1u);
  ASSERT_EQ(kept[0]->parts().messages.size(), 10u);
  const std::uint8_t bits[] = {0b11111101, 0b01};  // all but the second and the last
  ASSERT_TRUE(kept[0]->answer({.form = event::AnswerForm::each, .bits = bits}).ok());
  EXPECT_EQ(committed_now(), 10);
  EXPECT_EQ(send_backs.hits(), 2u);
}

TEST_F(AnswerTest, stands_for_reconsume_later_when_a_taken_delivery_is_destroyed) {
  auto& send_backs = accept_send_backs();
  start(3);
  kept = member->take();
  for (const EventPointer& event : kept) event->note_shown();
  kept.clear();
  EXPECT_EQ(committed_now(), 3);
  EXPECT_EQ(send_backs.hits(), 3u);
}

TEST_F(AnswerTest, of_a_delivery_that_is_destroyed_unseen_offers_its_messages_again_uncounted) {
  auto& send_backs = accept_send_backs();
  start(3);
  kept = member->take();
  ASSERT_EQ(kept.size(), 3u);
  kept[0]->note_shown();
  kept.clear();
  EXPECT_LE(committed_now(), 1);
  kept = member->take();
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(body_of(kept[0]), "1");
  EXPECT_EQ(body_of(kept[1]), "2");
  EXPECT_EQ(kept[0]->parts().messages.front()->fields().reconsume_times, 0);
  for (const EventPointer& event : kept)
    EXPECT_TRUE(event->answer({.kind = AnswerKind::success}).ok());
  EXPECT_EQ(committed_now(), 3);
  EXPECT_EQ(send_backs.hits(), 1u) << "the one that was seen";
}

TEST_F(AnswerTest, give_back_offers_the_messages_again_and_counts_nothing) {
  auto& send_backs = accept_send_backs();
  ConsumerOptions options = make_options();
  options.batch_size = 10;
  start(10, options);
  for (int i = 0; i < 20; ++i) {
    kept = member->take();
    ASSERT_EQ(kept.size(), 1u);
    ASSERT_EQ(kept[0]->parts().messages.size(), 10u);
    ASSERT_TRUE(kept[0]->answer({.kind = AnswerKind::give_back}).ok());
    EXPECT_EQ(kept[0]->answer({.kind = AnswerKind::success}).code(), ErrorCode::ALREADY_ANSWERED);
    EXPECT_EQ(body_of(kept[0]), "0") << "the event still shows them";
    network.advance(1s);
  }
  EXPECT_LE(committed_now(), 0);
  EXPECT_EQ(send_backs.hits(), 0u);
  kept = member->take();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_TRUE(kept[0]->answer({.kind = AnswerKind::success}).ok());
  EXPECT_EQ(committed_now(), 10);
}

// A host that looks at nothing must not keep the library and itself busy.
TEST_F(AnswerTest, of_deliveries_that_are_all_destroyed_unseen_pauses_longer_and_longer) {
  constexpr int kMessages = 5;
  start(kMessages);
  std::vector<base::Instant> times;
  const auto destroy_all = [&](base::Duration time) {
    for (const base::Instant end = network.now() + time; network.now() < end;) {
      for (const EventPointer& event : member->take()) {
        if (event->type() == event::EventType::delivery) times.push_back(network.now());
      }
      network.advance(1ms);
    }
  };
  destroy_all(10s);
  EXPECT_LE(times.size(), 20u * kMessages) << "deliveries in ten seconds";
  EXPECT_GE(times.size(), 12u * kMessages);
  EXPECT_LE(times[kMessages] - times[0], 3ms) << "the first return is at once";

  // A real answer ends the pauses.
  network.advance(1s);
  kept = member->take();
  ASSERT_EQ(kept.size(), std::size_t{kMessages});
  ASSERT_TRUE(kept.back()->answer({.kind = AnswerKind::success}).ok());
  network.advance(1ms);
  kept.clear();
  network.advance(20ms);
  kept = member->take();
  ASSERT_EQ(kept.size(), std::size_t{kMessages - 1});
  for (const EventPointer& event : kept)
    EXPECT_TRUE(event->answer({.kind = AnswerKind::success}).ok());
  EXPECT_EQ(committed_now(), kMessages);
}

TEST_F(AnswerTest, give_back_does_not_hold_up_a_close_by_its_pause) {
  start(2);
  for (int i = 0; i < 12; ++i) {
    member->take();
    network.advance(1s);
  }
  member->take();
  network.advance(1ms);
  ASSERT_TRUE(member->take().empty()) << "they wait";
  ASSERT_TRUE(member->consumer->close_async(30s, {.token = 1}).ok());
  network.advance(200ms);
  auto events = member->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]->type(), event::EventType::closed);
  EXPECT_EQ(events[0]->error_code(), ErrorCode::OK);
}

TEST_F(AnswerTest, give_back_leaves_the_messages_to_the_next_member_while_the_consumer_closes) {
  start(2);
  kept = member->take();
  ASSERT_EQ(kept.size(), 2u);
  ASSERT_TRUE(member->consumer->close_async(30s, {.token = 1}).ok());
  network.advance(1s);
  for (const EventPointer& event : kept)
    EXPECT_TRUE(event->answer({.kind = AnswerKind::give_back}).ok());
  network.advance(1s);
  auto events = member->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]->type(), event::EventType::closed);
  EXPECT_EQ(events[0]->error_code(), ErrorCode::OK);
  EXPECT_LE(committed(0).value_or(0), 0);
}

// Nobody has seen them: they are neither finished nor sent back, and the next member gets them.
TEST_F(AnswerTest, is_not_given_for_deliveries_that_go_with_their_event_queue) {
  auto& send_backs = accept_send_backs();
  start(40);
  member->queue->abandon();
  EXPECT_LE(committed_now(), 0);
  store(100, 40);
  EXPECT_LE(committed_now(), 0);
  EXPECT_EQ(send_backs.hits(), 0u);
}

TEST_F(AnswerTest, that_never_comes_gives_the_message_back_after_the_time_limit) {
  auto& send_backs = accept_send_backs();
  ConsumerOptions options = make_options();
  options.consume_timeout = 30s;
  start(2, options);
  kept = member->take(1);
  network.advance(29s);
  EXPECT_EQ(send_backs.hits(), 0u);
  network.advance(5s);
  EXPECT_EQ(send_backs.hits(), 1u) << "the limit is for what was taken";
  EXPECT_EQ(kept[0]->answer({.kind = AnswerKind::success}).code(), ErrorCode::STALE);
  EXPECT_EQ(committed_now(), 1);
}

TEST_F(AnswerTest, keeps_the_offset_while_the_message_cannot_be_sent_back) {
  // The broker takes neither the message back nor a new one.
  (*broker)->script().on(RequestCode::CONSUMER_SEND_MSG_BACK).then(fault::error(1, "disk"));
  (*broker)->script().on(RequestCode::SEND_MESSAGE_V2).then(fault::error(14, "busy"));
  start(2);
  kept = member->take();
  ASSERT_EQ(kept.size(), 2u);
  ASSERT_TRUE(kept[0]->answer({.kind = AnswerKind::reconsume_later}).ok());
  ASSERT_TRUE(kept[1]->answer({.kind = AnswerKind::success}).ok());
  network.advance(4s);
  EXPECT_TRUE(member->take().empty());
  network.advance(2s);
  auto again = member->take();
  ASSERT_EQ(again.size(), 1u) << "after five seconds the message is the user's again";
  EXPECT_EQ(body_of(again[0]), "0");
  EXPECT_EQ(again[0]->parts().messages.front()->fields().reconsume_times, 1);
  EXPECT_EQ(committed_now(), 0);
  ASSERT_TRUE(again[0]->answer({.kind = AnswerKind::success}).ok());
  EXPECT_EQ(committed_now(), 2);
}

TEST_F(AnswerTest, goes_to_the_retry_topic_when_the_broker_refuses_the_send_back) {
  (*broker)->script().on(RequestCode::CONSUMER_SEND_MSG_BACK).then(fault::error(1, "gone"));
  start(1);
  network.advance(40s);  // the retry topic was made by the heartbeat; its route is known by now
  kept = member->take();
  ASSERT_EQ(kept.size(), 1u);
  ASSERT_TRUE(kept[0]->answer({.kind = AnswerKind::reconsume_later}).ok());
  EXPECT_EQ(committed_now(), 1);
  const auto retried = [this] {
    return (*broker)->store().messages(protocol::retry_topic(kGroup));
  };
  EXPECT_TRUE(retried().empty()) << "level 3 means ten seconds";
  network.advance(6s);
  const auto stored = retried();
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].body, "0");
  EXPECT_EQ(stored[0].property("RETRY_TOPIC"), kTopic);
  EXPECT_EQ(stored[0].reconsume_times, 1);
  EXPECT_FALSE(stored[0].property("ORIGIN_MESSAGE_ID").empty());
}

TEST_F(AnswerTest, reconsume_later_brings_the_message_again_with_its_own_topic_and_a_count) {
  start(1);
  network.advance(40s);
  kept = member->take();
  ASSERT_EQ(kept.size(), 1u);
  ASSERT_TRUE(kept[0]->answer({.kind = AnswerKind::reconsume_later, .value = 1}).ok());
  kept.clear();
  network.advance(20s);
  kept = member->take();
  ASSERT_EQ(kept.size(), 1u);
  const message::MessageFields fields = kept[0]->parts().messages.front()->fields();
  EXPECT_EQ(base::as_text(fields.body), "0");
  EXPECT_EQ(fields.topic, kTopic);
  EXPECT_EQ(fields.reconsume_times, 1);
  EXPECT_EQ(committed(0), 1);
}

TEST_F(AnswerTest, of_a_message_that_comes_again_is_for_its_own_topic) {
  start(0);
  testbroker::Message message;
  message.topic = protocol::retry_topic(kGroup);
  message.body = "again";
  message.reconsume_times = 1;
  message.properties = std::string("RETRY_TOPIC\x01") + kTopic + "\x02";
  (*broker)->state().put_topic({.name = message.topic, .read_queues = 1, .write_queues = 1});
  (*broker)->store().append(std::move(message));
  network.advance(60s);
  kept = member->take();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0]->parts().messages.front()->fields().topic, kTopic);
  EXPECT_EQ(kept[0]->parts().messages.front()->fields().reconsume_times, 1);
  EXPECT_EQ(kept[0]->parts().delivery->topic, protocol::retry_topic(kGroup));
}

TEST_F(AnswerTest, is_stale_once_the_runtime_is_gone_and_the_messages_stay_readable) {
  start(1);
  kept = member->take();
  ASSERT_EQ(kept.size(), 1u);
  end(member);
  EXPECT_EQ(body_of(kept[0]), "0");
  EXPECT_EQ(kept[0]->parts().delivery->group, kGroup);
  EXPECT_EQ(kept[0]->answer({.kind = AnswerKind::success}).code(), ErrorCode::STALE);
}

}  // namespace
}  // namespace rmq::consumer
