// A whole client of each of its allocations: it is made, finds its routes, connects, sends,
// consumes, gives back, loses its connections, takes another topic with large bodies, closes and
// goes. Meanwhile one allocation of its life fails, or four in a row. Every call either says that
// memory is exhausted, and works when it is made again, or does its work. In the end every message
// was delivered, and everything has closed. No broker knows a member of the group any more.
//
// The client is driven on this thread, beside the broker, whose own allocations never fail. The
// clock is turned when neither has anything to do. A failure names the number of the allocation.
// RMQ_LONG_TESTS=1 takes every allocation instead of some.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "testbroker/server.h"
#include "tests/abi/memory/failing_allocator.h"
#include "tests/abi/memory/turned_clock.h"
#include "tests/abi/support.h"
#include "tests/support/simulated_tls.h"
#include "transport/uv_loop.h"

namespace rmq::test::abi {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kConsumerGroup = "readers_of_orders";
constexpr std::size_t kFirstMessages = 3;
constexpr std::size_t kMessages = 6;       // with those after the loss of the connections
constexpr std::size_t kLarge = 4;          // of them, of another topic
constexpr std::size_t kHeld = 5;           // of them, answered when the consumer closes
constexpr std::size_t kGivenBack = 1;      // of them, at its first delivery
constexpr std::size_t kLargeBytes = 8192;  // is compressed
constexpr std::int64_t kTurnMaxMs = 100;
// Whoever lacked memory tries again within a few seconds. The longest pause is that of a message
// that cannot be given back.
constexpr seconds kWorkMax(15);
constexpr seconds kCloseMax(5);
constexpr std::int64_t kCloseTimeoutMs = 10'000;  // never waited for
constexpr int kAttemptsMax = 6;                   // more than fail in a row
constexpr long kLives = 250;                      // of one kind, unless all are wanted

struct Outcomes {
  long lives = 0;
  long refused_calls = 0;
  std::map<std::int32_t, long> failed_sends;  // by code
  std::map<std::int32_t, long> errors;        // events, by code
  milliseconds longest{};
};

class DrivenBroker {
 public:
  explicit DrivenBroker(bool is_tls)
      : loop_(transport::UvLoop::make({.driven = true}).take_value()),
        server_(*loop_, make_options(is_tls)) {
    EXPECT_TRUE(server_.start().ok());
  }

  void step() { loop_->step(); }
  void cut_connections() { server_.cut_connections(); }
  bool has_consumers() { return !server_.clients().client_ids(kConsumerGroup).empty(); }
  int descriptor() const { return loop_->backend_fd(); }
  std::int64_t timeout_ms() const { return loop_->timeout_ms(); }
  std::string address() const { return server_.address().to_text(); }

 private:
  static testbroker::ServerOptions make_options(bool is_tls) {
    testbroker::ServerOptions options;
    options.topics = {{.name = "orders", .read_queues = 1, .write_queues = 1},
                      {.name = "payments", .read_queues = 2, .write_queues = 2}};
    if (is_tls) options.listen = simulated_tls().listen;
    return options;
  }

  std::unique_ptr<transport::UvLoop> loop_;
  testbroker::Server server_;
};

// Allocations in here may fail; the test's own ones never do.
template <typename Made>
auto call(Made made) {
  struct Scope {
    Scope() { spare_this_thread(false); }
    ~Scope() { spare_this_thread(true); }
  } const scope;
  return made();
}

class Life {
 public:
  Life(bool is_tls, Outcomes* outcomes) : broker_(is_tls), outcomes_(outcomes) {
    runtime_config_ = make_config({{"namesrv_addr", broker_.address()},
                                   {"run_mode", "driven"},
                                   {"events", "error"},
                                   {"connect_timeout", "2000"},
                                   {"reconnect_backoff_min", "1"},
                                   {"reconnect_backoff_max", "100"},
                                   {"tls_enable", is_tls ? "true" : "false"},
                                   {"tls_verify", "false"}});
    producer_config_ = make_config({{"producer_group", "senders_of_orders"}, {"events", "error"}});
    consumer_config_ = make_config(
        {{"consumer_group", kConsumerGroup}, {"consume_from_where", "first"}, {"events", "error"}});
    for (std::size_t i = 0; i < kMessages; ++i)
      messages_.push_back(make_message(std::to_string(i)));
    messages_[kLarge] =
        make_message(std::to_string(kLarge) + std::string(kLargeBytes, 'x'), "payments");
  }

  void run() {
    start();
    work(kFirstMessages);
    broker_.cut_connections();
    subscribe("payments");
    work(kMessages);
    close();
    call([this] { rmq_consumer_destroy(consumer_); });
    call([this] { rmq_producer_destroy(producer_); });
    call([this] { rmq_runtime_destroy(runtime_); });
    call([this] { rmq_event_queue_destroy(queue_); });
    ++outcomes_->lives;
  }

 private:
  using Clock = std::chrono::steady_clock;
  enum Token : std::uint64_t { kConsumer = 100, kProducer, kRuntime };
  struct Sent {
    bool is_under_way = false;
    bool is_stored = false;
    bool is_consumed = false;
    bool is_given_back = false;
  };

  // Memory is exhausted for a moment only: a refused call is made again.
  template <typename Call>
  std::int32_t insist(const char* what, Call made) {
    std::int32_t code = RMQ_OK;
    if (::testing::Test::HasFailure()) return RMQ_ERROR_INTERNAL;
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
      rmq_error_t* error = nullptr;
      code = call([&] { return made(&error); });
      EXPECT_TRUE(error == nullptr || rmq_error_code(error) == code) << what;
      const std::string message = rmq_error_message(error);
      call([&] { rmq_error_destroy(error); });
      if (code != RMQ_ERROR_MEMORY) {
        EXPECT_TRUE(code == RMQ_OK || code == RMQ_ERROR_STALE) << what << ": " << message;
        return code;
      }
      ++outcomes_->refused_calls;
    }
    ADD_FAILURE() << what << " is refused for good";
    return code;
  }

  void start() {
    // OpenSSL takes an algorithm that it has no memory to load for one that is not there, and the
    // context then lacks it for good.
    spare_openssl(true);
    insist("runtime_new", [&](rmq_error_t** error) {
      return rmq_runtime_new(runtime_config_.get(), 0, nullptr, &runtime_, error);
    });
    spare_openssl(false);
    insist("runtime_start",
           [&](rmq_error_t** error) { return rmq_runtime_start(runtime_, error); });
    insist("event_queue_new",
           [&](rmq_error_t** error) { return rmq_event_queue_new(runtime_, &queue_, error); });
    insist("producer_new", [&](rmq_error_t** error) {
      return rmq_producer_new(runtime_, producer_config_.get(), queue_, 0, nullptr, &producer_,
                              error);
    });
    insist("producer_start",
           [&](rmq_error_t** error) { return rmq_producer_start(producer_, error); });
    insist("push_consumer_new", [&](rmq_error_t** error) {
      return rmq_consumer_new(runtime_, RMQ_CONSUMER_PUSH_CONCURRENT, consumer_config_.get(),
                              queue_, nullptr, nullptr, 7, nullptr, &consumer_, error);
    });
    subscribe("orders");
    insist("push_consumer_start",
           [&](rmq_error_t** error) { return rmq_consumer_start(consumer_, error); });
  }

  void subscribe(const char* topic) {
    insist("push_consumer_subscribe", [&](rmq_error_t** error) {
      return rmq_consumer_subscribe(consumer_, topic, SIZE_MAX, RMQ_EXPRESSION_TAG, "*", SIZE_MAX,
                                    error);
    });
  }

  // Until so many messages were sent and consumed.
  void work(std::size_t messages) {
    if (::testing::Test::HasFailure()) return;
    const auto began = Clock::now();
    wanted_ = messages;
    EXPECT_TRUE(pump_until([this] { return is_done(); }, kWorkMax)) << describe();
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - began);
    outcomes_->longest = std::max(outcomes_->longest, took);
  }

  void close() {
    if (::testing::Test::HasFailure()) return;
    close_one(kConsumer, "push_consumer_close", [this](rmq_error_t** error) {
      return rmq_consumer_close_async(consumer_, kCloseTimeoutMs, kConsumer, nullptr, error);
    });
    EXPECT_TRUE(pump_until([this] { return !broker_.has_consumers(); }, kCloseMax));
    close_one(kProducer, "producer_close", [this](rmq_error_t** error) {
      return rmq_producer_close_async(producer_, kCloseTimeoutMs, kProducer, nullptr, error);
    });
    close_one(kRuntime, "runtime_close", [this](rmq_error_t** error) {
      return rmq_runtime_close_async(runtime_, kCloseTimeoutMs, kRuntime, nullptr, error);
    });
  }

  template <typename Call>
  void close_one(Token token, const char* what, Call made) {
    insist(what, made);
    if (held_ != nullptr) answer_held();
    EXPECT_TRUE(pump_until([&] { return closed_.contains(token); }, kCloseMax)) << what;
  }

  // When the closing has begun to wait for it.
  void answer_held() {
    int rounds = 0;
    EXPECT_TRUE(pump_until([&] { return ++rounds > 3; }, kCloseMax));
    insist("event_answer", [this](rmq_error_t** error) {
      return rmq_event_answer(held_, RMQ_ANSWER_RECONSUME_LATER, 1, error);
    });
    call([this] { rmq_event_destroy(std::exchange(held_, nullptr)); });
  }

  bool is_done() const {
    return std::all_of(
        sent_.begin(), sent_.begin() + static_cast<std::ptrdiff_t>(wanted_),
        [](const Sent& sent) { return sent.is_stored && sent.is_consumed && !sent.is_under_way; });
  }

  std::string describe() const {
    std::string text;
    for (const Sent& sent : sent_) {
      text += std::string(sent.is_under_way ? " under way" : "") +
              (sent.is_stored ? " stored" : "") + (sent.is_given_back ? " given back" : "") +
              (sent.is_consumed ? " consumed" : "") + ";";
    }
    return text + " last error: " + last_error_;
  }

  template <typename Done>
  bool pump_until(Done done, seconds limit) {
    const auto until = Clock::now() + limit;
    while (!done()) {
      if (Clock::now() >= until || ::testing::Test::HasFailure()) return false;
      send_what_is_missing();
      call([this] { return rmq_runtime_step(runtime_, nullptr); });
      broker_.step();
      take_events();
      if (is_idle()) turn();
    }
    return true;
  }

  std::int64_t client_timeout_ms() {
    const std::int64_t wanted = call([this] { return rmq_runtime_timeout_ms(runtime_); });
    return wanted < 0 ? kTurnMaxMs : wanted;
  }
  std::int64_t broker_timeout_ms() const {
    const std::int64_t wanted = broker_.timeout_ms();
    return wanted < 0 ? kTurnMaxMs : wanted;
  }

  bool is_idle() {
    if (client_timeout_ms() == 0 || broker_timeout_ms() == 0) return false;
    if (rmq_event_queue_length(queue_) > 0) return false;
    pollfd both[] = {{.fd = rmq_runtime_fd(runtime_), .events = POLLIN, .revents = 0},
                     {.fd = broker_.descriptor(), .events = POLLIN, .revents = 0}};
    return ::poll(both, 2, 0) == 0;
  }

  void turn() {
    turn_clock(milliseconds(std::min({client_timeout_ms(), broker_timeout_ms(), kTurnMaxMs})));
  }

  void send_what_is_missing() {
    for (std::size_t i = 0; i < wanted_; ++i) {
      if (sent_[i].is_stored || sent_[i].is_under_way || !closed_.empty()) continue;
      const std::int32_t code = insist("producer_send_async", [&](rmq_error_t** error) {
        return rmq_producer_send_async(producer_, messages_[i].get(), nullptr, 0, 3000, i, nullptr,
                                       error);
      });
      sent_[i].is_under_way = code == RMQ_OK;
    }
  }

  void take_events() {
    for (rmq_event_queue_t* queue : {queue_, rmq_runtime_event_queue(runtime_)}) {
      for (;;) {
        rmq_event_t* event = nullptr;
        call([&] { return poll_one(queue, 0, &event, nullptr); });
        if (event == nullptr) break;
        take(event);
        if (event != held_) call([&] { rmq_event_destroy(event); });
      }
    }
  }

  void take(rmq_event_t* event) {
    rmq_event_view_t view{};
    EXPECT_EQ(call([&] { return rmq_event_view(event, &view, sizeof view); }), RMQ_OK);
    if (view.error_message) last_error_ = view.error_message;
    switch (view.event_type) {
      case RMQ_EVENT_SEND:
        take_sent(view);
        break;
      case RMQ_EVENT_DELIVERY:
        take_delivery(event);
        break;
      case RMQ_EVENT_ERROR:
        ++outcomes_->errors[view.error_code];
        break;
      case RMQ_EVENT_CLOSED:
        EXPECT_EQ(view.error_code, RMQ_OK) << view.token << ": " << last_error_;
        EXPECT_TRUE(closed_.insert(view.token).second) << "closed twice";
        break;
      default:
        ADD_FAILURE() << "event " << view.event_type;
    }
  }

  void take_sent(const rmq_event_view_t& view) {
    ASSERT_LT(view.token, kMessages);
    Sent& sent = sent_[view.token];
    EXPECT_TRUE(sent.is_under_way) << "two events of one send";
    sent.is_under_way = false;
    sent.is_stored = view.error_code == RMQ_OK;
    if (!sent.is_stored) ++outcomes_->failed_sends[view.error_code];
  }

  void take_delivery(rmq_event_t* event) {
    rmq_message_view_t message{};
    const std::size_t shown =
        call([&] { return rmq_event_messages(event, 0, &message, sizeof message, 1); });
    if (shown != 1) return;  // destroyed, and offered again
    const std::size_t number = static_cast<const char*>(message.body)[0] - '0';
    ASSERT_LT(number, kMessages);
    Sent& sent = sent_[number];
    if (number == kHeld) {
      call([this] { rmq_event_destroy(held_); });
      held_ = event;
      sent.is_consumed = true;
      return;
    }
    const bool goes_back = number == kGivenBack && !sent.is_given_back;
    const std::int32_t code = insist("event_answer", [&](rmq_error_t** error) {
      return rmq_event_answer(event, goes_back ? RMQ_ANSWER_RECONSUME_LATER : RMQ_ANSWER_SUCCESS,
                              goes_back ? 1 : 0, error);
    });
    if (code != RMQ_OK) return;
    if (goes_back) {
      sent.is_given_back = true;
    } else {
      sent.is_consumed = true;
    }
  }

  DrivenBroker broker_;
  Outcomes* const outcomes_;
  Config runtime_config_;
  Config producer_config_;
  Config consumer_config_;
  std::vector<Message> messages_;
  rmq_runtime_t* runtime_ = nullptr;
  rmq_event_queue_t* queue_ = nullptr;
  rmq_producer_t* producer_ = nullptr;
  rmq_consumer_t* consumer_ = nullptr;
  std::vector<Sent> sent_ = std::vector<Sent>(kMessages);
  std::size_t wanted_ = 0;
  std::set<std::uint64_t> closed_;
  std::string last_error_;
  rmq_event_t* held_ = nullptr;
};

class ClientLife : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { spare_this_thread(true); }
  void TearDown() override {
    fail_allocation_of_this_thread(0);
    spare_this_thread(false);
  }

  // How many allocations the client made until the one that failed, or to its end.
  long live(long failing, long in_a_row, Outcomes* outcomes) {
    Life life(GetParam(), outcomes);
    fail_allocation_of_this_thread(failing, in_a_row);
    life.run();
    return count_allocations();
  }

  static bool is_every_one_wanted() {
    return std::getenv("RMQ_LONG_TESTS") != nullptr;  // NOLINT(concurrency-mt-unsafe)
  }
};

TEST_P(ClientLife, goes_on_after_each_allocation_that_fails) {
  ASSERT_TRUE(is_openssl_included());
  Outcomes first;
  live(LONG_MAX, 1, &first);  // makes what OpenSSL makes once
  const long allocations = live(LONG_MAX, 1, &first);
  ASSERT_GT(allocations, 100);
  const long step = is_every_one_wanted() ? 1 : std::max(1L, allocations / kLives);
  for (const long in_a_row : {1, 4}) {
    Outcomes outcomes;
    for (long n = 1 + (in_a_row - 1) * step / 4; n <= allocations; n += step) {
      SCOPED_TRACE("allocation " + std::to_string(n) + ", in a row: " + std::to_string(in_a_row));
      live(n, in_a_row, &outcomes);
      if (HasFailure()) break;
    }
    std::cout << allocations << " allocations, " << outcomes.lives << " times " << in_a_row
              << " failed: " << outcomes.refused_calls << " calls refused, the longest work took "
              << outcomes.longest.count() << " ms\n";
    for (const auto& [code, count] : outcomes.failed_sends) {
      std::cout << "  failed sends: " << count << " " << rmq_name(RMQ_NAME_ERROR, code) << "\n";
    }
    for (const auto& [code, count] : outcomes.errors) {
      std::cout << "  error events: " << count << " " << rmq_name(RMQ_NAME_ERROR, code) << "\n";
    }
    if (HasFailure()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(, ClientLife, ::testing::Values(false, true), [](const auto& instance) {
  return std::string(instance.param ? "tls" : "plain");
});

}  // namespace
}  // namespace rmq::test::abi
