// A message that nobody can read: it stops no queue, it is never passed over without a word, and
// the group's offset waits for its answer like for any other's.
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class UnreadableMessageTest : public GroupWorld {
 protected:
  using Offsets = std::vector<std::int64_t>;

  void SetUp() override { make_broker(1); }
  void TearDown() override {
    kept.clear();
    end(member);
  }
  void start(ConsumerOptions options) {
    member = start_member("10.0.0.2", std::move(options));
    network.advance(3s);
  }
  std::int64_t committed_now() {
    network.advance(6s);  // longer than the persist interval
    return committed(0).value_or(-1);
  }
  // The offsets of what was delivered, minus those with an error: {0, 1, -2, 3}.
  std::vector<std::int64_t> take_all() {
    std::vector<std::int64_t> offsets;
    for (int i = 0; i < 10; ++i) {
      network.advance(1s);
      for (EventPointer& event : member->take()) {
        for (const message::Message* message : event->parts().messages) {
          const message::MessageFields fields = message->fields();
          offsets.push_back(fields.error ? -fields.queue_offset : fields.queue_offset);
        }
        kept.push_back(std::move(event));
      }
    }
    return offsets;
  }
  void answer_all_but(std::size_t open) {
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (i == open) continue;
      EXPECT_TRUE(kept[i]->answer({.kind = AnswerKind::success}).ok()) << i;
    }
  }

  std::unique_ptr<SimulatedMember> member;
  std::vector<EventPointer> kept;
};

TEST_F(UnreadableMessageTest, is_delivered_with_an_error_in_its_place_and_committed_when_answered) {
  store(10);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).then(fault::damage_at(4));
  start(make_options());
  EXPECT_EQ(take_all(), (Offsets{0, 1, 2, 3, -4, 5, 6, 7, 8, 9}));
  const message::MessageFields fields = kept[4]->parts().messages.front()->fields();
  EXPECT_EQ(fields.error->code, ErrorCode::BAD_BODY);
  EXPECT_EQ(fields.topic, kTopic);
  answer_all_but(4);
  EXPECT_EQ(committed_now(), 4) << "never past what was not answered";
  EXPECT_TRUE(kept[4]->answer({.kind = AnswerKind::success}).ok());
  EXPECT_EQ(committed_now(), 10);
}

TEST_F(UnreadableMessageTest, is_read_after_all_when_it_was_damaged_on_its_way) {
  store(10);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).first(2).then(fault::damage(3));
  start(make_options());
  EXPECT_EQ(take_all(), (Offsets{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_F(UnreadableMessageTest, stops_no_queue_when_there_is_nothing_else) {
  store(10);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).then(fault::damage(1));
  start(make_options());
  EXPECT_EQ(take_all(), (Offsets{0, -1, -2, -3, -4, -5, -6, -7, -8, -9}));
  answer_all_but(10);
  EXPECT_EQ(committed_now(), 10);
}

TEST_F(UnreadableMessageTest, is_no_tags_to_be_filtered_out) {
  store(4, 0, "blue");
  (*broker)->script().on(RequestCode::PULL_MESSAGE).then(fault::damage_at(2));
  member = make_member("10.0.0.2", make_options());
  ASSERT_TRUE(member->consumer->subscribe(kTopic, FilterType::tag, "blue").ok());
  ASSERT_TRUE(member->consumer->start().ok());
  network.advance(3s);
  EXPECT_EQ(take_all(), (Offsets{0, 1, -2, 3}));
}

TEST_F(UnreadableMessageTest, goes_back_to_the_broker_that_has_it_when_it_is_not_consumed) {
  store(3);
  auto& send_backs = (*broker)->script().on(RequestCode::CONSUMER_SEND_MSG_BACK);
  send_backs.then(fault::recode(0));
  (*broker)->script().on(RequestCode::PULL_MESSAGE).then(fault::damage_at(1));
  start(make_options());
  EXPECT_EQ(take_all(), (Offsets{0, -1, 2}));
  answer_all_but(1);
  EXPECT_TRUE(kept[1]->answer({.kind = AnswerKind::reconsume_later}).ok());
  EXPECT_EQ(committed_now(), 3);
  EXPECT_EQ(send_backs.hits(), 1u);
}

// A copy of damaged bytes would come with a good checksum, and would pass for what was sent.
TEST_F(UnreadableMessageTest, is_shown_again_and_never_sent_as_a_copy_when_its_broker_refuses) {
  store(3);
  (*broker)->script().on(RequestCode::CONSUMER_SEND_MSG_BACK).then(fault::error(1));
  auto& copies = (*broker)->script().on(RequestCode::SEND_MESSAGE_V2);
  (*broker)->script().on(RequestCode::PULL_MESSAGE).then(fault::damage_at(1));
  start(make_options());
  EXPECT_EQ(take_all(), (Offsets{0, -1, 2}));
  answer_all_but(1);
  EXPECT_TRUE(kept[1]->answer({.kind = AnswerKind::reconsume_later}).ok());
  EXPECT_EQ(take_all(), (Offsets{-1}));
  EXPECT_EQ(committed_now(), 1) << "its place is kept";
  EXPECT_EQ(copies.hits(), 0u);
  EXPECT_TRUE(kept.back()->answer({.kind = AnswerKind::success}).ok());
  EXPECT_EQ(committed_now(), 3);
}

}  // namespace
}  // namespace rmq::consumer
