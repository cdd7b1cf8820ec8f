// Blocking calls that run the loop on their callers' threads, beside everything else that wants the
// loop. Which thread runs it is up to the library; cases that are about it try until it does.
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

using protocol::RequestCode;

// More calls than are needed for callers to run the loop.
constexpr int kManyCalls = 50;

class BlockingCall : public testing::Test {
 protected:
  std::int32_t send(std::int32_t flags = 0, std::int64_t timeout_ms = kLongMs) {
    return rmq_producer_send(client.producer.get(), client.message.get(), client.destination.get(),
                             flags, timeout_ms, nullptr, nullptr);
  }
  void send_many(int calls = kManyCalls) {
    for (int i = 0; i < calls; ++i) ASSERT_EQ(send(), RMQ_OK);
  }
  // From now on the answers to sends are held; release() gives them.
  void hold() {
    broker.call([](testbroker::Server& server) {
      server.script().on(RequestCode::SEND_MESSAGE_V2).then(testbroker::fault::hold());
    });
  }
  void release() {
    broker.call([](testbroker::Server& server) {
      server.script().clear();
      server.release_held();
    });
  }
  bool wait_until_held(std::size_t count = 1) {
    return broker.wait_until(
        [count](testbroker::Server& server) { return server.held_count() >= count; });
  }
  std::size_t stored() { return broker.messages("orders").size(); }

  LoopbackServer broker;
  Client client{broker.address()};
};

// What a wake-up function sees, which the loop calls inside a turn.
struct Turn {
  rmq_producer_t* producer;
  rmq_message_t* message;
  rmq_destination_t* destination;
  rmq_event_queue_t* queue;
  std::atomic<std::thread::id> thread{};
  std::atomic<std::int32_t> send_code{-1};
  std::atomic<std::int32_t> poll_code{-1};
  std::atomic<std::int32_t> flush_code{-1};

  static void look(void* data) {
    auto* self = static_cast<Turn*>(data);
    rmq_event_view_t view;
    std::size_t count = 0;
    self->send_code =
        rmq_producer_send(self->producer, self->message, self->destination, 0, 0, nullptr, nullptr);
    self->flush_code = rmq_producer_flush(self->producer, 0, nullptr);
    self->poll_code =
        rmq_event_queue_poll(self->queue, kLongMs, &view, sizeof view, 1, &count, nullptr);
    self->thread = std::this_thread::get_id();  // last: the case waits for it
  }
};

TEST_F(BlockingCall, runs_the_loop_and_refuses_others_inside_its_turns) {
  Turn turn{client.producer.get(), client.message.get(), client.destination.get(),
            client.queue.get()};
  ASSERT_EQ(rmq_event_queue_set_wakeup(client.queue.get(), &Turn::look, &turn, nullptr), RMQ_OK);
  bool has_run = false;
  for (int attempt = 0; attempt < 100 && !has_run; ++attempt) {
    turn.thread = std::thread::id();
    std::thread caller([this] {
      send_many();
      hold();
      EXPECT_EQ(send(), RMQ_OK);
    });
    const std::thread::id caller_id = caller.get_id();
    ASSERT_TRUE(wait_until_held());
    // Its answer comes in a turn of the caller that waits, or of the loop's thread.
    ASSERT_EQ(client.send(), RMQ_OK);
    ASSERT_TRUE(wait_until_held(2));
    release();
    while (turn.thread.load() == std::thread::id()) std::this_thread::yield();
    has_run = turn.thread.load() == caller_id;
    EXPECT_EQ(turn.send_code, RMQ_ERROR_WRONG_THREAD);
    EXPECT_EQ(turn.flush_code, RMQ_ERROR_WRONG_THREAD);
    EXPECT_EQ(turn.poll_code, RMQ_ERROR_WRONG_THREAD);
    caller.join();
    EXPECT_EQ(code_of(client.next()), RMQ_OK);
  }
  EXPECT_TRUE(has_run);
  EXPECT_EQ(rmq_event_queue_set_wakeup(client.queue.get(), nullptr, nullptr, nullptr), RMQ_OK);
}

TEST_F(BlockingCall, of_threads_that_take_turns_all_end) {
  std::mutex baton;
  const auto work = [&] {
    for (int i = 0; i < 500; ++i) {
      const std::lock_guard turn(baton);
      ASSERT_EQ(send(), RMQ_OK);
    }
  };
  std::thread others[] = {std::thread(work), std::thread(work), std::thread(work)};
  for (std::thread& other : others) other.join();
  EXPECT_EQ(stored(), 1500u);
}

TEST_F(BlockingCall, of_many_threads_at_once_all_end) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([this] { send_many(250); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stored(), 2000u);
}

TEST_F(BlockingCall, beside_asynchronous_sends_holds_nothing_up) {
  std::thread blocking([this] { send_many(1000); });
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(client.send(), RMQ_OK);
    ASSERT_EQ(code_of(client.next()), RMQ_OK);
  }
  blocking.join();
  EXPECT_EQ(stored(), 2000u);
}

// Of one thread, which never waits for its own asynchronous sends in a blocking call.
TEST_F(BlockingCall, after_an_asynchronous_send_keeps_their_order) {
  for (int i = 0; i < 300; ++i) {
    const std::string body = std::to_string(i);
    rmq_message_set_body(client.message.get(), body.data(), body.size(), nullptr);
    if (i % 3 == 0) {
      ASSERT_EQ(client.send(), RMQ_OK);
    } else {
      ASSERT_EQ(send(), RMQ_OK);
    }
  }
  EXPECT_EQ(rmq_producer_flush(client.producer.get(), 0, nullptr), RMQ_OK);
  int next = 0;
  for (const testbroker::Message& message : broker.messages("orders")) {
    EXPECT_EQ(message.body, std::to_string(next++));
  }
  EXPECT_EQ(next, 300);
}

// No turn of the loop waits for the network in these calls.
TEST_F(BlockingCall, that_sends_one_way_ends_at_once) {
  send_many();
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 300; ++i) ASSERT_EQ(send(RMQ_FLAG_ONEWAY), RMQ_OK);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
  send_many(1);
  EXPECT_EQ(stored(), 351u);
}

TEST_F(BlockingCall, that_has_nothing_to_wait_for_ends_at_once) {
  send_many();
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(rmq_producer_flush(client.producer.get(), kLongMs, nullptr), RMQ_OK);
    if (i % 10 == 0) send_many(5);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

TEST_F(BlockingCall, that_cannot_connect_fails_soon) {
  const Destination nowhere = make_destination("127.0.0.1:1");
  const auto before = std::chrono::steady_clock::now();
  for (int round = 0; round < 3; ++round) {
    send_many();
    EXPECT_EQ(rmq_producer_send(client.producer.get(), client.message.get(), nowhere.get(), 0,
                                kLongMs, nullptr, nullptr),
              RMQ_ERROR_REFUSED);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(15));
}

TEST_F(BlockingCall, keeps_its_time_limit) {
  send_many();
  hold();
  EXPECT_EQ(send(0, 50), RMQ_ERROR_REQUEST_TIMEOUT);
  EXPECT_EQ(send(0, 50), RMQ_ERROR_REQUEST_TIMEOUT);
  release();
  send_many();
}

TEST_F(BlockingCall, sees_that_the_broker_has_come_back_since_the_one_before) {
  for (int round = 0; round < 20; ++round) {
    send_many();
    broker.call([](testbroker::Server& server) {
      server.stop();
      ASSERT_TRUE(server.start().ok());
    });
    // One that comes very soon may still be written to the connection that has ended.
    rmq_error_t* error = nullptr;
    const std::int32_t code =
        rmq_producer_send(client.producer.get(), client.message.get(), client.destination.get(), 0,
                          kLongMs, nullptr, &error);
    EXPECT_TRUE(code == RMQ_OK || code == RMQ_ERROR_RESET) << rmq_error_message(error);
    rmq_error_destroy(error);
  }
}

TEST_F(BlockingCall, is_ended_by_a_close_of_the_runtime) {
  send_many();
  hold();
  std::int32_t code = RMQ_OK;
  std::thread caller([&] { code = send(); });
  ASSERT_TRUE(wait_until_held());
  EXPECT_EQ(rmq_runtime_close(client.runtime.get(), 50, nullptr), RMQ_ERROR_CLOSE_TIMEOUT);
  caller.join();
  EXPECT_EQ(code, RMQ_ERROR_SHUTDOWN);
  EXPECT_EQ(send(), RMQ_ERROR_CLOSED);
}

TEST_F(BlockingCall, is_ended_by_a_close_of_the_producer) {
  send_many();
  hold();
  std::int32_t code = RMQ_OK;
  std::thread caller([&] { code = send(); });
  ASSERT_TRUE(wait_until_held());
  EXPECT_EQ(rmq_producer_close(client.producer.get(), 50, nullptr), RMQ_ERROR_CLOSE_TIMEOUT);
  caller.join();
  EXPECT_NE(code, RMQ_OK);
  EXPECT_EQ(rmq_runtime_close(client.runtime.get(), kLongMs, nullptr), RMQ_OK);
}

TEST_F(BlockingCall, is_waited_for_by_a_close_that_has_the_time) {
  send_many();
  hold();
  std::int32_t code = -1;
  std::thread caller([&] { code = send(); });
  ASSERT_TRUE(wait_until_held());
  ASSERT_EQ(rmq_runtime_close_async(client.runtime.get(), kLongMs, 0, nullptr, nullptr), RMQ_OK);
  release();
  caller.join();
  EXPECT_EQ(code, RMQ_OK);
  EXPECT_EQ(rmq_runtime_close(client.runtime.get(), kLongMs, nullptr), RMQ_OK);
}

TEST_F(BlockingCall, is_ended_by_the_destroy_of_the_runtime) {
  send_many();
  hold();
  std::int32_t code = RMQ_OK;
  std::thread caller([&] { code = send(); });
  ASSERT_TRUE(wait_until_held());
  client.queue.reset();
  client.runtime.reset();
  caller.join();
  EXPECT_EQ(code, RMQ_ERROR_SHUTDOWN);
}

// At any moment of calls that follow each other.
TEST(BlockingCalls, end_when_the_runtime_closes_beside_them) {
  LoopbackServer broker;
  for (int round = 0; round < 50; ++round) {
    Client client(broker.address());
    std::atomic<int> sent = 0;
    std::thread caller([&] {
      while (rmq_producer_send(client.producer.get(), client.message.get(),
                               client.destination.get(), 0, kLongMs, nullptr, nullptr) == RMQ_OK) {
        ++sent;
      }
    });
    while (sent < round) std::this_thread::yield();
    if (round % 2 == 0) {
      EXPECT_EQ(client.close(), RMQ_OK);
    } else {
      client.queue.reset();
      client.runtime.reset();
    }
    caller.join();
  }
}

TEST_F(BlockingCall, leaves_a_child_that_is_forked_meanwhile_what_it_needs_to_destroy_all) {
  send_many();
  hold();
  std::thread caller([this] { EXPECT_EQ(send(), RMQ_OK); });
  ASSERT_TRUE(wait_until_held());
  EXPECT_EQ(run_in_child([this] {
              if (send() != RMQ_ERROR_FORKED) return 1;
              client.producer.reset();
              client.queue.reset();
              client.runtime.reset();
              return 0;
            }),
            0);
  release();
  caller.join();
  send_many();
}

// A callback sends, as its thread is the user's.
struct Forwarder {
  rmq_producer_t* producer;
  rmq_message_t* message;
  rmq_destination_t* destination;
  std::atomic<int> failed = 0;
  std::atomic<int> calls = 0;

  static std::int32_t call(rmq_event_view_t*, void* data) {
    auto* self = static_cast<Forwarder*>(data);
    for (int i = 0; i < 20; ++i) {
      if (rmq_producer_send(self->producer, self->message, self->destination, 0, kLongMs, nullptr,
                            nullptr) != RMQ_OK)
        ++self->failed;
    }
    ++self->calls;
    return RMQ_ANSWER_NONE;
  }
};

TEST_F(BlockingCall, may_be_made_in_a_callback) {
  Forwarder forwarder{client.producer.get(), client.message.get(), client.destination.get()};
  ASSERT_EQ(
      rmq_event_queue_set_callback(client.queue.get(), &Forwarder::call, &forwarder, 2, nullptr),
      RMQ_OK);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(client.send(), RMQ_OK);
    send_many(2);
  }
  while (forwarder.calls < 100) std::this_thread::yield();
  EXPECT_EQ(forwarder.failed, 0);
  EXPECT_EQ(client.close(), RMQ_OK);
  EXPECT_EQ(stored(), 100u * 23);
}

TEST(BlockingCalls, and_pauses_between_them_do_not_hold_heartbeats_up) {
  testbroker::ServerOptions options;
  options.topics = {{.name = "orders"}};
  LoopbackServer broker(options);
  Client client(broker.address(), {},
                {{"namesrv_addr", broker.address()}, {"heartbeat_broker_interval", "100"}});
  const auto heartbeats = [&] {
    std::uint64_t count = 0;
    broker.call([&](testbroker::Server& server) {
      count =
          server.counts().requests_by_code.at(static_cast<std::int32_t>(RequestCode::HEART_BEAT));
    });
    return count;
  };
  const auto send = [&] {
    return rmq_producer_send(client.producer.get(), client.message.get(), nullptr, 0, kLongMs,
                             nullptr, nullptr);
  };
  for (int i = 0; i < kManyCalls; ++i) ASSERT_EQ(send(), RMQ_OK);
  const std::uint64_t at_first = heartbeats();
  while (heartbeats() < at_first + 3) {
    for (int i = 0; i < kManyCalls; ++i) ASSERT_EQ(send(), RMQ_OK);
  }
  // Nothing is called any more.
  EXPECT_TRUE(broker.wait_until([at_last = heartbeats()](testbroker::Server& server) {
    return server.counts().requests_by_code.at(
               static_cast<std::int32_t>(RequestCode::HEART_BEAT)) >= at_last + 3;
  }));
  EXPECT_EQ(client.close(), RMQ_OK);
}

// What the caller has lent is read by the loop, whoever runs it, and not after the call.
TEST_F(BlockingCall, lends_a_large_body_that_the_kernel_does_not_take_at_once) {
  send_many();
  std::string body(3 << 20, 'x');
  const Message message = make_message();
  ASSERT_EQ(rmq_message_set_body_pinned(message.get(), body.data(), body.size(), nullptr), RMQ_OK);
  for (int round = 0; round < 5; ++round) {
    std::fill(body.begin(), body.end(), static_cast<char>('a' + round));
    ASSERT_EQ(rmq_producer_send(client.producer.get(), message.get(), client.destination.get(), 0,
                                kLongMs, nullptr, nullptr),
              RMQ_OK);
    std::fill(body.begin(), body.end(), '-');
    send_many(5);
  }
}

}  // namespace
}  // namespace rmq::test::abi
