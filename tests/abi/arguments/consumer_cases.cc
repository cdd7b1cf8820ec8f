// Deliveries and push consumers.
#include "tests/abi/arguments/cases.h"

namespace rmq::test::abi {
namespace {

void event_delivery(Arguments&) {
  rmq_delivery_view_t view{};
  EXPECT_EQ(rmq_event_delivery(nullptr, &view, sizeof view), RMQ_ERROR_ARGUMENT);
}

void event_messages(Arguments&) {
  rmq_message_view_t view{};
  EXPECT_EQ(rmq_event_messages(nullptr, 0, &view, sizeof view, 1), 0u);
}

void event_answer(Arguments&) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_event_answer(nullptr, RMQ_ANSWER_SUCCESS, 0, e); });
}

void event_answer_each(Arguments&) {
  const std::uint8_t bits = 1;
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [&](auto** e) { return rmq_event_answer_each(nullptr, &bits, 1, 0, e); });
}

void event_answer_batch(Arguments&) {
  rmq_event_view_t view{};
  const std::int32_t success = RMQ_ANSWER_SUCCESS;
  const auto answer = [&](const rmq_event_view_t* views, std::size_t view_size,
                          const std::int32_t* answers, rmq_error_t** error) {
    return rmq_event_answer_batch(views, view_size, 1, answers, error);
  };
  refuse(RMQ_ERROR_ARGUMENT, "null views",
         [&](auto** e) { return answer(nullptr, sizeof view, &success, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null answers",
         [&](auto** e) { return answer(&view, sizeof view, nullptr, e); });
  refuse(RMQ_ERROR_ARGUMENT, "small view_size",
         [&](auto** e) { return answer(&view, 16, &success, e); });
  EXPECT_EQ(answer(&view, sizeof view, &success, nullptr), RMQ_OK) << "null events are skipped";
}

void push_consumer_new(Arguments& a) {
  const auto make = [](rmq_runtime_t* runtime, const Options& options, rmq_event_queue_t* queue,
                       rmq_error_t** error) {
    auto* consumer = garbage<rmq_consumer_t>();
    const std::int32_t code =
        rmq_consumer_new(runtime, RMQ_CONSUMER_PUSH_CONCURRENT, make_config(options).get(), queue,
                         nullptr, nullptr, 0, nullptr, &consumer, error);
    EXPECT_EQ(consumer, nullptr);
    return code;
  };
  refuse(RMQ_ERROR_ARGUMENT, "null consumer", [&](auto** e) {
    return rmq_consumer_new(a.runtime.get(), RMQ_CONSUMER_PUSH_CONCURRENT, nullptr, nullptr,
                            nullptr, nullptr, 0, nullptr, nullptr, e);
  });
  refuse(RMQ_ERROR_ARGUMENT, "null runtime",
         [&](auto** e) { return make(nullptr, {}, nullptr, e); });
  refuse(RMQ_ERROR_GROUP_ILLEGAL, "no group",
         [&](auto** e) { return make(a.runtime.get(), {}, nullptr, e); });
  for (const char* group : {"a b", "a/b", "DEFAULT_CONSUMER"}) {
    refuse(RMQ_ERROR_GROUP_ILLEGAL, group, [&](auto** e) {
      return make(a.runtime.get(), {{"consumer_group", group}}, nullptr, e);
    });
  }
  refuse(RMQ_ERROR_OPTION_PLACE, "a producer's option", [&](auto** e) {
    return make(a.runtime.get(), {{"consumer_group", "g"}, {"producer_group", "g"}}, nullptr, e);
  });
  const Runtime other = make_runtime();
  const EventQueue foreign = make_queue(other.get());
  refuse(RMQ_ERROR_ARGUMENT, "another runtime's queue", [&](auto** e) {
    return make(a.runtime.get(), {{"consumer_group", "g"}}, foreign.get(), e);
  });
}

void push_consumer_subscribe(Arguments& a) {
  const auto subscribe = [&](const char* topic, std::size_t topic_bytes, std::int32_t type,
                             const char* expression, std::size_t bytes, rmq_error_t** error) {
    return rmq_consumer_subscribe(a.consumer.get(), topic, topic_bytes, type, expression, bytes,
                                  error);
  };
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) {
    return rmq_consumer_subscribe(nullptr, "t", 1, RMQ_EXPRESSION_TAG, nullptr, 0, e);
  });
  refuse(RMQ_ERROR_ARGUMENT, "null topic",
         [&](auto** e) { return subscribe(nullptr, 0, RMQ_EXPRESSION_TAG, "*", 1, e); });
  for (const char* topic : {"", "a b", "a/b"}) {
    refuse(RMQ_ERROR_SUBSCRIPTION_TOPIC, topic,
           [&](auto** e) { return subscribe(topic, SIZE_MAX, RMQ_EXPRESSION_TAG, "*", 1, e); });
  }
  for (const std::int32_t type : {-1, 2, INT32_MAX}) {
    refuse(RMQ_ERROR_ARGUMENT, "expression type",
           [&](auto** e) { return subscribe("t", 1, type, "*", 1, e); });
  }
  refuse(RMQ_ERROR_SUBSCRIPTION_SELECTOR, "no tag between the bars",
         [&](auto** e) { return subscribe("t", 1, RMQ_EXPRESSION_TAG, "||", 2, e); });
  refuse_bad_texts([&](auto* text, auto bytes, auto** e) {
    return subscribe(text, bytes, RMQ_EXPRESSION_TAG, "*", 1, e);
  });
  refuse_bad_texts([&](auto* text, auto bytes, auto** e) {
    return subscribe("t", 1, RMQ_EXPRESSION_TAG, text, bytes, e);
  });
}

void push_consumer_unsubscribe(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_consumer_unsubscribe(nullptr, "t", 1, e); });
  refuse(RMQ_ERROR_NOT_SUBSCRIBED, "not subscribed",
         [&](auto** e) { return rmq_consumer_unsubscribe(a.consumer.get(), "t", 1, e); });
  refuse_bad_texts([&](auto* text, auto bytes, auto** e) {
    return rmq_consumer_unsubscribe(a.consumer.get(), text, bytes, e);
  });
}

void push_consumer_start(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_consumer_start(nullptr, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "the runtime is not started",
         [&](auto** e) { return rmq_consumer_start(a.consumer.get(), e); });
}

void push_consumer_close(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_consumer_close(nullptr, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "timeout",
         [&](auto** e) { return rmq_consumer_close(a.consumer.get(), -1, e); });
}

void push_consumer_close_async(Arguments& a) {
  const auto close = [](rmq_consumer_t* consumer, std::int64_t timeout_ms, rmq_error_t** e) {
    return rmq_consumer_close_async(consumer, timeout_ms, 0, nullptr, e);
  };
  refuse(RMQ_ERROR_ARGUMENT, "null", [&](auto** e) { return close(nullptr, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "timeout", [&](auto** e) { return close(a.consumer.get(), -1, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "not started",
         [&](auto** e) { return close(a.consumer.get(), 0, e); });
}

void push_consumer_destroy(Arguments&) { rmq_consumer_destroy(nullptr); }

}  // namespace

void consumer_update(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null consumer",
         [&](auto** e) { return rmq_consumer_update(nullptr, a.config.get(), e); });
  refuse(RMQ_ERROR_ARGUMENT, "null changes",
         [&](auto** e) { return rmq_consumer_update(a.consumer.get(), nullptr, e); });
  const Config fixed = make_config({{"consumer_group", "another"}});
  refuse(RMQ_ERROR_OPTION_VALUE, "an option that may not change",
         [&](auto** e) { return rmq_consumer_update(a.consumer.get(), fixed.get(), e); });
  const Config live = make_config({{"close_timeout", "1s"}});
  EXPECT_EQ(rmq_consumer_update(a.consumer.get(), live.get(), nullptr), RMQ_OK);
}

const CaseTable kPushConsumerCases = {
    {"rmq_consumer_update", consumer_update},
    {"rmq_event_answer", event_answer},
    {"rmq_event_answer_batch", event_answer_batch},
    {"rmq_event_answer_each", event_answer_each},
    {"rmq_event_delivery", event_delivery},
    {"rmq_event_messages", event_messages},
    {"rmq_consumer_close", push_consumer_close},
    {"rmq_consumer_close_async", push_consumer_close_async},
    {"rmq_consumer_destroy", push_consumer_destroy},
    {"rmq_consumer_new", push_consumer_new},
    {"rmq_consumer_start", push_consumer_start},
    {"rmq_consumer_subscribe", push_consumer_subscribe},
    {"rmq_consumer_unsubscribe", push_consumer_unsubscribe},
};

}  // namespace rmq::test::abi
