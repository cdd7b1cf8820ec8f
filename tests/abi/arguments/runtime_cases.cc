// Runtimes and event queues; of events null only, as real ones are in the other tests.
#include "tests/abi/arguments/cases.h"

namespace rmq::test::abi {
namespace {

void runtime_new(Arguments&) {
  refuse(RMQ_ERROR_ARGUMENT, "null", [](auto** e) { return rmq_runtime_new(nullptr, nullptr, e); });
  const Config config = make_config({{"producer_group", "p"}});
  refuse(RMQ_ERROR_OPTION_PLACE, "a producer's option", [&](auto** e) {
    auto* runtime = garbage<rmq_runtime_t>();
    const std::int32_t code = rmq_runtime_new(config.get(), &runtime, e);
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

void runtime_thread_count(Arguments& a) {
  EXPECT_EQ(rmq_runtime_thread_count(nullptr), 0);
  EXPECT_EQ(rmq_runtime_thread_count(a.runtime.get()), 0);
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
  refuse(RMQ_ERROR_WRONG_THREAD, "not driven",
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
std::int32_t ignore_event(rmq_event_t*, void*) { return RMQ_ANSWER_DONE; }

void event_queue_set_callback(Arguments& a) {
  refuse(RMQ_ERROR_ARGUMENT, "null queue",
         [](auto** e) { return rmq_event_queue_set_callback(nullptr, ignore_event, nullptr, e); });
  EXPECT_EQ(rmq_event_queue_set_callback(a.queue.get(), nullptr, nullptr, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_event_queue_set_callback(a.queue.get(), ignore_event, nullptr, nullptr), RMQ_OK);
  refuse(RMQ_ERROR_ARGUMENT, "a second callback", [&](auto** e) {
    return rmq_event_queue_set_callback(a.queue.get(), ignore_event, nullptr, e);
  });
  refuse(RMQ_ERROR_ARGUMENT, "a wake-up beside it",
         [&](auto** e) { return rmq_event_queue_set_wakeup(a.queue.get(), nullptr, nullptr, e); });
  refuse(RMQ_ERROR_WRONG_THREAD, "a poll beside it", [&](auto** e) {
    rmq_event_t* event = nullptr;
    return rmq_event_queue_poll(a.queue.get(), 0, &event, e);
  });
}

void event_queue_poll(Arguments& a) {
  const auto poll = [](rmq_event_queue_t* queue, std::int64_t timeout_ms, rmq_error_t** error) {
    auto* event = garbage<rmq_event_t>();
    const std::int32_t code = rmq_event_queue_poll(queue, timeout_ms, &event, error);
    EXPECT_EQ(event, nullptr);
    return code;
  };
  refuse(RMQ_ERROR_ARGUMENT, "null queue", [&](auto** e) { return poll(nullptr, 0, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null event",
         [&](auto** e) { return rmq_event_queue_poll(a.queue.get(), 0, nullptr, e); });
  for (const std::int64_t bad : {std::int64_t{-2}, INT64_MIN}) {
    refuse(RMQ_ERROR_ARGUMENT, "timeout", [&](auto** e) { return poll(a.queue.get(), bad, e); });
  }
}

void event_queue_poll_batch(Arguments& a) {
  rmq_event_view_t views[2];
  const auto poll = [](rmq_event_queue_t* queue, std::int64_t timeout_ms, rmq_event_view_t* to,
                       std::size_t view_size, rmq_error_t** error) {
    std::size_t count = 9;
    const std::int32_t code =
        rmq_event_queue_poll_batch(queue, timeout_ms, to, view_size, 2, &count, error);
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
         [&](auto** e) { return poll(a.queue.get(), 0, views, 7, e); });
  refuse(RMQ_ERROR_ARGUMENT, "timeout",
         [&](auto** e) { return poll(a.queue.get(), -2, views, size, e); });
  refuse(RMQ_ERROR_ARGUMENT, "null count", [&](auto** e) {
    return rmq_event_queue_poll_batch(a.queue.get(), 0, views, size, 2, nullptr, e);
  });
}

void event_queue_interrupt(Arguments&) { rmq_event_queue_interrupt(nullptr); }

void event_queue_length(Arguments&) { EXPECT_EQ(rmq_event_queue_length(nullptr), 0u); }

void event_queue_dropped(Arguments&) { EXPECT_EQ(rmq_event_queue_dropped(nullptr), 0u); }

void event_view(Arguments&) {
  rmq_event_view_t view{};
  EXPECT_EQ(rmq_event_view(nullptr, &view, sizeof view), RMQ_ERROR_ARGUMENT);
}

void event_type(Arguments&) { EXPECT_EQ(rmq_event_type(nullptr), 0); }

void event_token(Arguments&) { EXPECT_EQ(rmq_event_token(nullptr), 0u); }

void event_user_data(Arguments&) { EXPECT_EQ(rmq_event_user_data(nullptr), nullptr); }

void event_error(Arguments&) { EXPECT_EQ(rmq_event_error(nullptr), nullptr); }

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

void event_destroy(Arguments&) { rmq_event_destroy(nullptr); }

void event_destroy_batch(Arguments&) {
  rmq_event_view_t views[2] = {};
  rmq_event_destroy_batch(nullptr, sizeof views[0], 2);
  rmq_event_destroy_batch(views, 0, 2);
  rmq_event_destroy_batch(views, sizeof views[0], 2);
}

}  // namespace

const CaseTable kRuntimeCases = {
    {"rmq_event_answer_text", event_answer_text},
    {"rmq_event_destroy", event_destroy},
    {"rmq_event_destroy_batch", event_destroy_batch},
    {"rmq_event_error", event_error},
    {"rmq_event_log", event_log},
    {"rmq_event_queue_destroy", event_queue_destroy},
    {"rmq_event_queue_dropped", event_queue_dropped},
    {"rmq_event_queue_fd", event_queue_fd},
    {"rmq_event_queue_interrupt", event_queue_interrupt},
    {"rmq_event_queue_length", event_queue_length},
    {"rmq_event_queue_new", event_queue_new},
    {"rmq_event_queue_poll", event_queue_poll},
    {"rmq_event_queue_poll_batch", event_queue_poll_batch},
    {"rmq_event_queue_set_callback", event_queue_set_callback},
    {"rmq_event_queue_set_wakeup", event_queue_set_wakeup},
    {"rmq_event_send_result", event_send_result},
    {"rmq_event_text", event_text},
    {"rmq_event_token", event_token},
    {"rmq_event_type", event_type},
    {"rmq_event_user_data", event_user_data},
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
    {"rmq_runtime_thread_count", runtime_thread_count},
    {"rmq_runtime_timeout_ms", runtime_timeout_ms},
};

}  // namespace rmq::test::abi
