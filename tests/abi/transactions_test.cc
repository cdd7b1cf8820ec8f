// Transactions through the header alone: how the events of half messages and of checks are
// answered.
#include <atomic>
#include <thread>

#include "protocol/end_transaction.h"
#include "tests/abi/support.h"
#include "tests/support/forked_child.h"
#include "tests/support/loopback_server.h"

namespace rmq::test::abi {
namespace {

std::int32_t answer(const Event& event, std::int32_t with, std::int64_t value = 0,
                    std::string* message = nullptr) {
  return code_of(
      [&](rmq_error_t** error) { return rmq_event_answer(event.get(), with, value, error); },
      message);
}

testbroker::ServerOptions usual() {
  testbroker::ServerOptions options;
  options.topics = {{.name = "orders"}};
  return options;
}

// Brokers that ask soon, and often.
testbroker::ServerOptions eager() {
  testbroker::ServerOptions options = usual();
  options.transaction_timeout = std::chrono::milliseconds(1);
  options.transaction_interval = std::chrono::milliseconds(20);
  options.transaction_check_max = 1'000'000;
  return options;
}

class TransactionsTest : public testing::Test {
 protected:
  explicit TransactionsTest(const testbroker::ServerOptions& options = usual())
      : broker(options), client(broker.address(), {}, {{"namesrv_addr", broker.address()}}) {}

  std::int32_t send(std::int32_t flags = RMQ_FLAG_TRANSACTION, std::uint64_t token = 1,
                    std::string* message = nullptr) {
    return code_of(
        [&](rmq_error_t** error) {
          return rmq_producer_send_async(client.producer.get(), client.message.get(), nullptr,
                                         flags, kLongMs, token, nullptr, error);
        },
        message);
  }
  Event begin() {
    EXPECT_EQ(send(), RMQ_OK);
    Event event = client.next();
    EXPECT_EQ(view_of(event).wants_answer, 1);
    return event;
  }
  std::size_t delivered() { return broker.messages("orders").size(); }
  bool wait_for_delivered(std::size_t count) {
    return broker.wait_until([count](testbroker::Server& server) {
      return server.store().messages("orders").size() == count;
    });
  }
  bool wait_for_no_half() {
    return broker.wait_until(
        [](testbroker::Server& server) { return server.state().half_messages.size() == 0; });
  }

  LoopbackServer broker;
  Client client;
};

class ChecksTest : public TransactionsTest {
 protected:
  ChecksTest() : TransactionsTest(eager()) {}
};

TEST_F(TransactionsTest, event_of_an_asynchronous_send_is_answered_once) {
  const Event good = begin();
  EXPECT_EQ(view_of(good).event_type, RMQ_EVENT_SEND);
  EXPECT_EQ(view_of(good).status, RMQ_SEND_OK);
  EXPECT_EQ(delivered(), 0u);
  EXPECT_EQ(answer(good, RMQ_ANSWER_COMMIT), RMQ_OK);
  EXPECT_EQ(answer(good, RMQ_ANSWER_COMMIT), RMQ_ERROR_ALREADY_ANSWERED);
  EXPECT_TRUE(wait_for_delivered(1));
  const Event bad = begin();
  EXPECT_EQ(answer(bad, RMQ_ANSWER_ROLLBACK), RMQ_OK);
  EXPECT_TRUE(wait_for_no_half());
  EXPECT_EQ(delivered(), 1u);
}

TEST_F(TransactionsTest, event_of_a_blocking_send_is_answered_from_any_thread) {
  rmq_event_t* sent = nullptr;
  ASSERT_EQ(rmq_producer_send(client.producer.get(), client.message.get(), nullptr,
                              RMQ_FLAG_TRANSACTION, kLongMs, &sent, nullptr),
            RMQ_OK);
  const Event event(sent);
  EXPECT_EQ(view_of(event).wants_answer, 1);
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      if (rmq_event_answer(event.get(), RMQ_ANSWER_COMMIT, 0, nullptr) == RMQ_OK) ++accepted;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, 1);
  EXPECT_TRUE(wait_for_delivered(1));
}

TEST_F(TransactionsTest, answers_that_are_none_are_refused_in_words) {
  const Event event = begin();
  std::string message;
  EXPECT_EQ(answer(event, RMQ_ANSWER_SUCCESS, 0, &message), RMQ_ERROR_ARGUMENT);
  EXPECT_NE(message.find("RMQ_ANSWER_COMMIT"), std::string::npos) << message;
  EXPECT_EQ(answer(event, RMQ_ANSWER_COMMIT, 1), RMQ_ERROR_ARGUMENT);
  EXPECT_EQ(answer(event, RMQ_ANSWER_NONE), RMQ_ERROR_ARGUMENT);
  const std::uint8_t bits[] = {1};
  EXPECT_EQ(rmq_event_answer_each(event.get(), bits, 1, 0, nullptr), RMQ_ERROR_WRONG_EVENT);
  EXPECT_EQ(rmq_event_answer_text(event.get(), "commit", 6, nullptr), RMQ_ERROR_WRONG_EVENT);
  EXPECT_EQ(answer(event, RMQ_ANSWER_COMMIT), RMQ_OK) << "it stayed open";

  ASSERT_EQ(send(0), RMQ_OK);
  const Event plain = client.next();
  EXPECT_EQ(view_of(plain).wants_answer, 0);
  EXPECT_EQ(answer(plain, RMQ_ANSWER_COMMIT, 0, &message), RMQ_ERROR_WRONG_EVENT);
  EXPECT_NE(message.find("transaction"), std::string::npos) << message;
}

TEST_F(TransactionsTest, calls_that_cannot_be_transactions_are_refused_in_words) {
  std::string message;
  EXPECT_EQ(send(RMQ_FLAG_TRANSACTION | RMQ_FLAG_ONEWAY, 1, &message), RMQ_ERROR_ARGUMENT);
  EXPECT_NE(message.find("RMQ_FLAG_ONEWAY"), std::string::npos) << message;
  EXPECT_EQ(code_of(
                [&](rmq_error_t** error) {
                  return rmq_producer_send(client.producer.get(), client.message.get(), nullptr,
                                           RMQ_FLAG_TRANSACTION, 0, nullptr, error);
                },
                &message),
            RMQ_ERROR_ARGUMENT);
  EXPECT_NE(message.find("event is null"), std::string::npos) << message;
  ASSERT_EQ(rmq_message_set_number(client.message.get(), RMQ_FIELD_DELAY_LEVEL, 3, nullptr),
            RMQ_OK);
  EXPECT_EQ(send(RMQ_FLAG_TRANSACTION, 1, &message), RMQ_ERROR_MESSAGE_ILLEGAL);
  EXPECT_NE(message.find("delayed"), std::string::npos) << message;
  EXPECT_EQ(send(0), RMQ_OK) << "without the flag it is a delayed message";
}

TEST_F(TransactionsTest, each_message_of_many_is_a_transaction_of_its_own) {
  const rmq_message_t* const messages[] = {client.message.get(), client.message.get()};
  std::size_t accepted = 0;
  ASSERT_EQ(rmq_producer_send_many(client.producer.get(), messages, nullptr, 2, nullptr,
                                   RMQ_FLAG_TRANSACTION, 0, nullptr, &accepted, nullptr),
            RMQ_OK);
  const std::uint32_t offsets[] = {0, 3, 6};
  ASSERT_EQ(rmq_producer_send_packed(client.producer.get(), client.message.get(), RMQ_PART_BODY,
                                     "onetwo", offsets, nullptr, 2, nullptr, RMQ_FLAG_TRANSACTION,
                                     0, nullptr, &accepted, nullptr),
            RMQ_OK);
  for (int i = 0; i < 4; ++i) {
    const Event event = client.next();
    EXPECT_EQ(answer(event, i % 2 == 0 ? RMQ_ANSWER_COMMIT : RMQ_ANSWER_ROLLBACK), RMQ_OK);
  }
  EXPECT_TRUE(wait_for_no_half());
  EXPECT_EQ(delivered(), 2u);
}

TEST_F(TransactionsTest, late_answers_are_stale_whatever_is_gone) {
  const Event of_closed_producer = begin();
  const Event of_all_gone = begin();
  const Event never_answered = begin();
  ASSERT_EQ(rmq_producer_close(client.producer.get(), kLongMs, nullptr), RMQ_OK);
  std::string message;
  EXPECT_EQ(answer(of_closed_producer, RMQ_ANSWER_COMMIT, 0, &message), RMQ_ERROR_STALE);
  EXPECT_NE(message.find("closed"), std::string::npos) << message;
  client.producer.reset();
  EXPECT_EQ(client.close(), RMQ_OK);
  client.runtime.reset();
  client.queue.reset();
  EXPECT_EQ(answer(of_all_gone, RMQ_ANSWER_COMMIT), RMQ_ERROR_STALE);
  EXPECT_GT(read_whole(of_all_gone.get()), 0u);
  EXPECT_EQ(delivered(), 0u);
}

TEST_F(TransactionsTest, child_of_a_fork_cannot_answer) {
  const Event event = begin();
  const int code =
      run_in_child([&] { return rmq_event_answer(event.get(), RMQ_ANSWER_COMMIT, 0, nullptr); });
  EXPECT_EQ(code, RMQ_ERROR_FORKED);
  EXPECT_EQ(answer(event, RMQ_ANSWER_COMMIT), RMQ_OK);
  EXPECT_TRUE(wait_for_delivered(1));
}

TEST_F(TransactionsTest, names_of_what_is_new) {
  EXPECT_STREQ(rmq_name(RMQ_NAME_EVENT_TYPE, RMQ_EVENT_TRANSACTION_CHECK), "TRANSACTION_CHECK");
  EXPECT_STREQ(rmq_name(RMQ_NAME_ANSWER, RMQ_ANSWER_COMMIT), "COMMIT");
  EXPECT_STREQ(rmq_name(RMQ_NAME_ANSWER, RMQ_ANSWER_ROLLBACK), "ROLLBACK");
  EXPECT_STREQ(rmq_name(RMQ_NAME_ANSWER, RMQ_ANSWER_UNKNOWN), "UNKNOWN");
}

TEST_F(TransactionsTest, topics_that_are_none_are_refused_when_the_producer_is_made) {
  rmq_producer_t* producer = nullptr;
  std::string message;
  EXPECT_EQ(
      code_of(
          [&](rmq_error_t** error) {
            return rmq_producer_new(
                client.runtime.get(),
                make_config({{"producer_group", "g"}, {"transaction_topics", "orders;a b"}}).get(),
                nullptr, 0, nullptr, &producer, error);
          },
          &message),
      RMQ_ERROR_OPTION_VALUE);
  EXPECT_NE(message.find("transaction_topics"), std::string::npos) << message;
  EXPECT_EQ(producer, nullptr);
}

TEST_F(ChecksTest, check_shows_its_message_and_is_answered_once) {
  begin().reset();
  rmq_event_view_t view{};
  rmq_message_view_t message{};
  std::size_t count = 0;
  std::size_t messages = 0;
  ASSERT_EQ(rmq_event_queue_poll_messages(client.queue.get(), kLongMs, &view, sizeof view, 1,
                                          &count, &message, sizeof message, 1, &messages, nullptr),
            RMQ_OK);
  ASSERT_EQ(count, 1u);
  const Event check(view.event);
  EXPECT_EQ(view.event_type, RMQ_EVENT_TRANSACTION_CHECK);
  EXPECT_EQ(view.wants_answer, 1);
  EXPECT_EQ(view.count, 1);
  EXPECT_EQ(view.messages_shown, 1);
  ASSERT_EQ(messages, 1u);
  EXPECT_EQ(std::string(static_cast<const char*>(message.body), message.body_bytes), "hello");
  EXPECT_STREQ(message.topic, "orders");
  EXPECT_STREQ(view.topic, "orders");
  EXPECT_STREQ(view.message_id, message.message_id);
  EXPECT_EQ(rmq_event_messages(check.get(), 0, &message, sizeof message, 1), 1u);
  EXPECT_EQ(answer(check, RMQ_ANSWER_RECONSUME_LATER), RMQ_ERROR_ARGUMENT);
  EXPECT_EQ(answer(check, RMQ_ANSWER_COMMIT), RMQ_OK);
  EXPECT_EQ(answer(check, RMQ_ANSWER_ROLLBACK), RMQ_ERROR_ALREADY_ANSWERED);
  EXPECT_TRUE(wait_for_delivered(1));
}

TEST_F(ChecksTest, check_outlives_runtime_and_queue) {
  begin().reset();
  const Event check = client.next();
  ASSERT_EQ(view_of(check).event_type, RMQ_EVENT_TRANSACTION_CHECK);
  client.producer.reset();
  client.runtime.reset();
  client.queue.reset();
  EXPECT_EQ(answer(check, RMQ_ANSWER_COMMIT), RMQ_ERROR_STALE);
  rmq_message_view_t message{};
  ASSERT_EQ(rmq_event_messages(check.get(), 0, &message, sizeof message, 1), 1u);
  EXPECT_EQ(std::string(static_cast<const char*>(message.body), message.body_bytes), "hello");
}

// The whole program of a user: what the callback returns ends the transaction, and what it leaves
// open comes again as a check.
TEST(TransactionCallback, return_value_ends_the_transaction) {
  LoopbackServer broker(eager());
  struct Book {
    std::atomic<int> sends{0};
    std::atomic<int> checks{0};
  } book;
  const auto serve = [](rmq_event_view_t* event, void* user_data) -> std::int32_t {
    auto& seen = *static_cast<Book*>(user_data);
    if (event->event_type == RMQ_EVENT_TRANSACTION_CHECK)
      return ++seen.checks == 1 ? RMQ_ANSWER_NONE : RMQ_ANSWER_COMMIT;
    if (event->event_type != RMQ_EVENT_SEND || event->wants_answer == 0) return RMQ_ANSWER_NONE;
    switch (seen.sends++) {
      case 0:
        return RMQ_ANSWER_COMMIT;
      case 1:
        return RMQ_ANSWER_ROLLBACK;
      case 2:
        EXPECT_EQ(rmq_event_answer(event->event, RMQ_ANSWER_COMMIT, 0, nullptr), RMQ_OK);
        return RMQ_ANSWER_NONE;
      case 3:
        return RMQ_ANSWER_SUCCESS;  // no answer to this: as if it said nothing
      default:
        return RMQ_ANSWER_UNKNOWN;
    }
  };
  const Runtime runtime = make_runtime({{"namesrv_addr", broker.address()}});
  const EventQueue queue = make_queue(runtime.get());
  ASSERT_EQ(rmq_event_queue_set_callback(queue.get(), serve, &book, 1, nullptr), RMQ_OK);
  ASSERT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const Producer producer = make_producer(runtime.get(), queue.get());
  ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  const Message message = make_message();
  for (std::uint64_t token = 1; token <= 5; ++token) {
    ASSERT_EQ(rmq_producer_send_async(producer.get(), message.get(), nullptr, RMQ_FLAG_TRANSACTION,
                                      kLongMs, token, nullptr, nullptr),
              RMQ_OK);
  }
  EXPECT_TRUE(broker.wait_until([](testbroker::Server& server) {
    return server.store().messages("orders").size() == 4 &&
           server.state().half_messages.size() == 0;
  })) << "two commits, and two that a check committed";
  EXPECT_GE(book.checks, 3);
  EXPECT_EQ(rmq_runtime_close(runtime.get(), kLongMs, nullptr), RMQ_OK);
}

// A process that has sent nothing answers for one that is gone.
TEST(TransactionRestart, producer_with_named_topics_is_asked) {
  LoopbackServer broker(eager());
  {
    Client first(broker.address(), {}, {{"namesrv_addr", broker.address()}});
    ASSERT_EQ(rmq_producer_send_async(first.producer.get(), first.message.get(), nullptr,
                                      RMQ_FLAG_TRANSACTION, kLongMs, 1, nullptr, nullptr),
              RMQ_OK);
    ASSERT_TRUE(first.next());
  }
  Client second(broker.address(), {{"transaction_topics", "others;orders"}},
                {{"namesrv_addr", broker.address()}});
  const Event check = second.next();
  ASSERT_TRUE(check);
  EXPECT_EQ(view_of(check).event_type, RMQ_EVENT_TRANSACTION_CHECK);
  EXPECT_EQ(answer(check, RMQ_ANSWER_COMMIT), RMQ_OK);
  EXPECT_TRUE(broker.wait_until(
      [](testbroker::Server& server) { return server.store().messages("orders").size() == 1; }));
}

}  // namespace
}  // namespace rmq::test::abi
