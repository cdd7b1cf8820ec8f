// Each allocation of reading and of writing each JSON body fails once. The failure comes out as an
// exception, and whatever was made until then is taken down without memory.
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <new>

#include "protocol/cluster_info.h"
#include "protocol/consumer_list.h"
#include "protocol/heartbeat.h"
#include "protocol/lock_batch.h"
#include "protocol/offset_table.h"
#include "protocol/running_info.h"
#include "protocol/topic_route.h"
#include "tests/abi/memory/failing_allocator.h"

namespace rmq::test::abi {
namespace {

using namespace rmq::protocol;

constexpr long kBodyAllocationsMax = 1000;
const std::string kLong(40, 'x');  // does not fit into a string object

// How many allocations of `work` failed, one after the other.
long fail_each_allocation(const std::function<void()>& work) {
  for (long n = 1; n <= kBodyAllocationsMax; ++n) {
    bool thrown = false;
    fail_allocation_of_this_thread(n, 1'000'000);  // and all that come after it
    try {
      work();
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
    const bool has_failed = count_allocations() >= n;
    fail_allocation_of_this_thread(0);
    EXPECT_EQ(thrown, has_failed) << "allocation " << n;
    if (!has_failed) return n - 1;
  }
  ADD_FAILURE() << "more allocations than expected";
  return kBodyAllocationsMax;
}

template <typename Parse>
void fail_reading(const char* what, const std::string& text, Parse parse) {
  ASSERT_TRUE(parse(text).ok());
  const long read = fail_each_allocation([&] { EXPECT_TRUE(parse(text).ok()); });
  std::cout << what << ": " << read << " allocations of reading failed\n";
  EXPECT_GT(read, 2) << what;
}

SubscriptionData make_subscription() {
  return {.topic = kLong, .sub_string = kLong, .tags = {kLong}, .codes = {1, 2}};
}

TEST(ExhaustedMemory, fails_the_reading_of_a_body_and_nothing_else) {
  TopicRoute route;
  route.queues = {{kLong, 4, 4, 6, 0}, {kLong + "2", 4, 4, 6, 0}};
  route.brokers = {{kLong, kLong, {{0, kLong}, {1, kLong}}}};
  route.filter_servers[kLong] = {kLong};
  route.mappings[kLong] = {.topic = kLong, .physical_ids = {{0, 1}}};
  fail_reading("route", to_json(route), parse_topic_route);
  fail_reading("route with bare keys", to_json(route, false), parse_topic_route);
  ClusterInfo info;
  info.brokers[kLong] = route.brokers.front();
  info.clusters[kLong] = {kLong};
  fail_reading("cluster", to_json(info), parse_cluster_info);
  fail_reading("consumer list", consumer_list_to_json({kLong, kLong}), parse_consumer_list);
  fail_reading("locked queues", locked_queues_to_json({{kLong, kLong, 1}}), parse_locked_queues);
  const std::string queue = R"({"topic":")" + kLong + R"(","brokerName":"b","queueId":1})";
  fail_reading("offsets", R"({"offsetTable":{)" + queue + ":5}}", parse_offset_table);
}

TEST(ExhaustedMemory, fails_the_writing_of_a_body_and_nothing_else) {
  HeartbeatData heartbeat;
  heartbeat.client_id = kLong;
  heartbeat.producer_groups = {kLong};
  heartbeat.consumers = {{.group = kLong, .subscriptions = {make_subscription()}}};
  LockBatchBody lock{kLong, kLong, false, {{kLong, kLong, 1}}};
  RunningInfo info;
  info.properties = {{"PROP", kLong}};
  info.subscriptions = {make_subscription()};
  info.queues = {{.queue = {kLong, kLong, 1}}};
  const std::vector<QueueOffset> offsets = {{{kLong, kLong, 1}, 5}};
  const std::function<void()> all[] = {
      [&] { EXPECT_FALSE(to_json(heartbeat).empty()); },
      [&] { EXPECT_NE(heartbeat_fingerprint(heartbeat), 0); },
      [&] { EXPECT_FALSE(to_json(lock).empty()); },
      [&] { EXPECT_FALSE(to_json(info).empty()); },
      [&] { EXPECT_FALSE(consumer_status_to_json(offsets).empty()); },
  };
  for (const auto& write : all) {
    const long failed = fail_each_allocation(write);
    std::cout << failed << " allocations of writing failed\n";
    EXPECT_GT(failed, 2);
  }
}

TEST(ExhaustedMemory, fails_the_refusal_of_a_body_and_nothing_else) {
  const std::string text = R"({"a":[{"b":")" + kLong + R"("},x)";
  EXPECT_GT(fail_each_allocation([&] { EXPECT_FALSE(parse_topic_route(text).ok()); }), 2);
}

}  // namespace
}  // namespace rmq::test::abi
