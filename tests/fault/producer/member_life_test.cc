// What the end of a close, or of another call that waits, tells.
#include <gtest/gtest.h>

#include "client/control_operation.h"
#include "event/waiter.h"
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using MemberLifeTest = ClusterTest;

client::ControlOperation* make_operation() {
  return new client::ControlOperation(event::EventType::flushed, 0, nullptr,
                                      [](client::ControlOperation&) {});
}

// Events go to their queue at the end of a turn of the loop; the caller runs on before that.
TEST_F(MemberLifeTest, waited_end_comes_after_the_events_of_what_ended_before) {
  add_name_server(1);
  start();
  event::UnsharedWaiter waiter = event::Waiter::make();
  client::ControlOperation* waited = make_operation();
  waited->set_waiter(waiter.get());
  client::ControlOperation* before = make_operation();
  before->set_queue(queue);
  before->complete(host->core());
  EXPECT_EQ(queue->size(), 0u) << "the turn is not over";
  waited->complete(host->core());
  EXPECT_EQ(queue->size(), 1u);
  EXPECT_TRUE(client::wait_for(waiter.release(), std::chrono::seconds(1),
                               base::ErrorCode::REQUEST_TIMEOUT, "")
                  .ok());
}

TEST_F(MemberLifeTest, runtime_that_is_closed_again_and_sooner_counts_what_it_has_cut_short) {
  start();  // no NameServer answers: the send waits for a route
  ASSERT_TRUE(send(1, std::chrono::seconds(30)).ok());
  network.run_until_idle();
  host->begin_close(std::chrono::seconds(10));
  network.run_until_idle();
  EXPECT_FALSE(host->is_closed());
  EXPECT_TRUE(host->close());
  EXPECT_EQ(host->core().cut_short(), 1u);
  take_events();
  EXPECT_EQ(ends[1].code, base::ErrorCode::SHUTDOWN);
}

// The start lets a send in, the close comes to the loop first, then the send, then the start.
TEST_F(MemberLifeTest,
       closed_producer_watches_no_route_when_a_close_overtook_a_send_and_the_start) {
  using std::chrono::seconds;
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  host = std::make_shared<test::SimulatedHost>(network, "10.0.9.1", "10.0.1.1:9876");
  queue = std::make_shared<event::EventQueue>(100);
  producer = std::make_shared<Producer>(host, ProducerOptions{.group = "simulated"}, queue);
  bool has_sent = false;
  host->between_steps = [&] {
    if (std::exchange(has_sent, true)) return;
    host->during_send = [&] { EXPECT_TRUE(producer->close_async(seconds(1), {.token = 99}).ok()); };
    EXPECT_TRUE(send(1).ok());
  };
  ASSERT_TRUE(producer->start().ok());
  host->between_steps = nullptr;
  advance(seconds(2));
  EXPECT_EQ(ends.size(), 1u);
  ASSERT_EQ(others.size(), 1u);
  EXPECT_EQ(others[0], event::EventType::closed);
  producer->abandon();
  producer.reset();  // asserts that it watches nothing
  network.advance(seconds(60));
  EXPECT_TRUE(host->close());
}

TEST_F(MemberLifeTest, sends_hold_topics_until_the_loop_has_them_and_no_longer) {
  add_name_server(1);
  add_broker(1, {{.name = "orders"}});
  ProducerOptions options;
  options.message_bytes_max = 100;
  start("10.0.1.1:9876", options);
  EXPECT_FALSE(producer->has_topic_holders());
  ASSERT_TRUE(send(1).ok());
  EXPECT_TRUE(producer->has_topic_holders());
  network.run_until_idle();
  EXPECT_FALSE(producer->has_topic_holders()) << "although the answer has not come";
  auto message = OutgoingMessage::make(topic).take_value();
  message->set_body(base::as_bytes(std::string(200, 'x')));
  EXPECT_FALSE(producer->send_async(*message, message->body(), nullptr, {}).ok());
  EXPECT_FALSE(producer->has_topic_holders()) << "of a send that came to nothing";
}

}  // namespace
}  // namespace rmq::producer::testing
