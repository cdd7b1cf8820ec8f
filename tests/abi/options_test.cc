// Options as users of the C interface meet them.
#include <cstdlib>
#include <cstring>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

std::int32_t set(const Config& config, const std::string& name, const std::string& value,
                 std::string* message = nullptr) {
  return code_of(
      [&](rmq_error_t** error) {
        return rmq_config_set(config.get(), name.data(), name.size(), value.data(), value.size(),
                              error);
      },
      message);
}

TEST(Options, that_have_no_effect_yet_are_refused_in_words) {
  const Config config = make_config({});
  for (const char* name : {"access_key", "secret_key", "socks_proxy", "namespace"}) {
    std::string message;
    EXPECT_EQ(set(config, name, "x", &message), RMQ_ERROR_OPTION_VALUE) << name;
    EXPECT_NE(message.find(name), std::string::npos) << message;
    EXPECT_NE(message.find("not there yet"), std::string::npos) << message;
  }
}

TEST(Options, with_values_that_have_no_effect_yet_are_refused_when_they_are_set) {
  const Config config = make_config({});
  const struct {
    const char* name;
    const char* refused;
    const char* expected;
  } cases[] = {{"message_model", "broadcasting", "clustering"},
               {"allocate_message_queue_strategy", "avg_by_circle", "avg"},
               {"client_rebalance", "false", "true"}};
  for (const auto& [name, refused, expected] : cases) {
    std::string message;
    EXPECT_EQ(set(config, name, refused, &message), RMQ_ERROR_OPTION_VALUE) << name;
    for (const char* words : {name, refused, "not there yet"})
      EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_TRUE(message.ends_with(std::string("expected ") + expected)) << message;
    EXPECT_EQ(set(config, name, expected), RMQ_OK) << name;
  }
}

// Such a consumer would do something else than its environment says.
TEST(Options, with_values_that_have_no_effect_yet_from_outside_stop_the_start_of_a_consumer) {
  ASSERT_EQ(::setenv("ROCKETMQ_MESSAGE_MODEL", "broadcasting", 1), 0);
  const Config config = make_config({{"consumer_group", "abi_tests"}});
  const std::int32_t loaded =
      rmq_config_load(config.get(), RMQ_LOAD_ENVIRONMENT, nullptr, 0, nullptr);
  ::unsetenv("ROCKETMQ_MESSAGE_MODEL");
  ASSERT_EQ(loaded, RMQ_OK);
  const Runtime runtime = make_runtime();
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  rmq_consumer_t* made = nullptr;
  ASSERT_EQ(rmq_consumer_new(runtime.get(), RMQ_CONSUMER_PUSH_CONCURRENT, config.get(), nullptr,
                             nullptr, nullptr, 0, nullptr, &made, nullptr),
            RMQ_OK);
  std::string message;
  EXPECT_EQ(code_of([&](rmq_error_t** error) { return rmq_consumer_start(made, error); }, &message),
            RMQ_ERROR_NOT_IMPLEMENTED);
  EXPECT_NE(message.find("message_model=broadcasting"), std::string::npos) << message;
  rmq_consumer_destroy(made);
}

TEST(Options, that_have_no_effect_yet_and_come_from_the_environment_are_told_once) {
  ASSERT_EQ(::setenv("ROCKETMQ_NAMESPACE", "tenant", 1), 0);
  const Config config = make_config({{"log_level", "warn"}});
  const std::int32_t loaded =
      rmq_config_load(config.get(), RMQ_LOAD_ENVIRONMENT, nullptr, 0, nullptr);
  ::unsetenv("ROCKETMQ_NAMESPACE");
  ASSERT_EQ(loaded, RMQ_OK);
  rmq_runtime_t* made = nullptr;
  ASSERT_EQ(rmq_runtime_new(config.get(), 0, nullptr, &made, nullptr), RMQ_OK);
  const Runtime runtime(made);
  const EventQueue log = make_queue(runtime.get());
  ASSERT_EQ(rmq_runtime_set_event_queue(runtime.get(), RMQ_EVENT_LOG, log.get(), nullptr), RMQ_OK);
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const Event event = poll(log.get());
  rmq_log_view_t view{};
  ASSERT_EQ(rmq_event_log(event.get(), &view, sizeof view), RMQ_OK);
  EXPECT_EQ(view.level, RMQ_LOG_WARN);
  EXPECT_NE(std::strstr(view.line, "without_effect=namespace"), nullptr) << view.line;
  EXPECT_EQ(rmq_event_queue_length(log.get()), 0u);
}

// Each of these would move offsets past messages that nobody sees.
TEST(Options, of_a_consumer_that_would_skip_messages_unseen_are_refused) {
  const Runtime runtime = make_runtime();
  const Options cases[] = {
      {{"consume_timestamp", "20240101000000"}},
      {{"consume_from_where", "timestamp"}, {"consume_timestamp", "29990101000000"}},
  };
  for (Options options : cases) {
    options.emplace_back("consumer_group", "abi_tests");
    rmq_consumer_t* consumer = nullptr;
    std::string message;
    EXPECT_EQ(code_of(
                  [&](rmq_error_t** error) {
                    return rmq_consumer_new(runtime.get(), RMQ_CONSUMER_PUSH_CONCURRENT,
                                            make_config(options).get(), nullptr, nullptr, nullptr,
                                            7, nullptr, &consumer, error);
                  },
                  &message),
              RMQ_ERROR_OPTION_VALUE);
    EXPECT_EQ(consumer, nullptr);
    EXPECT_NE(message.find("consume_timestamp"), std::string::npos) << message;
  }
}

TEST(Subscriptions, under_which_nothing_can_match_are_refused) {
  const Runtime runtime = make_runtime();
  const PushConsumer consumer = make_consumer(runtime.get());
  const auto subscribe = [&](const char* expression, std::string* message = nullptr) {
    return code_of(
        [&](rmq_error_t** error) {
          return rmq_consumer_subscribe(consumer.get(), "orders", SIZE_MAX, RMQ_EXPRESSION_TAG,
                                        expression, expression ? SIZE_MAX : 0, error);
        },
        message);
  };
  for (const char* all : {static_cast<const char*>(nullptr), "", "*", " * "}) {
    EXPECT_EQ(subscribe(all), RMQ_OK);
  }
  for (const char* good : {"a", " a\n", "a||", "a || b", "a\xc2\xa0||b"}) {
    EXPECT_EQ(subscribe(good), RMQ_OK) << good;
  }
  for (const char* bad : {" ", "\t", "\xc2\xa0", " || ", "||", "*||a", "a b", "a | b", "a|b"}) {
    std::string message;
    EXPECT_EQ(subscribe(bad, &message), RMQ_ERROR_SUBSCRIPTION_SELECTOR) << bad;
    EXPECT_NE(message.find("orders"), std::string::npos) << message;
  }
}

// An option of the runtime holds for its consumers, whatever config they are made with.
TEST(Options, of_the_runtime_reach_consumers_with_a_config_of_their_own) {
  testbroker::ServerOptions topic;
  topic.topics = {{.name = "orders", .read_queues = 1, .write_queues = 1}};
  LoopbackServer broker(topic);
  Client sender(broker.address());
  sender.message = make_message(std::string(100'000, 'x'));  // compressed by default
  ASSERT_EQ(sender.send(), RMQ_OK);
  ASSERT_EQ(code_of(sender.next()), RMQ_OK);

  const Runtime runtime =
      make_runtime({{"namesrv_addr", broker.address()}, {"decompress_max_bytes", "10k"}});
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const EventQueue queue = make_queue(runtime.get());
  const PushConsumer consumer =
      make_consumer(runtime.get(), queue.get(), {{"consume_from_where", "first"}});
  ASSERT_EQ(rmq_consumer_subscribe(consumer.get(), "orders", SIZE_MAX, RMQ_EXPRESSION_TAG, "*",
                                   SIZE_MAX, nullptr),
            RMQ_OK);
  ASSERT_EQ(rmq_consumer_start(consumer.get(), nullptr), RMQ_OK);
  const Event delivery = poll(queue.get());
  rmq_message_view_t view{};
  ASSERT_EQ(rmq_event_messages(delivery.get(), 0, &view, sizeof view, 1), 1u);
  EXPECT_EQ(view.error_code, RMQ_ERROR_TOO_LARGE);
}

TEST(Options, of_one_config_serve_all_objects) {
  LoopbackServer broker;
  const Config config = make_config({{"namesrv_addr", broker.address()},
                                     {"producer_group", "senders"},
                                     {"consumer_group", "receivers"}});
  rmq_runtime_t* made = nullptr;
  ASSERT_EQ(rmq_runtime_new(config.get(), 0, nullptr, &made, nullptr), RMQ_OK);
  const Runtime runtime(made);
  for (const rmq_config_t* each : {static_cast<const rmq_config_t*>(config.get()),
                                   static_cast<const rmq_config_t*>(nullptr)}) {
    rmq_producer_t* producer = nullptr;
    EXPECT_EQ(rmq_producer_new(runtime.get(), each, nullptr, 0, nullptr, &producer, nullptr),
              RMQ_OK);
    rmq_producer_destroy(producer);
    rmq_consumer_t* consumer = nullptr;
    EXPECT_EQ(rmq_consumer_new(runtime.get(), RMQ_CONSUMER_PUSH_CONCURRENT, each, nullptr, nullptr,
                               nullptr, 0, nullptr, &consumer, nullptr),
              RMQ_OK);
    rmq_consumer_destroy(consumer);
  }
}

TEST(Options, that_a_program_is_written_for_come_from_code_only) {
  const Config config = make_config({});
  const struct {
    const char* name;
    const char* variable;
    const char* value;
  } cases[] = {{"run_mode", "ROCKETMQ_RUN_MODE", "driven"},
               {"auto_start", "ROCKETMQ_AUTO_START", "true"},
               {"queue_full_policy", "ROCKETMQ_QUEUE_FULL_POLICY", "block"},
               {"dispatcher_threads", "ROCKETMQ_DISPATCHER_THREADS", "4"}};
  for (const auto& one : cases) {
    ASSERT_EQ(::setenv(one.variable, one.value, 1), 0);
    std::string message;
    EXPECT_EQ(code_of(
                  [&](rmq_error_t** error) {
                    return rmq_config_load(config.get(), RMQ_LOAD_ENVIRONMENT, nullptr, 0, error);
                  },
                  &message),
              RMQ_ERROR_OPTION_VALUE);
    ::unsetenv(one.variable);
    EXPECT_NE(message.find(one.name), std::string::npos) << message;
    const std::string line = std::string(one.name) + " = " + one.value;
    EXPECT_EQ(rmq_config_load(config.get(), RMQ_LOAD_TEXT, line.data(), line.size(), nullptr),
              RMQ_OK);
  }
}

TEST(Options, that_may_change_hold_for_later_calls) {
  const Client client("127.0.0.1:1");  // nobody listens there
  const Config changes = make_config({{"send_msg_timeout", "300"}});
  ASSERT_EQ(rmq_producer_update(client.producer.get(), changes.get(), nullptr), RMQ_OK);
  rmq_error_t* error = nullptr;
  EXPECT_NE(rmq_producer_send(client.producer.get(), client.message.get(), client.destination.get(),
                              0, 0, nullptr, &error),
            RMQ_OK);
  const Error owner(error);
  rmq_error_view_t view{};
  ASSERT_EQ(rmq_error_view(error, &view, sizeof view), RMQ_OK);
  EXPECT_EQ(view.limit_ms, 300);
}

}  // namespace
}  // namespace rmq::test::abi
