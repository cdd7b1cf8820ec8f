#include "protocol/running_info.h"

#include <gtest/gtest.h>

namespace rmq::protocol {
namespace {

TEST(RunningInfo, is_written_as_java_reads_it) {
  RunningInfo info;
  info.properties = {{"PROP_CONSUMEORDERLY", "false"}};
  info.queues = {{.queue = {"orders", "broker-a", 1}, .commit_offset = 7, .cached_messages = 2}};
  const std::string text = to_json(info);
  EXPECT_NE(text.find(R"("properties":{"PROP_CONSUMEORDERLY":"false"})"), text.npos) << text;
  EXPECT_NE(text.find(R"("mqTable":{{"brokerName":"broker-a","queueId":1,"topic":"orders"}:{)"),
            text.npos)
      << text;
  EXPECT_NE(text.find(R"("commitOffset":7)"), text.npos) << text;
  EXPECT_NE(text.find(R"("droped":false)"), text.npos) << text;
  EXPECT_NE(text.find(R"("subscriptionSet":[])"), text.npos) << text;
}

}  // namespace
}  // namespace rmq::protocol
