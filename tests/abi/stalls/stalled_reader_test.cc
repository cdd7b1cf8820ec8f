// Real sockets and a broker that stops reading: when sends end, and what was stored of them.
#include <gmock/gmock.h>
#include <rocketmq_testbroker.h>

#include <algorithm>
#include <chrono>
#include <tuple>

#include "tests/abi/stalls/testbroker.h"
#include "tests/abi/support.h"

namespace rmq::test::abi {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The largest that brokers take by default, and one of three times that.
constexpr std::size_t kBodyBytes = 4'190'000;
constexpr std::size_t kLargerBodyBytes = 12 << 20;
// A send ends within its limit and one write timeout (option request_timeout); the rest is what a
// slow machine adds. The fault that this looks for took 66 s.
constexpr milliseconds kWriteTimeout{3000};
constexpr milliseconds kSlowMachine{15'000};

enum class Call : std::uint8_t { blocking, async };
enum class Body : std::uint8_t { pinned, copied };

class StalledReader : public testing::TestWithParam<std::tuple<Call, Body, std::size_t>> {
 protected:
  void start(const std::string& options) {
    char why[256];
    broker_.reset(rmq_testbroker_start(options.c_str(), why, sizeof why));
    ASSERT_TRUE(broker_) << why;
    runtime_ = make_runtime({{"namesrv_addr", rmq_testbroker_namesrv_addr(broker_.get())}});
    ASSERT_EQ(rmq_runtime_start(runtime_.get(), nullptr), RMQ_OK);
    queue_ = make_queue(runtime_.get());
    producer_ =
        make_producer(runtime_.get(), queue_.get(),
                      {{"enable_message_compression", "false"}, {"max_message_size", "13000000"}});
    ASSERT_EQ(rmq_producer_start(producer_.get(), nullptr), RMQ_OK);
  }
  void command(const char* text) {
    ASSERT_EQ(rmq_testbroker_command(broker_.get(), text, nullptr, 0, nullptr), RMQ_TESTBROKER_OK)
        << text;
  }
  std::int32_t send_small() {
    return rmq_producer_send(producer_.get(), make_message("small").get(), nullptr, 0, kLongMs,
                             nullptr, nullptr);
  }

  struct End {
    std::int32_t code = -1;
    std::int32_t outcome = -1;
    std::string message;
    milliseconds after{};
  };
  // Sends body_, and overwrites it once the send has ended.
  End send_large(std::int64_t timeout_ms) {
    const auto [call, body, bytes] = GetParam();
    rmq_message_t* made = nullptr;
    EXPECT_EQ(
        rmq_message_new("orders", SIZE_MAX, nullptr, 0, nullptr, 0, nullptr, 0, &made, nullptr),
        RMQ_OK);
    const Message message(made);
    EXPECT_EQ(body == Body::pinned
                  ? rmq_message_set_body_pinned(made, body_.data(), body_.size(), nullptr)
                  : rmq_message_set_body(made, body_.data(), body_.size(), nullptr),
              RMQ_OK);
    End end;
    const auto begin = steady_clock::now();
    const auto note = [&](const rmq_error_t* error) {
      end.after = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
      rmq_error_view_t view{};
      end.code = rmq_error_code(error);
      if (end.code == RMQ_OK || rmq_error_view(error, &view, sizeof view) != RMQ_OK) return;
      end.outcome = view.outcome;
      end.message = view.message;
    };
    if (call == Call::blocking) {
      rmq_error_t* error = nullptr;
      rmq_producer_send(producer_.get(), made, nullptr, 0, timeout_ms, nullptr, &error);
      note(error);
      rmq_error_destroy(error);
    } else {
      EXPECT_EQ(rmq_producer_send_async(producer_.get(), made, nullptr, 0, timeout_ms, 1, nullptr,
                                        nullptr),
                RMQ_OK);
      const Event event = poll(queue_.get(), 120'000);
      EXPECT_TRUE(event);
      if (event) note(view_of(event).error);
    }
    body_.assign(body_.size(), 'Z');
    return end;
  }

  // The bodies that brokers have stored, until a small one comes.
  void expect_no_changed_body() {
    ASSERT_EQ(send_small(), RMQ_OK);
    const EventQueue deliveries = make_queue(runtime_.get());
    const PushConsumer consumer =
        make_consumer(runtime_.get(), deliveries.get(), {{"consume_from_where", "first"}});
    ASSERT_EQ(rmq_consumer_subscribe(consumer.get(), "orders", SIZE_MAX, RMQ_EXPRESSION_TAG,
                                     nullptr, 0, nullptr),
              RMQ_OK);
    ASSERT_EQ(rmq_consumer_start(consumer.get(), nullptr), RMQ_OK);
    int smalls = 0;
    while (smalls < smalls_) {
      const Event event = poll(deliveries.get());
      ASSERT_TRUE(event);
      rmq_message_view_t view{};
      ASSERT_EQ(rmq_event_messages(event.get(), 0, &view, sizeof view, 1), 1U);
      const std::string_view body(static_cast<const char*>(view.body), view.body_bytes);
      EXPECT_EQ(std::count(body.begin(), body.end(), 'Z'), 0)
          << "of " << body.size() << " bytes were written after the send had ended";
      smalls += body == "small";
      EXPECT_EQ(rmq_event_answer(event.get(), RMQ_ANSWER_SUCCESS, 0, nullptr), RMQ_OK);
    }
  }

  Testbroker broker_;
  Runtime runtime_;
  EventQueue queue_;
  Producer producer_;
  std::string body_ = std::string(std::get<std::size_t>(GetParam()), 'a');
  int smalls_ = 2;  // of the whole test
};

TEST_P(StalledReader, ends_a_send_in_time_and_stores_nothing_that_was_not_sent) {
  start("topic=orders:1");
  ASSERT_EQ(send_small(), RMQ_OK);
  command("pause broker-a");
  const End end = send_large(1000);
  EXPECT_EQ(end.code, RMQ_ERROR_REQUEST_TIMEOUT) << end.message;
  EXPECT_EQ(end.outcome, RMQ_OUTCOME_MAYBE_APPLIED);
  EXPECT_THAT(end.message, testing::HasSubstr("did not take all the bytes"));
  EXPECT_LE(end.after, milliseconds(1000) + kWriteTimeout + kSlowMachine);
  command("resume broker-a");
  expect_no_changed_body();
}

// The bodies are no larger than the other broker takes.
class StalledReaderOfTwo : public StalledReader {};

TEST_P(StalledReaderOfTwo, does_not_keep_a_send_from_another_broker) {
  start("brokers=2 topic=orders:1");
  for (int i = 0; i < 2; ++i) ASSERT_EQ(send_small(), RMQ_OK);
  command("pause broker-a");
  // One of the two goes to broker-a first.
  for (int i = 0; i < 2; ++i) {
    body_.assign(body_.size(), 'a');
    const End end = send_large(20'000);
    EXPECT_EQ(end.code, RMQ_OK) << end.message;
    EXPECT_LE(end.after, kWriteTimeout + milliseconds(7000) + kSlowMachine);
  }
  command("resume broker-a");
  smalls_ = 3;
  expect_no_changed_body();
}

std::string name_case(const testing::TestParamInfo<StalledReader::ParamType>& info) {
  const auto [call, body, bytes] = info.param;
  return std::string(call == Call::blocking ? "blocking_" : "async_") +
         (body == Body::pinned ? "pinned_" : "copied_") +
         (bytes == kBodyBytes ? "4_MiB" : "12_MiB");
}

const auto kCalls = testing::Values(Call::blocking, Call::async);
const auto kBodies = testing::Values(Body::pinned, Body::copied);

INSTANTIATE_TEST_SUITE_P(OfEach, StalledReader,
                         testing::Combine(kCalls, kBodies,
                                          testing::Values(kBodyBytes, kLargerBodyBytes)),
                         name_case);
INSTANTIATE_TEST_SUITE_P(OfEach, StalledReaderOfTwo,
                         testing::Combine(kCalls, kBodies, testing::Values(kBodyBytes)), name_case);

}  // namespace
}  // namespace rmq::test::abi
