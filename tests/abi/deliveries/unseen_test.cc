// Deliveries that are destroyed before their messages were shown: neither finished nor failed.
#include "tests/abi/deliveries/states.h"

namespace rmq::test::abi {
namespace {

using DeliveryUnseen = DeliveryStateTest;

TEST_F(DeliveryUnseen, comes_again_when_it_is_destroyed_and_nothing_is_sent_back) {
  for (int i = 0; i < 3; ++i) {
    event.reset();
    if (i == 0) {
      take();
    } else {
      event = member->next();
      ASSERT_EQ(view_of(event).event_type, RMQ_EVENT_DELIVERY);
    }
  }
  expect_readable();
  EXPECT_EQ(answer(event), RMQ_OK);
  EXPECT_TRUE(wait_for_stored_offset(1));
  broker.call([](testbroker::Server& server) {
    EXPECT_FALSE(server.counts().requests_by_code.contains(
        static_cast<std::int32_t>(protocol::RequestCode::CONSUMER_SEND_MSG_BACK)));
  });
}

TEST_F(DeliveryUnseen, comes_again_when_it_is_returned) {
  take();
  ASSERT_EQ(rmq_event_answer(event.get(), RMQ_ANSWER_RETURN, 0, nullptr), RMQ_OK);
  event = member->next();
  expect_readable();
  EXPECT_EQ(answer(event), RMQ_OK);
  EXPECT_TRUE(wait_for_stored_offset(1));
}

}  // namespace
}  // namespace rmq::test::abi
