#include "protocol/offset_table.h"

#include <gtest/gtest.h>

namespace rmq::protocol {
namespace {

using Entries = std::vector<QueueOffset>;

TEST(OffsetTable, is_read_as_a_map_by_queues_and_as_a_list) {
  const Entries expected = {{{"orders", "broker-a", 3}, 42}};
  const auto map = parse_offset_table(
      R"({"offsetTable":{{"brokerName":"broker-a","queueId":3,"topic":"orders"}:42}})");
  ASSERT_TRUE(map.ok()) << map.error().message;
  EXPECT_EQ(map.value(), expected);
  const auto list = parse_offset_table(
      R"({"offsetTable":[{"topic":"orders","brokerName":"broker-a","queueId":3,"offset":42}]})");
  ASSERT_TRUE(list.ok()) << list.error().message;
  EXPECT_EQ(list.value(), expected);
}

TEST(OffsetTable, may_be_empty_and_is_refused_when_an_entry_is_none) {
  const auto empty = parse_offset_table(R"({"offsetTable":{}})");
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty.value().empty());
  for (const char* text :
       {"", "[]", "{}", R"({"offsetTable":7})", R"({"offsetTable":[7]})",
        R"({"offsetTable":[{"topic":"t","brokerName":"b","queueId":0,"offset":"x"}]})",
        R"({"offsetTable":{{"topic":"t","brokerName":"b","queueId":-1}:5}})"}) {
    EXPECT_FALSE(parse_offset_table(text).ok()) << text;
  }
}

TEST(OffsetTable, of_a_member_is_written_as_java_writes_a_map_by_queues) {
  EXPECT_EQ(
      consumer_status_to_json({{{"orders", "broker-a", 0}, 5}, {{"orders", "broker-a", 1}, 6}}),
      R"({"consumerTable":{},"messageQueueTable":{)"
      R"({"brokerName":"broker-a","queueId":0,"topic":"orders"}:5,)"
      R"({"brokerName":"broker-a","queueId":1,"topic":"orders"}:6}})");
}

}  // namespace
}  // namespace rmq::protocol
