// What a blocking caller finds once its call is over.
#include <gtest/gtest.h>

#include "client/control_operation.h"
#include "event/waiter.h"
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {
namespace {

using WaitedEndTest = ClusterTest;

client::ControlOperation* make_operation() {
  return new client::ControlOperation(event::EventType::flushed, 0, nullptr,
                                      [](client::ControlOperation&) {});
}

// Events go to their queue at the end of a turn of the loop; the caller runs on before that.
TEST_F(WaitedEndTest, comes_after_the_events_of_what_ended_before) {
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

}  // namespace
}  // namespace rmq::producer::testing
