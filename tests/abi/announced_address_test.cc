// Brokers whose announced address leads nowhere, as those in containers do.
#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

bool contains(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

testbroker::ServerOptions advertise(const std::string& address) {
  testbroker::ServerOptions options;
  options.topics = {{.name = "orders", .read_queues = 1, .write_queues = 1}};
  options.advertised_address = address;
  return options;
}

struct Refusal {
  std::int32_t code = RMQ_OK;
  std::string message;
  std::string hint;
};

Refusal send(rmq_producer_t* producer, const rmq_destination_t* destination) {
  const Message message = make_message();
  rmq_error_t* owned = nullptr;
  Refusal failure;
  failure.code = rmq_producer_send(producer, message.get(), destination, 0, 2000, nullptr, &owned);
  const Error error(owned);
  rmq_error_view_t view{};
  EXPECT_EQ(rmq_error_view(error.get(), &view, sizeof view), RMQ_OK);
  failure.message = view.message;
  failure.hint = text_of(view.hint);
  return failure;
}

class AnnouncedAddress : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(OfABroker, AnnouncedAddress,
                         testing::Values("rmq-broker.invalid:10911", "127.0.0.1:1"));

TEST_P(AnnouncedAddress, that_leads_nowhere_is_told_from_a_configured_one_in_a_sends_error) {
  LoopbackServer broker(advertise(GetParam()));
  const Runtime runtime = make_runtime({{"namesrv_addr", broker.address()}});
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const Producer producer = make_producer(runtime.get());
  ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  const Refusal failure = send(producer.get(), nullptr);
  EXPECT_NE(failure.code, RMQ_OK);
  EXPECT_TRUE(contains(failure.message, GetParam())) << failure.message;
  EXPECT_TRUE(contains(failure.message, "not of your configuration")) << failure.message;
  EXPECT_TRUE(contains(failure.message, "NameServer announced it for the broker broker-a"))
      << failure.message;
  EXPECT_TRUE(contains(failure.hint, "brokerIP1")) << failure.hint;
  EXPECT_TRUE(contains(failure.hint, "address_map")) << failure.hint;

  const Destination configured = make_destination("127.0.0.1:1");
  const Refusal own = send(producer.get(), configured.get());
  EXPECT_NE(own.code, RMQ_OK);
  EXPECT_FALSE(contains(own.message, "announced")) << own.message;
  EXPECT_FALSE(contains(own.hint, "brokerIP1")) << own.hint;
}

TEST_P(AnnouncedAddress, that_leads_nowhere_is_explained_in_a_consumers_warning) {
  LoopbackServer broker(advertise(GetParam()));
  const Runtime runtime = make_runtime({{"namesrv_addr", broker.address()}, {"log_level", "warn"}});
  const EventQueue log = make_queue(runtime.get());
  ASSERT_EQ(rmq_runtime_set_event_queue(runtime.get(), RMQ_EVENT_LOG, log.get(), nullptr), RMQ_OK);
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const PushConsumer consumer = make_consumer(runtime.get());
  ASSERT_EQ(rmq_consumer_subscribe(consumer.get(), "orders", SIZE_MAX, RMQ_EXPRESSION_TAG, "*",
                                   SIZE_MAX, nullptr),
            RMQ_OK);
  ASSERT_EQ(rmq_consumer_start(consumer.get(), nullptr), RMQ_OK);
  std::string lines;
  while (const Event event = poll(log.get())) {
    rmq_log_view_t view{};
    ASSERT_EQ(rmq_event_log(event.get(), &view, sizeof view), RMQ_OK);
    lines.append(view.line, view.line_bytes).append("\n");
    if (contains(view.line, "announced it for the broker broker-a") &&
        contains(view.line, "brokerIP1")) {
      return;
    }
  }
  FAIL() << lines;
}

}  // namespace
}  // namespace rmq::test::abi
