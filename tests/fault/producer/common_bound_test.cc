// What bounds all producers of one runtime together: the room comes back however sends end.
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using base::ErrorCode;
using protocol::RequestCode;
using namespace std::chrono_literals;
namespace fault = testbroker::fault;

class CommonBoundTest : public ClusterTest {
 protected:
  static constexpr std::int64_t kBound = 4;

  void SetUp() override {
    add_name_server(1);
    add_broker(1, {{.name = "orders"}});
    host = std::make_shared<test::SimulatedHost>(network, "10.0.9.1", "10.0.1.1:9876");
    host->bound_inflight(kBound, 1'000'000);
    queue = std::make_shared<event::EventQueue>(100);
    producer = make_producer("simulated");
    other = make_producer("other");
    network.run_until_idle();
  }
  void TearDown() override {
    if (other) other->abandon();
    ClusterTest::TearDown();
    EXPECT_EQ(host->common_budget()->operations(), 0);
    EXPECT_EQ(host->common_budget()->bytes(), 0);
  }
  std::shared_ptr<Producer> make_producer(const std::string& group) {
    ProducerOptions options;
    options.group = group;
    auto made = std::make_shared<Producer>(host, options, queue);
    EXPECT_TRUE(made->start().ok());
    return made;
  }
  base::Status send_with_other(std::uint64_t token, SendMode mode = SendMode::event) {
    std::swap(producer, other);
    base::Status status = send(token, 3s, mode);
    std::swap(producer, other);
    return status;
  }
  testbroker::Rule& on_send() { return (*brokers[0])->script().on(RequestCode::SEND_MESSAGE_V2); }

  std::shared_ptr<Producer> other;
};

TEST_F(CommonBoundTest, is_filled_by_all_and_makes_room_for_any) {
  for (std::uint64_t token = 0; token < 2; ++token) ASSERT_TRUE(send(token).ok());
  for (std::uint64_t token = 2; token < 4; ++token) ASSERT_TRUE(send_with_other(token).ok());
  const base::Status refused = send(9);
  EXPECT_EQ(refused.code(), ErrorCode::QUEUE_FULL);
  EXPECT_NE(refused.error().message.find("4 of runtime_max_inflight 4 sends"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(producer->inflight(), 2) << "what was refused holds nothing";
  network.advance(100ms);
  EXPECT_EQ(send_with_other(9).code(), ErrorCode::QUEUE_FULL) << "answered, but not taken";
  take_events();
  for (std::uint64_t token = 10; token < 14; ++token) ASSERT_TRUE(send_with_other(token).ok());
  EXPECT_EQ(send(9).code(), ErrorCode::QUEUE_FULL);
  advance(100ms);
  EXPECT_EQ(count_ok(), 8u);
}

TEST_F(CommonBoundTest, gets_its_room_back_from_sends_that_fail_and_from_those_without_an_event) {
  on_send().first(2).then(fault::no_answer());
  ASSERT_TRUE(send(1).ok());
  ASSERT_TRUE(send_with_other(2, SendMode::silent_oneway).ok());
  advance(4s);
  EXPECT_EQ(ends[1].code, ErrorCode::REQUEST_TIMEOUT);
  EXPECT_EQ(host->common_budget()->operations(), 0);
}

TEST_F(CommonBoundTest, counts_flushes_too) {
  on_send().then(fault::delay(1s));
  for (std::uint64_t token = 0; token < 3; ++token) ASSERT_TRUE(send(token).ok());
  ASSERT_TRUE(other->flush_async(1s, 7, nullptr).ok());
  EXPECT_EQ(other->flush_async(1s, 8, nullptr).code(), ErrorCode::QUEUE_FULL);
  advance(2s);
  EXPECT_EQ(others, std::vector<event::EventType>{event::EventType::flushed});
}

TEST_F(CommonBoundTest, is_free_again_when_a_producer_is_closed_in_the_middle) {
  on_send().then(fault::no_answer());
  for (std::uint64_t token = 0; token < 4; ++token) ASSERT_TRUE(send_with_other(token).ok());
  advance(100ms);
  ASSERT_TRUE(other->close_async(10ms, {.token = 99}).ok());
  network.advance(1s);
  EXPECT_EQ(send(9).code(), ErrorCode::QUEUE_FULL) << "cut short, but nobody has heard of it";
  other.reset();
  take_events();
  EXPECT_EQ(ends[0].code, ErrorCode::SHUTDOWN);
  EXPECT_TRUE(send(9).ok());
  take_events();
}

}  // namespace
}  // namespace rmq::producer::testing
