// Destinations that choose a queue: by the sharding key, and by a function of the user's.
#include <atomic>
#include <functional>
#include <future>
#include <set>
#include <thread>

#include "tests/abi/support.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

// A function of C for whatever a test wants to do in it.
struct Choice {
  using Function = std::function<std::int64_t(const rmq_message_view_t&, std::vector<std::string>)>;
  explicit Choice(Function choose_queue) : choose(std::move(choose_queue)) {}

  static std::int64_t call(const rmq_message_view_t* message, const rmq_queue_view_t* queues,
                           std::size_t view_size, std::size_t count, void* user_data) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) {
      const auto* queue = reinterpret_cast<const rmq_queue_view_t*>(
          reinterpret_cast<const char*>(queues) + i * view_size);
      EXPECT_STREQ(queue->topic, "orders");
      EXPECT_EQ(queue->error_code, RMQ_OK);
      EXPECT_EQ(queue->offset, -1);
      EXPECT_EQ(queue->broker_name[queue->broker_name_bytes], '\0');
      names.push_back(queue->broker_name + std::to_string(queue->queue_id));
    }
    auto& choice = *static_cast<Choice*>(user_data);
    ++choice.calls;
    choice.thread = std::this_thread::get_id();
    return choice.choose(*message, names);
  }
  Destination destination() { return make_selected(RMQ_SELECTOR_CALLBACK, call, this); }

  Function choose;
  std::atomic<int> calls{0};
  std::thread::id thread;
};

class SelectorTest : public ::testing::Test {
 protected:
  std::int32_t send(const rmq_destination_t* destination, std::int32_t flags = 0,
                    std::int64_t timeout_ms = kLongMs, std::string* why = nullptr) {
    return code_of(
        [&](rmq_error_t** error) {
          rmq_event_t* event = nullptr;
          const std::int32_t code =
              rmq_producer_send(client.producer.get(), client.message.get(), destination, flags,
                                timeout_ms, &event, error);
          if (code == RMQ_OK) queue_id = view_of(event).queue_id;
          rmq_event_destroy(event);
          return code;
        },
        why);
  }
  std::int32_t send_async(const rmq_destination_t* destination, std::int32_t flags = 0,
                          std::string* why = nullptr) {
    return code_of(
        [&](rmq_error_t** error) {
          return rmq_producer_send_async(client.producer.get(), client.message.get(), destination,
                                         flags, kLongMs, 1, nullptr, error);
        },
        why);
  }

  static testbroker::ServerOptions eight_queues() {
    testbroker::ServerOptions options;
    options.topics = {{.name = "orders", .read_queues = 8, .write_queues = 8}};
    return options;
  }

  LoopbackServer broker{eight_queues()};
  Client client{broker.address(), {}, {{"namesrv_addr", broker.address()}}};
  std::int32_t queue_id = -1;
};

TEST_F(SelectorTest, the_sharding_key_chooses_the_queue_that_the_hash_says) {
  struct Row {
    std::int32_t selector;
    std::int32_t queue_id;
  };
  // "orderId" is 0xc0b7ff0985906f9, -1207110391 in Java, 0xcb6dc8ee8a805db4 in libstdc++.
  constexpr Row kRows[] = {{RMQ_SELECTOR_HASH_OF_SHARDING_KEY, 1},
                           {RMQ_SELECTOR_JAVA_HASH_OF_SHARDING_KEY, 7},
                           {RMQ_SELECTOR_CPP_HASH_OF_SHARDING_KEY, 4}};
  ASSERT_EQ(rmq_message_set_text(client.message.get(), RMQ_FIELD_SHARDING_KEY, "orderId", SIZE_MAX,
                                 nullptr),
            RMQ_OK);
  for (const Row& row : kRows) {
    for (const std::int32_t flags : {0, int(RMQ_FLAG_ORDERED)}) {
      ASSERT_EQ(send(make_selected(row.selector).get(), flags), RMQ_OK);
      EXPECT_EQ(queue_id, row.queue_id) << row.selector;
    }
  }
}

TEST_F(SelectorTest, a_function_sees_message_and_queues_on_the_thread_that_sends) {
  Choice choice([](const rmq_message_view_t& message, const std::vector<std::string>& queues) {
    EXPECT_STREQ(message.topic, "orders");
    EXPECT_EQ(std::string(static_cast<const char*>(message.body), message.body_bytes), "hello");
    EXPECT_EQ(queues.size(), 8u);
    EXPECT_EQ(queues[5], "broker-a5");
    return 5;
  });
  const Destination destination = choice.destination();
  // The first blocking send waits for the route.
  ASSERT_EQ(send(destination.get()), RMQ_OK);
  EXPECT_EQ(queue_id, 5);
  EXPECT_EQ(choice.thread, std::this_thread::get_id());
  ASSERT_EQ(send_async(destination.get(), RMQ_FLAG_ORDERED), RMQ_OK);
  EXPECT_EQ(choice.calls, 2);
  EXPECT_EQ(view_of(client.next()).queue_id, 5);
  EXPECT_EQ(choice.calls, 2);
}

TEST_F(SelectorTest, an_index_out_of_range_refuses_the_send_in_words) {
  for (const std::int64_t index : {std::int64_t{-1}, std::int64_t{8}, INT64_MAX, INT64_MIN}) {
    Choice choice([index](const auto&, const auto&) { return index; });
    const Destination destination = choice.destination();
    std::string why;
    EXPECT_EQ(send(destination.get(), 0, kLongMs, &why), RMQ_ERROR_ARGUMENT);
    EXPECT_NE(why.find(std::to_string(index) + ", expected 0 to 7"), std::string::npos) << why;
    EXPECT_EQ(send_async(destination.get()), RMQ_ERROR_ARGUMENT);
  }
  EXPECT_TRUE(broker.messages("orders").empty());
}

TEST_F(SelectorTest, an_asynchronous_send_that_may_not_wait_is_refused_until_the_route_is_known) {
  Choice choice([](const auto&, const auto&) { return 2; });
  const Destination destination = choice.destination();
  std::string why;
  ASSERT_EQ(send_async(destination.get(), 0, &why), RMQ_ERROR_ROUTE_UNKNOWN);
  EXPECT_NE(why.find("orders"), std::string::npos) << why;
  EXPECT_EQ(choice.calls, 0);
  // The refused call has asked for it.
  ASSERT_TRUE(broker.wait_until(
      [](testbroker::Server& server) { return server.counts().requests_by_code.contains(105); }));
  std::int32_t code = RMQ_ERROR_ROUTE_UNKNOWN;
  while (code == RMQ_ERROR_ROUTE_UNKNOWN) code = send_async(destination.get());
  EXPECT_EQ(code, RMQ_OK);
  EXPECT_EQ(view_of(client.next()).queue_id, 2);
}

TEST_F(SelectorTest, with_the_policy_to_block_an_asynchronous_send_waits_for_the_route) {
  ASSERT_EQ(rmq_producer_update(client.producer.get(),
                                make_config({{"queue_full_policy", "block"}}).get(), nullptr),
            RMQ_OK);
  Choice choice([](const auto&, const auto&) { return 3; });
  const Destination destination = choice.destination();
  EXPECT_EQ(send_async(destination.get(), RMQ_FLAG_NO_WAIT), RMQ_ERROR_ROUTE_UNKNOWN);
  ASSERT_EQ(send_async(destination.get()), RMQ_OK);
  EXPECT_EQ(view_of(client.next()).queue_id, 3);
}

TEST_F(SelectorTest, a_route_that_does_not_come_ends_the_wait_at_the_time_limit) {
  broker.call([](testbroker::Server& server) {
    server.script()
        .on(protocol::RequestCode::GET_ROUTEINFO_BY_TOPIC)
        .then(testbroker::fault::no_answer());
  });
  Choice choice([](const auto&, const auto&) { return 0; });
  const Destination destination = choice.destination();
  std::string why;
  EXPECT_NE(send(destination.get(), 0, 300, &why), RMQ_OK);
  EXPECT_NE(why.find("no route to the topic orders"), std::string::npos) << why;
  EXPECT_EQ(choice.calls, 0);
}

TEST_F(SelectorTest, a_function_may_send_and_even_to_its_own_destination) {
  Destination destination;
  Choice choice([&](const auto&, const auto&) -> std::int64_t {
    if (choice.calls > 3) return 1;
    EXPECT_EQ(send(destination.get()), RMQ_OK);
    EXPECT_EQ(send_async(destination.get()), RMQ_OK);
    return 0;
  });
  destination = choice.destination();
  ASSERT_EQ(send(destination.get()), RMQ_OK);
  EXPECT_GE(broker.messages("orders").size(), 4u);
}

TEST_F(SelectorTest, a_function_may_close_the_producer_whose_send_is_refused_then) {
  for (const bool is_blocking : {true, false}) {
    Client other(broker.address(), {}, {{"namesrv_addr", broker.address()}});
    ASSERT_EQ(rmq_producer_send(other.producer.get(), other.message.get(), nullptr, 0, kLongMs,
                                nullptr, nullptr),
              RMQ_OK);
    Choice choice([&](const auto&, const auto&) {
      EXPECT_EQ(rmq_producer_close(other.producer.get(), kLongMs, nullptr), RMQ_OK);
      return 0;
    });
    const Destination destination = choice.destination();
    const std::int32_t code =
        is_blocking ? rmq_producer_send(other.producer.get(), other.message.get(),
                                        destination.get(), 0, kLongMs, nullptr, nullptr)
                    : rmq_producer_send_async(other.producer.get(), other.message.get(),
                                              destination.get(), 0, kLongMs, 1, nullptr, nullptr);
    EXPECT_EQ(code, RMQ_ERROR_CLOSED);
    EXPECT_EQ(choice.calls, 1);
  }
}

// Nothing of the library waits for a function: neither other sends nor the close.
TEST_F(SelectorTest, a_function_that_blocks_holds_up_nothing_but_its_own_send) {
  std::promise<void> entered;
  std::promise<void> leave;
  Choice choice([&](const auto&, const auto&) {
    entered.set_value();
    leave.get_future().wait();
    return 0;
  });
  ASSERT_EQ(send(nullptr), RMQ_OK);
  const Destination destination = choice.destination();
  std::int32_t code = RMQ_OK;
  std::thread blocked([&] { code = send(destination.get()); });
  entered.get_future().wait();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(rmq_producer_send(client.producer.get(), client.message.get(), nullptr, 0, kLongMs,
                                nullptr, nullptr),
              RMQ_OK);
  }
  EXPECT_EQ(rmq_producer_close(client.producer.get(), kLongMs, nullptr), RMQ_OK);
  leave.set_value();
  blocked.join();
  EXPECT_EQ(code, RMQ_ERROR_CLOSED);
}

TEST_F(SelectorTest, a_close_ends_the_wait_for_a_route) {
  broker.call([](testbroker::Server& server) {
    server.script()
        .on(protocol::RequestCode::GET_ROUTEINFO_BY_TOPIC)
        .then(testbroker::fault::no_answer());
  });
  Choice choice([](const auto&, const auto&) { return 0; });
  const Destination destination = choice.destination();
  std::int32_t code = RMQ_OK;
  std::thread waiting([&] { code = send(destination.get()); });
  ASSERT_TRUE(broker.wait_until(
      [](testbroker::Server& server) { return server.counts().requests_by_code.contains(105); }));
  EXPECT_EQ(rmq_producer_close(client.producer.get(), kLongMs, nullptr), RMQ_OK);
  waiting.join();
  EXPECT_TRUE(code == RMQ_ERROR_CLOSING || code == RMQ_ERROR_CLOSED) << code;
}

TEST_F(SelectorTest, packed_messages_are_shown_and_placed_one_by_one) {
  ASSERT_EQ(send(nullptr), RMQ_OK);
  std::string seen;
  Choice choice([&](const rmq_message_view_t& message, const auto&) -> std::int64_t {
    seen += std::string(static_cast<const char*>(message.body), message.body_bytes) + " ";
    return *static_cast<const char*>(message.body) - 'a';
  });
  const Destination destination = choice.destination();
  const std::uint32_t offsets[] = {0, 1, 3, 4};
  std::size_t accepted = 0;
  ASSERT_EQ(rmq_producer_send_packed(client.producer.get(), client.message.get(), RMQ_PART_BODY,
                                     "cbba", offsets, nullptr, 3, destination.get(), 0, kLongMs,
                                     nullptr, &accepted, nullptr),
            RMQ_OK);
  EXPECT_EQ(accepted, 3u);
  EXPECT_EQ(seen, "c bb a ");
  std::multiset<std::int32_t> queues;
  for (int i = 0; i < 3; ++i) queues.insert(view_of(client.next()).queue_id);
  EXPECT_EQ(queues, (std::multiset<std::int32_t>{0, 1, 2}));
}

TEST_F(SelectorTest, blocking_ordered_sends_of_many_threads_all_get_through) {
  ASSERT_EQ(
      rmq_message_set_text(client.message.get(), RMQ_FIELD_SHARDING_KEY, "one", SIZE_MAX, nullptr),
      RMQ_OK);
  const Destination destination = make_selected(RMQ_SELECTOR_HASH_OF_SHARDING_KEY);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        EXPECT_EQ(rmq_producer_send(client.producer.get(), client.message.get(), destination.get(),
                                    RMQ_FLAG_ORDERED, kLongMs, nullptr, nullptr),
                  RMQ_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(broker.messages("orders").size(), 200u);
}

}  // namespace
}  // namespace rmq::test::abi
