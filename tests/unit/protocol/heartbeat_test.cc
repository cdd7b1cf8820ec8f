#include "protocol/heartbeat.h"

#include <gtest/gtest.h>

namespace rmq::protocol {
namespace {

TEST(Heartbeat, without_groups_reads_as_the_one_that_is_made_from_values) {
  for (const std::string client_id : {"10.0.0.1@42", "a\"b\\c\x01", ""}) {
    HeartbeatData expected;
    expected.client_id = client_id;
    EXPECT_EQ(heartbeat_without_groups(client_id), to_json(expected));
  }
}

}  // namespace
}  // namespace rmq::protocol
