// The callback door: threads of an event queue call the user's function.
#include <atomic>
#include <mutex>
#include <thread>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

// A client whose events go to `handle`.
class Callbacks {
 public:
  using Handler = std::function<std::int32_t(rmq_event_t*)>;

  Callbacks(const std::string& address, const char* threads, Handler handler,
            const Options& producer_options = {})
      : handler_(std::move(handler)),
        runtime(make_runtime({{"dispatcher_threads", threads}})),
        queue(make_queue(runtime.get())),
        destination(make_destination(address)),
        message(make_message()) {
    EXPECT_EQ(rmq_event_queue_set_callback(queue.get(), &Callbacks::call, this, 0, nullptr),
              RMQ_OK);
    EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
    producer = make_producer(runtime.get(), queue.get(), producer_options);
    EXPECT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  }
  void send(std::uint64_t token) {
    EXPECT_EQ(rmq_producer_send_async(producer.get(), message.get(), destination.get(), 0, kLongMs,
                                      token, nullptr, nullptr),
              RMQ_OK);
  }
  std::int32_t try_send(std::uint64_t token, rmq_error_t** error = nullptr) {
    return rmq_producer_send_async(producer.get(), message.get(), destination.get(), 0, kLongMs,
                                   token, nullptr, error);
  }
  std::int32_t close() { return rmq_runtime_close(runtime.get(), kLongMs, nullptr); }

 private:
  static std::int32_t call(rmq_event_view_t* event, void* self) {
    return static_cast<Callbacks*>(self)->handler_(event->event);
  }
  const Handler handler_;

 public:
  Runtime runtime;
  EventQueue queue;
  Producer producer;
  Destination destination;
  Message message;
};

void wait_until(const std::atomic<int>& value, int wanted) {
  while (value < wanted) std::this_thread::yield();
}

TEST(Callback, comes_in_the_order_of_the_queue_with_one_thread) {
  LoopbackServer broker;
  std::vector<std::uint64_t> tokens;
  Callbacks client(broker.address(), "1", [&](rmq_event_t* event) {
    tokens.push_back(view_of(event).token);
    return RMQ_ANSWER_NONE;
  });
  EXPECT_EQ(threads_of(client.runtime.get()), 2);
  for (std::uint64_t token = 0; token < 1000; ++token) client.send(token);
  EXPECT_EQ(client.close(), RMQ_OK);  // returns after the last callback
  ASSERT_EQ(tokens.size(), 1000u);
  for (std::uint64_t token = 0; token < 1000; ++token) ASSERT_EQ(tokens[token], token);
  EXPECT_EQ(threads_of(client.runtime.get()), 0);
}

TEST(Callback, runs_on_four_threads_at_once) {
  LoopbackServer broker;
  std::atomic<int> inside{0};
  Callbacks client(broker.address(), "4", [&](rmq_event_t*) {
    ++inside;
    wait_until(inside, 4);  // ends only if all four get here
    return RMQ_ANSWER_NONE;
  });
  for (std::uint64_t token = 0; token < 4; ++token) client.send(token);
  EXPECT_EQ(client.close(), RMQ_OK);
  EXPECT_EQ(inside, 4);
}

std::int32_t count_event(rmq_event_view_t*, void* counter) {
  ++*static_cast<std::atomic<int>*>(counter);
  return RMQ_ANSWER_NONE;
}

// Two queues, two numbers of threads; the second gets its callback while events wait on it.
TEST(Callback, has_the_threads_of_its_queue_before_and_after_the_start) {
  LoopbackServer broker;
  Callbacks client(broker.address(), "2", [](rmq_event_t*) { return RMQ_ANSWER_NONE; });
  const EventQueue second = make_queue(client.runtime.get());
  const Producer producer = make_producer(client.runtime.get(), second.get());
  ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  EXPECT_EQ(threads_of(client.runtime.get()), 1 + 2);
  const auto send = [&] {
    EXPECT_EQ(rmq_producer_send_async(producer.get(), client.message.get(),
                                      client.destination.get(), 0, kLongMs, 1, nullptr, nullptr),
              RMQ_OK);
  };
  send();
  ASSERT_EQ(rmq_producer_flush(producer.get(), kLongMs, nullptr), RMQ_OK);
  std::atomic<int> calls{0};
  ASSERT_EQ(rmq_event_queue_set_callback(second.get(), count_event, &calls, 3, nullptr), RMQ_OK);
  EXPECT_EQ(threads_of(client.runtime.get()), 1 + 2 + 3);
  wait_until(calls, 1);
  ASSERT_EQ(rmq_event_queue_set_callback(second.get(), nullptr, nullptr, 0, nullptr), RMQ_OK);
  EXPECT_EQ(threads_of(client.runtime.get()), 1 + 2);
  send();
  ASSERT_EQ(rmq_producer_flush(producer.get(), kLongMs, nullptr), RMQ_OK);
  EXPECT_EQ(rmq_event_queue_length(second.get()), 1u);
  ASSERT_EQ(rmq_event_queue_set_callback(second.get(), count_event, &calls, 1, nullptr), RMQ_OK);
  EXPECT_EQ(client.close(), RMQ_OK);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(rmq_event_queue_set_callback(second.get(), count_event, &calls, 1, nullptr),
            RMQ_ERROR_CLOSED);
}

TEST(Callback, hands_the_event_over_when_it_answers_later) {
  LoopbackServer broker;
  std::mutex mutex;
  std::vector<Event> kept;
  Callbacks client(broker.address(), "4", [&](rmq_event_t* event) {
    const std::lock_guard lock(mutex);
    kept.emplace_back(event);
    return RMQ_EVENT_KEEP;
  });
  for (std::uint64_t token = 0; token < 100; ++token) client.send(token);
  EXPECT_EQ(client.close(), RMQ_OK);
  ASSERT_EQ(kept.size(), 100u);
  client.runtime.reset();
  client.producer.reset();
  for (const Event& event : kept) {
    EXPECT_EQ(code_of(event), RMQ_OK);
    EXPECT_GT(read_whole(event.get()), 0u);
  }
}

TEST(Callback, may_send_synchronously) {
  LoopbackServer broker;
  std::atomic<int> sent{0};
  Callbacks* self = nullptr;
  Callbacks client(broker.address(), "1", [&](rmq_event_t*) {
    EXPECT_EQ(rmq_producer_send(self->producer.get(), self->message.get(), self->destination.get(),
                                0, kLongMs, nullptr, nullptr),
              RMQ_OK);
    ++sent;
    return RMQ_ANSWER_NONE;
  });
  self = &client;
  client.send(1);
  wait_until(sent, 1);
  EXPECT_EQ(client.close(), RMQ_OK);
  EXPECT_EQ(broker.messages("orders").size(), 2u);
}

// Only this thread could make the room that it would wait for.
TEST(Callback, that_sends_at_the_bound_is_told_at_once) {
  LoopbackServer broker;
  std::atomic<int> calls{0};
  Callbacks* self = nullptr;
  Callbacks client(
      broker.address(), "1",
      [&](rmq_event_t*) {
        if (calls == 0) {
          EXPECT_EQ(self->try_send(2), RMQ_OK) << "this event gave its room back";
          rmq_error_t* raw = nullptr;
          EXPECT_EQ(self->try_send(3, &raw), RMQ_ERROR_QUEUE_FULL);
          const Error error(raw);
          rmq_error_view_t view{};
          EXPECT_EQ(rmq_error_view(error.get(), &view, sizeof view), RMQ_OK);
          EXPECT_NE(text_of(view.hint).find("return from the callback"), std::string::npos);
          EXPECT_EQ(rmq_producer_send(self->producer.get(), self->message.get(),
                                      self->destination.get(), 0, kLongMs, nullptr, nullptr),
                    RMQ_ERROR_QUEUE_FULL);
          EXPECT_EQ(rmq_producer_flush_async(self->producer.get(), kLongMs, 4, nullptr, nullptr),
                    RMQ_ERROR_QUEUE_FULL);
        }
        ++calls;
        return RMQ_ANSWER_NONE;
      },
      {{"max_inflight", "1"}, {"queue_full_policy", "block"}});
  self = &client;
  client.send(1);
  wait_until(calls, 2);
  EXPECT_EQ(client.close(), RMQ_OK);
}

TEST(Callback, may_close_producer_and_runtime_without_waiting) {
  LoopbackServer broker;
  std::atomic<int> calls{0};
  Callbacks* self = nullptr;
  Callbacks client(broker.address(), "1", [&](rmq_event_t*) {
    EXPECT_EQ(rmq_producer_close(self->producer.get(), kLongMs, nullptr), RMQ_ERROR_IN_PROGRESS);
    EXPECT_EQ(rmq_runtime_close(self->runtime.get(), kLongMs, nullptr), RMQ_ERROR_IN_PROGRESS);
    ++calls;
    return RMQ_ANSWER_NONE;
  });
  self = &client;
  client.send(1);
  wait_until(calls, 1);
  EXPECT_EQ(client.close(), RMQ_OK);
  EXPECT_EQ(calls, 1);
}

TEST(Callback, may_destroy_everything_it_came_from) {
  LoopbackServer broker;
  std::atomic<int> calls{0};
  Callbacks* self = nullptr;
  Callbacks client(broker.address(), "1", [&](rmq_event_t* event) {
    self->producer.reset();
    self->runtime.reset();
    self->queue.reset();
    EXPECT_GT(read_whole(event), 0u);
    ++calls;
    return RMQ_ANSWER_NONE;
  });
  self = &client;
  client.send(1);
  wait_until(calls, 1);
}

TEST(Callback, makes_destroy_cut_a_long_close_short) {
  LoopbackServer broker;
  broker.call([](testbroker::Server& server) {
    server.script().on_any().from(2).then(testbroker::fault::no_answer());
  });
  std::atomic<int> calls{0};
  Callbacks* self = nullptr;
  Callbacks client(broker.address(), "1", [&](rmq_event_t* event) {
    if (++calls > 1) return RMQ_ANSWER_NONE;
    EXPECT_EQ(view_of(event).token, 1u);
    self->send(2);  // never answered
    EXPECT_EQ(rmq_runtime_close(self->runtime.get(), 600'000, nullptr), RMQ_ERROR_IN_PROGRESS);
    self->runtime.reset();
    return RMQ_ANSWER_NONE;
  });
  self = &client;
  client.send(1);
  wait_until(calls, 2);
}

}  // namespace
}  // namespace rmq::test::abi
