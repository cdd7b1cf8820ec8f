#include "protocol/recall_message.h"

#include <gtest/gtest.h>

#include "protocol/request_frame.h"

namespace rmq::protocol {
namespace {

// As the official client 5.4.0 sends it (tests/golden/live_5.4.0.json), and the broker's name
// beside.
TEST(RecallMessage, names_its_fields_as_the_official_client_does) {
  const wire::Command command = to_command(RecallMessageRequest{
      .producer_group = "g", .topic = "orders", .recall_handle = "h", .broker_name = "broker-a"});
  EXPECT_EQ(command.code, 370);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"producerGroup", "g"}, {"topic", "orders"}, {"recallHandle", "h"}, {"bname", "broker-a"}};
  EXPECT_EQ(command.fields, expected);
}

}  // namespace
}  // namespace rmq::protocol
