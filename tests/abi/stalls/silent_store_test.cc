// Brokers that answer everything but sends, as users meet them: few sends find out, the others go
// elsewhere. And what a flush and a close then leave, as numbers.
#include <gtest/gtest.h>
#include <rocketmq_testbroker.h>

#include <chrono>

#include "tests/abi/stalls/testbroker.h"
#include "tests/abi/support.h"

namespace rmq::test::abi {
namespace {

class SilentStore : public testing::Test {
 protected:
  void start(const char* cluster, const Options& options = {}) {
    char why[256];
    broker_.reset(rmq_testbroker_start(cluster, why, sizeof why));
    ASSERT_TRUE(broker_) << why;
    runtime_ = make_runtime({{"namesrv_addr", rmq_testbroker_namesrv_addr(broker_.get())}});
    ASSERT_EQ(rmq_runtime_start(runtime_.get(), nullptr), RMQ_OK);
    queue_ = make_queue(runtime_.get());
    producer_ = make_producer(runtime_.get(), queue_.get(), options);
    ASSERT_EQ(rmq_producer_start(producer_.get(), nullptr), RMQ_OK);
    ASSERT_EQ(send_and_wait(), RMQ_OK);
  }
  void command(const char* text) {
    ASSERT_EQ(rmq_testbroker_command(broker_.get(), text, nullptr, 0, nullptr), RMQ_TESTBROKER_OK)
        << text;
  }
  std::int32_t send_and_wait() {
    return rmq_producer_send(producer_.get(), message_.get(), nullptr, 0, 0, nullptr, nullptr);
  }
  std::int32_t send(std::uint64_t token) {
    return rmq_producer_send_async(producer_.get(), message_.get(), nullptr, 0, kLongMs, token,
                                   nullptr, nullptr);
  }
  static std::int64_t count_of(rmq_error_t* error) {
    rmq_error_view_t view{};
    EXPECT_EQ(rmq_error_view(error, &view, sizeof view), RMQ_OK);
    return view.count;
  }

  Testbroker broker_;
  Runtime runtime_;
  EventQueue queue_;
  Producer producer_;
  Message message_ = make_message("hello");
};

class SilentStoreOfOne : public SilentStore, public testing::WithParamInterface<const char*> {};

TEST_P(SilentStoreOfOne, is_avoided_after_the_first_time_outs) {
  constexpr int kSends = 200;
  start("brokers=2 topic=orders:2", {{"send_latency_fault_enable", GetParam()}});
  command("fault broker-b SEND_MESSAGE_V2 drop_request");
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kSends; ++i) ASSERT_EQ(send_and_wait(), RMQ_OK) << i;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  // Half of them would take a second each.
  EXPECT_LT(took.count(), 20) << "a known silence costs others no time";
}

INSTANTIATE_TEST_SUITE_P(send_latency_fault_enable, SilentStoreOfOne,
                         testing::Values("false", "true"));

TEST_F(SilentStore, leaves_numbers_of_what_a_flush_and_a_close_did_not_end) {
  start("topic=orders:2");
  command("fault all SEND_MESSAGE_V2 drop_request");
  for (std::uint64_t token = 1; token <= 3; ++token) ASSERT_EQ(send(token), RMQ_OK);
  rmq_error_t* raw = nullptr;
  EXPECT_EQ(rmq_producer_flush(producer_.get(), 50, &raw), RMQ_ERROR_REQUEST_TIMEOUT);
  const Error flush(raw);
  EXPECT_EQ(count_of(flush.get()), 3);

  ASSERT_EQ(rmq_producer_flush_async(producer_.get(), 50, 77, nullptr, nullptr), RMQ_OK);
  const Event flushed = poll(queue_.get(), kLongMs);
  rmq_event_view_t view{};
  ASSERT_EQ(rmq_event_view(flushed.get(), &view, sizeof view), RMQ_OK);
  EXPECT_EQ(view.event_type, RMQ_EVENT_FLUSHED);
  EXPECT_EQ(view.count, 3);

  raw = nullptr;
  EXPECT_EQ(rmq_producer_close(producer_.get(), 50, &raw), RMQ_ERROR_CLOSE_TIMEOUT);
  const Error close(raw);
  EXPECT_EQ(count_of(close.get()), 3);
}

}  // namespace
}  // namespace rmq::test::abi
