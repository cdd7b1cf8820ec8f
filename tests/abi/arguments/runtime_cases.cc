// Runtimes and event queues; of events null only, as real ones are in the other tests.
#include "tests/abi/arguments/cases.h"

namespace rmq::test::abi {
namespace {

void runtime_new(Arguments&) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_runtime_new(nullptr, 0, nullptr, nullptr, e); });
  const Config config = make_config({{"run_mode", "driven"}, {"dispatcher_threads", "2"}});
  refuse(RMQ_ERROR_OPTION_VALUE, "a contradiction", [&](auto** e) {
    auto* runtime = garbage<rmq_runtime_t>();
    const std::int32_t code = rmq_runtime_new(config.get(), 0, nullptr, &runtime, e);
    EXPECT_EQ(runtime, nullptr);
    return code;
  });
}

void runtime_start(Arguments&) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_runtime_start(nullptr, e); });
}

void runtime_close(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_runtime_close(nullptr, 0, e); });
  for (const std::int64_t bad : {std::int64_t{-1}, INT64_MIN}) {
    refuse(RMQ_ERROR_ARGUMENT, "negative",
           [&](auto** e) { return rmq_runtime_close(a.runtime.get(), bad, e); });
  }
}

void runtime_close_async(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_runtime_close_async(nullptr, 0, 0, nullptr, e); });
  refuse(RMQ_ERROR_ARGUMENT, "negative",
         [&](auto** e) { return rmq_runtime_close_async(a.runtime.get(), -1, 0, nullptr, e); });
  refuse(RMQ_ERROR_NOT_STARTED, "not started",
         [&](auto** e) { return rmq_runtime_close_async(a.runtime.get(), 0, 0, nullptr, e); });
}

void runtime_destroy(Arguments&) { rmq_runtime_destroy(nullptr); }

void runtime_view(Arguments& a) {
  rmq_runtime_view_t view{};
  EXPECT_EQ(rmq_runtime_view(nullptr, &view, sizeof view), RMQ_ERROR_ARGUMENT);
  refuse_bad_views<rmq_runtime_view_t>(
      [&](auto* to, auto size) { return rmq_runtime_view(a.runtime.get(), to, size); });
}

void runtime_event_queue(Arguments&) { EXPECT_EQ(rmq_runtime_event_queue(nullptr), nullptr); }

void runtime_set_event_queue(Arguments& a) {
  const auto set = [&](std::int32_t type, rmq_event_queue_t* queue, rmq_error_t** error) {
    return rmq_runtime_set_event_queue(a.runtime.get(), type, queue, error);
  };
  refuse(RMQ_ERROR_ARGUMENT, "null", [&](auto** e) {
    return rmq_runtime_set_event_queue(nullptr, RMQ_EVENT_LOG, a.queue.get(), e);
  });
  for (const std::int32_t type : {INT32_MIN, -1, 0, 1, 2, 3, 6, INT32_MAX}) {
    refuse(RMQ_ERROR_ARGUMENT, "type", [&](auto** e) { return set(type, a.queue.get(), e); });
  }
  const Runtime other = make_runtime();
  refuse(RMQ_ERROR_ARGUMENT, "another runtime's queue",
         [&](auto** e) { return set(RMQ_EVENT_LOG, rmq_runtime_event_queue(other.get()), e); });
}

void runtime_fd(Arguments& a) {
  EXPECT_EQ(rmq_runtime_fd(nullptr), -1);
  EXPECT_EQ(rmq_runtime_fd(a.runtime.get()), -1);
}

void runtime_timeout_ms(Arguments& a) {
  EXPECT_EQ(rmq_runtime_timeout_ms(nullptr), -1);
  EXPECT_EQ(rmq_runtime_timeout_ms(a.runtime.get()), -1);
}

void runtime_step(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_runtime_step(nullptr, e); });
  refuse(RMQ_ERROR_WRONG_MODE, "not driven",
         [&](auto** e) { return rmq_runtime_step(a.runtime.get(), e); });
  const Runtime driven = make_runtime({{"run_mode", "driven"}});
  refuse(RMQ_ERROR_NOT_STARTED, "not started",
         [&](auto** e) { return rmq_runtime_step(driven.get(), e); });
}

void event_queue_new(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null queue",
         [&](auto** e) { return rmq_event_queue_new(a.runtime.get(), nullptr, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null runtime", [](auto** e) {
    auto* queue = garbage<rmq_event_queue_t>();
    const std::int32_t code = rmq_event_queue_new(nullptr, &queue, e);
    EXPECT_EQ(queue, nullptr);
    return code;
  });
}

void event_queue_destroy(Arguments& a) {
  rmq_event_queue_destroy(nullptr);
  rmq_event_queue_destroy(rmq_runtime_event_queue(a.runtime.get()));
  EXPECT_EQ(rmq_event_queue_length(rmq_runtime_event_queue(a.runtime.get())), 0u);
}

void event_queue_fd(Arguments&) { EXPECT_EQ(rmq_event_queue_fd(nullptr), -1); }

void event_queue_set_wakeup(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_event_queue_set_wakeup(nullptr, nullptr, nullptr, e); });
  EXPECT_EQ(rmq_event_queue_set_wakeup(a.queue.get(), nullptr, nullptr, nullptr), RMQ_OK);
}
std::int32_t ignore_event(rmq_event_view_t*, void*) { return RMQ_ANSWER_NONE; }

void event_queue_set_callback(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null queue", [](auto** e) {
    return rmq_event_queue_set_callback(nullptr, ignore_event, nullptr, 0, e);
  });
  for (const std::int32_t threads : {-1, 257}) {
    refuse(RMQ_ERROR_ARGUMENT, "a number of threads that is out of range", [&](auto** e) {
      return rmq_event_queue_set_callback(a.queue.get(), ignore_event, nullptr, threads, e);
    });
  }
  EXPECT_EQ(rmq_event_queue_set_callback(a.queue.get(), nullptr, nullptr, 0, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_event_queue_set_callback(a.queue.get(), ignore_event, nullptr, 0, nullptr), RMQ_OK);
  refuse(RMQ_ERROR_ARGUMENT, "a second callback", [&](auto** e) {
    return rmq_event_queue_set_callback(a.queue.get(), ignore_event, nullptr, 0, e);
  });
  refuse(RMQ_ERROR_ARGUMENT, "a wake-up beside it",
         [&](auto** e) { return rmq_event_queue_set_wakeup(a.queue.get(), nullptr, nullptr, e); });
  refuse(RMQ_ERROR_WRONG_MODE, "a poll beside it", [&](auto** e) {
    rmq_event_t* event = nullptr;
    return poll_one(a.queue.get(), 0, &event, e);
  });
}

void event_queue_poll(Arguments& a) {
  rmq_event_view_t views[2];
  const auto poll = [](rmq_event_queue_t* queue, std::int64_t timeout_ms, rmq_event_view_t* to,
                       std::size_t view_size, rmq_error_t** error) {
    std::size_t count = 9;
    const std::int32_t code =
        rmq_event_queue_poll(queue, timeout_ms, to, view_size, 2, &count, error);
    EXPECT_EQ(count, 0u);
    return code;
  };
  const std::size_t size = sizeof views[0];
  refuse(RMQ_ERROR_ARGUMENT, "null queue",
         [&](auto** e) { return poll(nullptr, 0, views, size, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null views",
         [&](auto** e) { return poll(a.queue.get(), 0, nullptr, size, e); });
  refuse(RMQ_ERROR_ARGUMENT, "no view_size",
         [&](auto** e) { return poll(a.queue.get(), 0, views, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "small view_size",
         [&](auto** e) { return poll(a.queue.get(), 0, views, 63, e); });
  for (const std::int64_t bad : {std::int64_t{-2}, INT64_MIN}) {
    refuse(RMQ_ERROR_ARGUMENT, "timeout",
           [&](auto** e) { return poll(a.queue.get(), bad, views, size, e); });
  }
  refuse(RMQ_ERROR_ARGUMENT, "null count", [&](auto** e) {
    return rmq_event_queue_poll(a.queue.get(), 0, views, size, 2, nullptr, e);
  });
}

void event_queue_poll_messages(Arguments& a) {
  rmq_event_view_t views[2];
  rmq_message_view_t messages[2];
  std::size_t count = 9;
  std::size_t message_count = 9;
  const auto poll = [&](rmq_event_queue_t* queue, rmq_message_view_t* to, std::size_t view_size,
                        std::size_t* shown, rmq_error_t** error) {
    return rmq_event_queue_poll_messages(queue, 0, views, sizeof views[0], 2, &count, to, view_size,
                                         2, shown, error);
  };
  const std::size_t size = sizeof messages[0];
  refuse(RMQ_ERROR_ARGUMENT, "null queue",
         [&](auto** e) { return poll(nullptr, messages, size, &message_count, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null messages",
         [&](auto** e) { return poll(a.queue.get(), nullptr, size, &message_count, e); });
  refuse(RMQ_ERROR_ARGUMENT, "no message_view_size",
         [&](auto** e) { return poll(a.queue.get(), messages, 0, &message_count, e); });
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(message_count, 0u);
  refuse(RMQ_ERROR_ARGUMENT, "null message_count",
         [&](auto** e) { return poll(a.queue.get(), messages, size, nullptr, e); });
}

void event_queue_interrupt(Arguments&) { rmq_event_queue_interrupt(nullptr); }

void event_queue_length(Arguments&) { EXPECT_EQ(rmq_event_queue_length(nullptr), 0u); }

void event_queue_dropped(Arguments&) { EXPECT_EQ(rmq_event_queue_dropped(nullptr), 0u); }

void event_view(Arguments&) {
  rmq_event_view_t view{};
  EXPECT_EQ(rmq_event_view(nullptr, &view, sizeof view), RMQ_ERROR_ARGUMENT);
}

void event_send_result(Arguments&) {
  rmq_send_result_view_t view{};
  EXPECT_EQ(rmq_event_send_result(nullptr, &view, sizeof view), RMQ_ERROR_ARGUMENT);
}

void event_log(Arguments&) {
  rmq_log_view_t view{};
  EXPECT_EQ(rmq_event_log(nullptr, &view, sizeof view), RMQ_ERROR_ARGUMENT);
}

void event_text(Arguments&) {
  std::size_t bytes = 7;
  EXPECT_EQ(rmq_event_text(nullptr, &bytes), nullptr);
  EXPECT_EQ(bytes, 0u);
}

void event_answer_text(Arguments&) {
  refuse(RMQ_ERROR_ARGUMENT, "null",
         [](auto** e) { return rmq_event_answer_text(nullptr, "127.0.0.1", SIZE_MAX, e); });
}

void event_queues(Arguments&) {
  rmq_queue_view_t view{};
  EXPECT_EQ(rmq_event_queues(nullptr, 0, &view, sizeof view, 1), 0u);
}

void event_destroy(Arguments&) { rmq_event_destroy(nullptr); }

void event_destroy_batch(Arguments&) {
  rmq_event_view_t views[2] = {};
  rmq_event_destroy_batch(nullptr, sizeof views[0], 2);
  rmq_event_destroy_batch(views, 0, 2);
  rmq_event_destroy_batch(views, 63, 2);
  rmq_event_destroy_batch(views, sizeof views[0], 2);
}

}  // namespace

void runtime_update(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null runtime",
         [&](auto** e) { return rmq_runtime_update(nullptr, a.config.get(), e); });
  refuse(RMQ_ERROR_ARGUMENT, "null changes",
         [&](auto** e) { return rmq_runtime_update(a.runtime.get(), nullptr, e); });
  const Config fixed = make_config({{"log_level", "info"}, {"client_ip", "10.0.0.1"}});
  refuse(RMQ_ERROR_OPTION_VALUE, "an option that may not change",
         [&](auto** e) { return rmq_runtime_update(a.runtime.get(), fixed.get(), e); });
  const Config live = make_config({{"close_timeout", "1s"}});
  EXPECT_EQ(rmq_runtime_update(a.runtime.get(), live.get(), nullptr), RMQ_OK);
}

const CaseTable kRuntimeCases = {
    {"rmq_runtime_update", runtime_update},
    {"rmq_event_answer_text", event_answer_text},
    {"rmq_event_destroy", event_destroy},
    {"rmq_event_destroy_batch", event_destroy_batch},
    {"rmq_event_log", event_log},
    {"rmq_event_queue_destroy", event_queue_destroy},
    {"rmq_event_queue_dropped", event_queue_dropped},
    {"rmq_event_queue_fd", event_queue_fd},
    {"rmq_event_queue_interrupt", event_queue_interrupt},
    {"rmq_event_queue_length", event_queue_length},
    {"rmq_event_queue_new", event_queue_new},
    {"rmq_event_queue_poll", event_queue_poll},
    {"rmq_event_queue_poll_messages", event_queue_poll_messages},
    {"rmq_event_queue_set_callback", event_queue_set_callback},
    {"rmq_event_queue_set_wakeup", event_queue_set_wakeup},
    {"rmq_event_queues", event_queues},
    {"rmq_event_send_result", event_send_result},
    {"rmq_event_text", event_text},
    {"rmq_event_view", event_view},
    {"rmq_runtime_close", runtime_close},
    {"rmq_runtime_close_async", runtime_close_async},
    {"rmq_runtime_destroy", runtime_destroy},
    {"rmq_runtime_event_queue", runtime_event_queue},
    {"rmq_runtime_fd", runtime_fd},
    {"rmq_runtime_new", runtime_new},
    {"rmq_runtime_set_event_queue", runtime_set_event_queue},
    {"rmq_runtime_start", runtime_start},
    {"rmq_runtime_step", runtime_step},
    {"rmq_runtime_timeout_ms", runtime_timeout_ms},
    {"rmq_runtime_view", runtime_view},
};

}  // namespace rmq::test::abi
