// Answers whose messages are decoded off the loop: what becomes of them when the queue is lost, the
// consumer closes, the cache is full or memory is short while a job is away.
#include "base/compression.h"
#include "protocol/sys_flag.h"
#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class HeavyAnswerTest : public GroupWorld {
 protected:
  void SetUp() override { make_broker(1); }
  void TearDown() override {
    end(member);
    end(other);
  }
  // Compressed, with bodies "<i> and many blanks".
  void store_heavy(int count, std::size_t body_bytes = 100'000) {
    for (int i = 0; i < count; ++i) {
      testbroker::Message message;
      message.topic = kTopic;
      std::string body = std::to_string(i);
      body.resize(body_bytes, ' ');
      message.body = base::compress(base::Compression::zlib, 5, base::as_bytes(body)).take_value();
      message.sys_flag = protocol::with_compression(0, base::Compression::zlib);
      (*broker)->store().append(std::move(message));
    }
  }
  static std::vector<std::string> numbers(int count) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) all.push_back(std::to_string(i));
    return all;
  }
  // Without the blanks.
  static std::vector<std::string> consume(SimulatedMember& from) {
    std::vector<std::string> bodies = from.consume();
    for (std::string& body : bodies) body.resize(body.find(' '));
    return bodies;
  }

  std::unique_ptr<SimulatedMember> member, other;
};

TEST_F(HeavyAnswerTest, is_delivered_piece_by_piece_as_the_jobs_are_done) {
  store_heavy(30);
  member = make_member("10.0.0.2", make_options());
  member->host->loop().set_job_duration(1s);
  ASSERT_TRUE(member->consumer->start().ok());
  std::vector<std::string> bodies;
  std::size_t rounds = 0;
  for (int i = 0; i < 20; ++i) {
    network.advance(500ms);
    const auto some = consume(*member);
    if (!some.empty()) ++rounds;
    bodies.insert(bodies.end(), some.begin(), some.end());
  }
  EXPECT_EQ(bodies, numbers(30));
  EXPECT_EQ(rounds, 3u) << "pieces of about a megabyte";
  network.advance(6s);
  EXPECT_EQ(committed(0), 30);
}

TEST_F(HeavyAnswerTest, counts_no_more_when_the_queue_was_lost_meanwhile) {
  store_heavy(10);
  member = make_member("10.0.0.3", make_options());
  member->host->loop().set_job_duration(60s);
  ASSERT_TRUE(member->consumer->start().ok());
  network.advance(3s);
  other = start_member("10.0.0.2", make_options());  // comes first in the division of one queue
  network.advance(25s);
  EXPECT_EQ(consume(*other), numbers(10));
  network.advance(60s);
  EXPECT_TRUE(member->take().empty());
  network.advance(6s);
  EXPECT_EQ(committed(0), 10);
}

TEST_F(HeavyAnswerTest, holds_up_no_close) {
  store_heavy(10);
  member = make_member("10.0.0.2", make_options());
  member->host->loop().set_job_duration(60s);
  ASSERT_TRUE(member->consumer->start().ok());
  network.advance(3s);
  const base::Instant begin = network.now();
  ASSERT_TRUE(member->consumer->close_async(30s, {.token = 1}).ok());
  ASSERT_TRUE(network.run_until([&] { return member->queue->size() > 0; }, 60s));
  EXPECT_LT(network.now() - begin, 1s);
  const auto events = member->take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]->type(), event::EventType::closed);
  EXPECT_EQ(events[0]->error_code(), ErrorCode::OK);
  EXPECT_LE(committed(0).value_or(0), 0) << "the next member gets them";
}

TEST_F(HeavyAnswerTest, fills_the_cache_up_to_its_limit_and_comes_again_from_there) {
  store_heavy(12, 1'000'000);
  ConsumerOptions options = make_options();
  options.queue_limits.bytes = 3'500'000;
  member = start_member("10.0.0.2", options);
  network.advance(5s);
  std::vector<std::string> bodies;
  for (int i = 0; i < 10; ++i) {
    EXPECT_LE(member->consumer->context().cached_bytes(), 5'000'000u);
    const auto some = consume(*member);
    EXPECT_LE(some.size(), 4u);
    bodies.insert(bodies.end(), some.begin(), some.end());
    network.advance(2s);
  }
  EXPECT_EQ(bodies, numbers(12));
}

}  // namespace
}  // namespace rmq::consumer
