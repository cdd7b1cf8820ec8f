// Taking a callback off its queue, and what a close says of callbacks that have not returned.
#include <atomic>
#include <thread>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

class CallbackRemoval : public testing::Test {
 protected:
  void start(const char* threads, std::function<std::int32_t(rmq_event_t*)> handler) {
    handler_ = std::move(handler);
    runtime = make_runtime({{"dispatcher_threads", threads}});
    queue = make_queue(runtime.get());
    ASSERT_EQ(rmq_event_queue_set_callback(queue.get(), &CallbackRemoval::call, this, 0, nullptr),
              RMQ_OK);
    ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
    producer = make_producer(runtime.get(), queue.get());
    ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  }
  void send(std::uint64_t token) {
    ASSERT_EQ(rmq_producer_send_async(producer.get(), message.get(), destination.get(), 0, kLongMs,
                                      token, nullptr, nullptr),
              RMQ_OK);
  }
  std::int32_t take_away() {
    return rmq_event_queue_set_callback(queue.get(), nullptr, nullptr, 0, nullptr);
  }
  // Takes the callback away with `action` while it runs; tells whether the action came back before
  // the callback had ended.
  bool returns_early(const std::function<void()>& action) {
    std::atomic<bool> is_inside{false};
    std::atomic<bool> is_taking{false};
    std::atomic<bool> has_returned{false};
    std::atomic<bool> was_early{false};
    start("2", [&](rmq_event_t*) {
      is_inside = true;
      while (!is_taking) std::this_thread::yield();
      for (int i = 0; i < 200; ++i) std::this_thread::yield();
      was_early = has_returned.load();
      return RMQ_ANSWER_NONE;
    });
    send(1);
    while (!is_inside) std::this_thread::yield();
    is_taking = true;
    action();
    has_returned = true;
    handler_ = [](rmq_event_t*) {
      ADD_FAILURE() << "called after it was taken away";
      return RMQ_ANSWER_NONE;
    };
    return was_early;
  }

 private:
  static std::int32_t call(rmq_event_view_t* event, void* self) {
    return static_cast<CallbackRemoval*>(self)->handler_(event->event);
  }
  std::function<std::int32_t(rmq_event_t*)> handler_;

 protected:
  LoopbackServer broker;
  Runtime runtime;
  EventQueue queue;
  Producer producer;
  Destination destination = make_destination(broker.address());
  Message message = make_message();
};

TEST_F(CallbackRemoval, waits_for_the_call_under_way_and_leaves_later_events_to_polls) {
  EXPECT_FALSE(returns_early([this] { EXPECT_EQ(take_away(), RMQ_OK); }));
  send(2);
  const Event event = poll(queue.get());
  ASSERT_TRUE(event);
  EXPECT_EQ(view_of(event).token, 2u);
  EXPECT_EQ(rmq_runtime_close(runtime.get(), kLongMs, nullptr), RMQ_OK);
}

TEST_F(CallbackRemoval, by_the_destroy_of_the_queue_waits_for_the_call_under_way) {
  EXPECT_FALSE(returns_early([this] { queue.reset(); }));
  EXPECT_EQ(rmq_runtime_close(runtime.get(), kLongMs, nullptr), RMQ_OK);
}

TEST_F(CallbackRemoval, by_the_destroy_of_a_queue_whose_runtime_is_gone_waits_too) {
  EXPECT_FALSE(returns_early([this] {
    producer.reset();
    runtime.reset();
    queue.reset();
  }));
}

TEST_F(CallbackRemoval, of_the_default_queue_comes_with_the_destroy_of_the_runtime) {
  struct State {
    std::atomic<bool> is_inside{false};
    std::atomic<bool> is_taking{false};
    std::atomic<bool> has_returned{false};
    std::atomic<bool> was_early{false};
  } state;
  const auto callback = [](rmq_event_view_t*, void* user_data) -> std::int32_t {
    auto& its = *static_cast<State*>(user_data);
    its.is_inside = true;
    while (!its.is_taking) std::this_thread::yield();
    for (int i = 0; i < 200; ++i) std::this_thread::yield();
    its.was_early = its.has_returned.load();
    return RMQ_ANSWER_NONE;
  };
  runtime = make_runtime();
  ASSERT_EQ(rmq_event_queue_set_callback(rmq_runtime_event_queue(runtime.get()), callback, &state,
                                         0, nullptr),
            RMQ_OK);
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  producer = make_producer(runtime.get());
  ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  for (std::uint64_t token = 0; token < 10; ++token) send(token);
  while (!state.is_inside) std::this_thread::yield();
  state.is_taking = true;
  producer.reset();
  runtime.reset();
  state.has_returned = true;
  EXPECT_FALSE(state.was_early);
}

TEST_F(CallbackRemoval, inside_the_callback_does_not_wait_for_itself) {
  std::atomic<int> calls{0};
  start("1", [&](rmq_event_t*) {
    ++calls;
    EXPECT_EQ(take_away(), RMQ_OK);
    EXPECT_EQ(take_away(), RMQ_OK);
    return RMQ_ANSWER_NONE;
  });
  for (std::uint64_t token = 0; token < 3; ++token) send(token);
  while (calls == 0) std::this_thread::yield();
  EXPECT_EQ(take_away(), RMQ_OK) << "from outside: waits for the call";
  EXPECT_TRUE(poll(queue.get()));
  EXPECT_TRUE(poll(queue.get()));
  EXPECT_EQ(calls, 1);
}

TEST_F(CallbackRemoval, before_the_start_leaves_a_queue_without_one) {
  runtime = make_runtime();
  queue = make_queue(runtime.get());
  const auto ignore = [](rmq_event_view_t*, void*) -> std::int32_t { return RMQ_ANSWER_NONE; };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(rmq_event_queue_set_callback(queue.get(), ignore, nullptr, 0, nullptr), RMQ_OK);
    EXPECT_EQ(rmq_event_queue_fd(queue.get()), -1);
    EXPECT_EQ(take_away(), RMQ_OK);
    EXPECT_GE(rmq_event_queue_fd(queue.get()), 0);
    EXPECT_FALSE(poll(queue.get(), 0));
  }
  EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  EXPECT_EQ(threads_of(runtime.get()), 1);
}

// Close waits 5 s for it, which is the grace that the header states.
TEST_F(CallbackRemoval, is_how_to_wait_for_a_callback_that_a_close_has_left_behind) {
  std::atomic<bool> is_inside{false};
  std::atomic<bool> may_end{false};
  start("1", [&](rmq_event_t*) {
    is_inside = true;
    while (!may_end) std::this_thread::yield();
    return RMQ_ANSWER_NONE;
  });
  send(1);
  while (!is_inside) std::this_thread::yield();
  std::string message_text;
  EXPECT_EQ(code_of([&](rmq_error_t** error) { return rmq_runtime_close(runtime.get(), 1, error); },
                    &message_text),
            RMQ_ERROR_CLOSE_TIMEOUT);
  EXPECT_NE(message_text.find("callbacks"), std::string::npos) << message_text;
  EXPECT_EQ(threads_of(runtime.get()), 1);
  may_end = true;
  EXPECT_EQ(take_away(), RMQ_OK);
  EXPECT_EQ(rmq_runtime_close(runtime.get(), kLongMs, nullptr), RMQ_OK) << "now all have ended";
  EXPECT_EQ(threads_of(runtime.get()), 0);
}

}  // namespace
}  // namespace rmq::test::abi
