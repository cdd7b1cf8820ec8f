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

}  // namespace
}  // namespace rmq::producer::testing
