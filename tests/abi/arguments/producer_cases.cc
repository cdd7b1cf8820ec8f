// Destinations and producers.
#include "tests/abi/arguments/cases.h"

namespace rmq::test::abi {
namespace {

void destination_new(Arguments&) {
  const auto make = [](const char* address, std::size_t bytes, const char* name,
                       std::size_t name_bytes, std::int32_t queue_id, rmq_error_t** error) {
    auto* destination = garbage<rmq_destination_t>();
    const std::int32_t code =
        rmq_destination_new(address, bytes, name, name_bytes, queue_id, &destination, error);
    EXPECT_EQ(destination, nullptr);
    return code;
  };
  refuse(RMQ_ERROR_ARGUMENT, "null destination",
         [](auto** e) { return rmq_destination_new("a:1", 3, nullptr, 0, 0, nullptr, e); });
  refuse(RMQ_ERROR_ARGUMENT, "neither address nor broker",
         [&](auto** e) { return make(nullptr, 0, nullptr, 0, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "empty broker name",
         [&](auto** e) { return make(nullptr, 0, "", 0, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "queue_id without an address",
         [&](auto** e) { return make(nullptr, 0, "broker-a", SIZE_MAX, -2, e); });
  for (const char* address :
       {"", ":", "a", "a:", ":1", "a:0", "a:65536", "a:-1", "a:1x", "[::1]", "[::1:1", "a b:1"}) {
    refuse(RMQ_ERROR_ARGUMENT, address,
           [&](auto** e) { return make(address, SIZE_MAX, nullptr, 0, 0, e); });
  }
  for (const std::int32_t queue_id : {INT32_MIN, -2, 65536, INT32_MAX}) {
    refuse(RMQ_ERROR_ARGUMENT, "queue_id",
           [&](auto** e) { return make("a:1", 3, nullptr, 0, queue_id, e); });
  }
  refuse_bad_texts(
      [&](auto* text, auto bytes, auto** e) { return make(text, bytes, nullptr, 0, 0, e); });
  refuse_bad_texts(
      [&](auto* text, auto bytes, auto** e) { return make("a:1", 3, text, bytes, 0, e); });
}

std::int64_t choose_first(const rmq_message_view_t*, const rmq_queue_view_t*, std::size_t,
                          std::size_t, void*) {
  return 0;
}

void destination_new_selected(Arguments& a) {
  const auto make = [](std::int32_t selector, rmq_select_fn select, rmq_error_t** error) {
    auto* destination = garbage<rmq_destination_t>();
    const std::int32_t code =
        rmq_destination_new_selected(selector, select, nullptr, &destination, error);
    EXPECT_EQ(destination, nullptr);
    return code;
  };
  refuse(RMQ_ERROR_ARGUMENT, "null destination", [](auto** e) {
    return rmq_destination_new_selected(RMQ_SELECTOR_RANDOM, nullptr, nullptr, nullptr, e);
  });
  for (const std::int32_t selector : {INT32_MIN, -1, 0, 8, INT32_MAX}) {
    refuse(RMQ_ERROR_ARGUMENT, "selector", [&](auto** e) { return make(selector, nullptr, e); });
  }
  refuse(RMQ_ERROR_ARGUMENT, "a callback without a function",
         [&](auto** e) { return make(RMQ_SELECTOR_CALLBACK, nullptr, e); });
  refuse(RMQ_ERROR_ARGUMENT, "a function that nobody would call",
         [&](auto** e) { return make(RMQ_SELECTOR_RANDOM, choose_first, e); });
  for (const std::int32_t selector :
       {RMQ_SELECTOR_HASH_OF_SHARDING_KEY, RMQ_SELECTOR_JAVA_HASH_OF_SHARDING_KEY,
        RMQ_SELECTOR_CPP_HASH_OF_SHARDING_KEY}) {
    const Destination destination = make_selected(selector);
    refuse(RMQ_ERROR_MESSAGE_ILLEGAL, "no sharding key", [&](auto** e) {
      return rmq_producer_send_async(a.producer.get(), a.message.get(), destination.get(), 0, 0, 1,
                                     nullptr, e);
    });
  }
  const Destination room = make_selected(RMQ_SELECTOR_MACHINE_ROOM);
  refuse(RMQ_ERROR_ARGUMENT, "no machine room", [&](auto** e) {
    return rmq_producer_send_async(a.producer.get(), a.message.get(), room.get(), 0, 0, 1, nullptr,
                                   e);
  });
  const Destination random = make_selected(RMQ_SELECTOR_RANDOM);
  const Destination any_of_broker = make_destination("127.0.0.1:1", -1);
  const rmq_destination_t* const unordered[] = {nullptr, random.get(), room.get(),
                                                any_of_broker.get()};
  for (const rmq_destination_t* destination : unordered) {
    refuse(RMQ_ERROR_ARGUMENT, "ordered, to no fixed queue", [&](auto** e) {
      return rmq_producer_send_async(a.producer.get(), a.message.get(), destination,
                                     RMQ_FLAG_ORDERED, 0, 1, nullptr, e);
    });
  }
}

void destination_destroy(Arguments&) { rmq_destination_destroy(nullptr); }

void producer_new(Arguments& a) {
  const auto make = [](rmq_runtime_t* runtime, const Options& options, rmq_event_queue_t* queue,
                       rmq_error_t** error) {
    auto* producer = garbage<rmq_producer_t>();
    const std::int32_t code =
        rmq_producer_new(runtime, make_config(options).get(), queue, 0, nullptr, &producer, error);
    EXPECT_EQ(producer, nullptr);
    return code;
  };
  refuse(RMQ_ERROR_ARGUMENT, "null producer", [&](auto** e) {
    return rmq_producer_new(a.runtime.get(), nullptr, nullptr, 0, nullptr, nullptr, e);
  });
  refuse(RMQ_ERROR_ARGUMENT, "null runtime",
         [&](auto** e) { return make(nullptr, {}, nullptr, e); });
  refuse(RMQ_ERROR_GROUP_ILLEGAL, "no group",
         [&](auto** e) { return make(a.runtime.get(), {}, nullptr, e); });
  for (const char* group : {"a b", "a/b", "DEFAULT_PRODUCER"}) {
    refuse(RMQ_ERROR_GROUP_ILLEGAL, group, [&](auto** e) {
      return make(a.runtime.get(), {{"producer_group", group}}, nullptr, e);
    });
  }
  refuse(RMQ_ERROR_OPTION_PLACE, "a runtime's option", [&](auto** e) {
    return make(a.runtime.get(), {{"run_mode", "driven"}}, nullptr, e);
  });
  refuse(RMQ_ERROR_OPTION_VALUE, "contradiction", [&](auto** e) {
    return make(a.runtime.get(), {{"producer_group", "g"}, {"compress_level", "19"}}, nullptr, e);
  });
  const Runtime other = make_runtime();
  refuse(RMQ_ERROR_ARGUMENT, "another runtime's queue", [&](auto** e) {
    return make(a.runtime.get(), {{"producer_group", "g"}}, rmq_runtime_event_queue(other.get()),
                e);
  });
}

void producer_start(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_producer_start(nullptr, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "runtime not started",
         [&](auto** e) { return rmq_producer_start(a.producer.get(), e); });
}

// The send calls share these refusals. `send(producer, message, destination, timeout_ms, error)`.
using Send = std::function<std::int32_t(rmq_producer_t*, const rmq_message_t*,
                                        const rmq_destination_t*, std::int64_t, rmq_error_t**)>;

void refuse_sends(Arguments& a, const Send& send) {
  auto* p = a.producer.get();
  auto* m = a.message.get();
  auto* d = a.destination.get();
  refuse(RMQ_ERROR_ARGUMENT, "null producer", [&](auto** e) { return send(nullptr, m, d, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null message", [&](auto** e) { return send(p, nullptr, d, 0, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "any queue, not started",
         [&](auto** e) { return send(p, m, nullptr, 0, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "not started", [&](auto** e) { return send(p, m, d, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "timeout", [&](auto** e) { return send(p, m, d, -1, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "long timeout",
         [&](auto** e) { return send(p, m, d, INT64_MAX, e); });
}

void producer_send(Arguments& a) {
  refuse_sends(a, [](auto* p, auto* m, auto* d, std::int64_t timeout_ms, auto** e) {
    auto* event = garbage<rmq_event_t>();
    const std::int32_t code = rmq_producer_send(p, m, d, 0, timeout_ms, &event, e);
    EXPECT_EQ(event, nullptr);
    return code;
  });
  for (const std::int32_t flags :
       {-1, 2, RMQ_FLAG_ONEWAY | RMQ_FLAG_SILENT, 1 << 20, RMQ_FLAG_TRANSACTION | RMQ_FLAG_ONEWAY,
        RMQ_FLAG_ONEWAY | RMQ_FLAG_ORDERED, RMQ_FLAG_TRANSACTION | RMQ_FLAG_ORDERED}) {
    refuse(RMQ_ERROR_ARGUMENT, "flags", [&](auto** e) {
      return rmq_producer_send(a.producer.get(), a.message.get(), a.destination.get(), flags, 0,
                               nullptr, e);
    });
  }
}

void producer_send_async(Arguments& a) {
  for (const std::int32_t flags :
       {0, RMQ_FLAG_ONEWAY | 0, RMQ_FLAG_ONEWAY | RMQ_FLAG_SILENT, RMQ_FLAG_NO_WAIT | 0}) {
    refuse_sends(a, [flags](auto* p, auto* m, auto* d, std::int64_t timeout_ms, auto** e) {
      return rmq_producer_send_async(p, m, d, flags, timeout_ms, 1, nullptr, e);
    });
  }
  for (const std::int32_t flags :
       {INT32_MIN, -1, int(RMQ_FLAG_SILENT), 1 << 20, RMQ_FLAG_TRANSACTION | RMQ_FLAG_ONEWAY,
        RMQ_FLAG_ONEWAY | RMQ_FLAG_ORDERED, INT32_MAX}) {
    refuse(RMQ_ERROR_ARGUMENT, "flags", [&](auto** e) {
      return rmq_producer_send_async(a.producer.get(), a.message.get(), a.destination.get(), flags,
                                     0, 1, nullptr, e);
    });
  }
}

void producer_send_many(Arguments& a) {
  const auto send = [](auto* p, const rmq_message_t* const* messages, std::size_t count, auto* d,
                       std::int64_t timeout_ms, auto** e) {
    std::size_t accepted = 7;
    const std::int32_t code = rmq_producer_send_many(p, messages, nullptr, count, d, 0, timeout_ms,
                                                     nullptr, &accepted, e);
    EXPECT_EQ(accepted, 0u);
    return code;
  };
  refuse_sends(a, [&](auto* p, auto* m, auto* d, std::int64_t timeout_ms, auto** e) {
    const rmq_message_t* const messages[] = {m};
    return send(p, messages, 1, d, timeout_ms, e);
  });
  auto* const none = static_cast<const rmq_message_t* const*>(nullptr);
  refuse(RMQ_ERROR_ARGUMENT, "null messages",
         [&](auto** e) { return send(a.producer.get(), none, 1, a.destination.get(), 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "no messages, null producer", [&](auto** e) {
    return send(static_cast<rmq_producer_t*>(nullptr), none, 0, a.destination.get(), 0, e);
  });
}

void producer_send_packed(Arguments& a) {
  const std::uint32_t good[] = {0, 2, 4};
  const std::uint32_t falling[] = {4, 2, 0};
  const auto send = [](auto* p, auto* m, const void* buffer, const std::uint32_t* offsets, auto* d,
                       std::int64_t timeout_ms, auto** e) {
    std::size_t accepted = 7;
    const std::int32_t code = rmq_producer_send_packed(
        p, m, RMQ_PART_BODY, buffer, offsets, nullptr, 2, d, 0, timeout_ms, nullptr, &accepted, e);
    EXPECT_EQ(accepted, 0u);
    return code;
  };
  refuse_sends(a, [&](auto* p, auto* m, auto* d, std::int64_t timeout_ms, auto** e) {
    return send(p, m, "abcd", good, d, timeout_ms, e);
  });
  auto* p = a.producer.get();
  refuse(RMQ_ERROR_ARGUMENT, "null buffer", [&](auto** e) {
    return send(p, a.message.get(), nullptr, good, a.destination.get(), 0, e);
  });
  refuse(RMQ_ERROR_ARGUMENT, "null offsets", [&](auto** e) {
    return send(p, a.message.get(), "abcd", nullptr, a.destination.get(), 0, e);
  });
  for (const std::int32_t parts : {INT32_MIN, -1, 0, 16, INT32_MAX}) {
    refuse(RMQ_ERROR_ARGUMENT, "parts", [&](auto** e) {
      return rmq_producer_send_packed(p, a.message.get(), parts, "abcd", good, nullptr, 1,
                                      a.destination.get(), 0, 0, nullptr, nullptr, e);
    });
  }
  refuse(RMQ_ERROR_ARGUMENT, "falling offsets", [&](auto** e) {
    return send(p, a.message.get(), "abcd", falling, a.destination.get(), 0, e);
  });
}

void producer_cancel(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_producer_cancel(nullptr, 0, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "not started",
         [&](auto** e) { return rmq_producer_cancel(a.producer.get(), 0, e); });
}

void producer_flush(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_producer_flush(nullptr, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "timeout",
         [&](auto** e) { return rmq_producer_flush(a.producer.get(), -1, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "not started",
         [&](auto** e) { return rmq_producer_flush(a.producer.get(), 0, e); });
}

void producer_flush_async(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_producer_flush_async(nullptr, 0, 0, nullptr, e); });
  refuse(RMQ_ERROR_ARGUMENT, "timeout",
         [&](auto** e) { return rmq_producer_flush_async(a.producer.get(), -1, 0, nullptr, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "not started",
         [&](auto** e) { return rmq_producer_flush_async(a.producer.get(), 0, 0, nullptr, e); });
}

// The calls that ask servers share these. `call(producer, topic, bytes, timeout_ms, event, error)`.
template <typename Call>
void refuse_cold_calls(Arguments& a, Call call) {
  auto* p = a.producer.get();
  for (const bool blocks : {false, true}) {
    const auto ask = [&](auto* producer, const char* topic, std::size_t bytes,
                         std::int64_t timeout_ms, rmq_error_t** error) {
      auto* event = garbage<rmq_event_t>();
      const std::int32_t code =
          call(producer, topic, bytes, timeout_ms, blocks ? &event : nullptr, error);
      EXPECT_TRUE(!blocks || event == nullptr);
      return code;
    };
    refuse(RMQ_ERROR_ARGUMENT, "null producer",
           [&](auto** e) { return ask(static_cast<rmq_producer_t*>(nullptr), "orders", 6, 0, e); });
    refuse(RMQ_ERROR_ARGUMENT, "null topic", [&](auto** e) { return ask(p, nullptr, 0, 0, e); });
    refuse(RMQ_ERROR_TOPIC_ILLEGAL, "topic", [&](auto** e) { return ask(p, "a b", 3, 0, e); });
    refuse(RMQ_ERROR_ARGUMENT, "timeout", [&](auto** e) { return ask(p, "orders", 6, -1, e); });
    refuse(RMQ_ERROR_NOT_STARTED, "not started",
           [&](auto** e) { return ask(p, "orders", 6, 0, e); });
    refuse_bad_texts([&](auto* text, auto bytes, auto** e) { return ask(p, text, bytes, 0, e); });
  }
}

void producer_queues(Arguments& a) {
  refuse_cold_calls(a,
                    [](auto* p, auto* topic, auto bytes, auto timeout_ms, auto** event, auto** e) {
                      return rmq_producer_queues(p, topic, bytes, timeout_ms, 1, nullptr, event, e);
                    });
}

void producer_recall(Arguments& a) {
  // v1 orders broker-a 1795249857001 ID7
  constexpr const char* kHandle = "djEgb3JkZXJzIGJyb2tlci1hIDE3OTUyNDk4NTcwMDEgSUQ3";
  refuse_cold_calls(a,
                    [](auto* p, auto* topic, auto bytes, auto timeout_ms, auto** event, auto** e) {
                      return rmq_producer_recall(p, topic, bytes, kHandle, SIZE_MAX, timeout_ms, 1,
                                                 nullptr, event, e);
                    });
  const auto recall = [&](const char* topic, const char* handle, std::size_t bytes,
                          rmq_error_t** error) {
    return rmq_producer_recall(a.producer.get(), topic, SIZE_MAX, handle, bytes, 0, 1, nullptr,
                               nullptr, error);
  };
  refuse(RMQ_ERROR_ARGUMENT, "null handle",
         [&](auto** e) { return recall("orders", nullptr, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "empty handle", [&](auto** e) { return recall("orders", "", 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "unreadable handle",
         [&](auto** e) { return recall("orders", "handle", SIZE_MAX, e); });
  refuse(RMQ_ERROR_ARGUMENT, "handle of another topic",
         [&](auto** e) { return recall("bills", kHandle, SIZE_MAX, e); });
  refuse_bad_texts(
      [&](auto* text, auto bytes, auto** e) { return recall("orders", text, bytes, e); });
}

void producer_close(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_producer_close(nullptr, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "timeout",
         [&](auto** e) { return rmq_producer_close(a.producer.get(), -1, e); });
}

void producer_close_async(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_producer_close_async(nullptr, 0, 0, nullptr, e); });
  refuse(RMQ_ERROR_ARGUMENT, "timeout",
         [&](auto** e) { return rmq_producer_close_async(a.producer.get(), -1, 0, nullptr, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "not started",
         [&](auto** e) { return rmq_producer_close_async(a.producer.get(), 0, 0, nullptr, e); });
}

void producer_destroy(Arguments&) { rmq_producer_destroy(nullptr); }

}  // namespace

void producer_update(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null producer",
         [&](auto** e) { return rmq_producer_update(nullptr, a.config.get(), e); });
  refuse(RMQ_ERROR_ARGUMENT, "null changes",
         [&](auto** e) { return rmq_producer_update(a.producer.get(), nullptr, e); });
  const Config fixed = make_config({{"producer_group", "another"}});
  refuse(RMQ_ERROR_OPTION_VALUE, "an option that may not change",
         [&](auto** e) { return rmq_producer_update(a.producer.get(), fixed.get(), e); });
  const Config live = make_config({{"close_timeout", "1s"}});
  EXPECT_EQ(rmq_producer_update(a.producer.get(), live.get(), nullptr), RMQ_OK);
}

const CaseTable kProducerCases = {
    {"rmq_producer_update", producer_update},
    {"rmq_destination_destroy", destination_destroy},
    {"rmq_destination_new", destination_new},
    {"rmq_destination_new_selected", destination_new_selected},
    {"rmq_producer_cancel", producer_cancel},
    {"rmq_producer_close", producer_close},
    {"rmq_producer_close_async", producer_close_async},
    {"rmq_producer_destroy", producer_destroy},
    {"rmq_producer_flush", producer_flush},
    {"rmq_producer_flush_async", producer_flush_async},
    {"rmq_producer_new", producer_new},
    {"rmq_producer_queues", producer_queues},
    {"rmq_producer_recall", producer_recall},
    {"rmq_producer_send", producer_send},
    {"rmq_producer_send_async", producer_send_async},
    {"rmq_producer_send_many", producer_send_many},
    {"rmq_producer_send_packed", producer_send_packed},
    {"rmq_producer_start", producer_start},
};

}  // namespace rmq::test::abi
