// What a user reads whose NameServer address is wrong, or whose message cannot be sent: the code,
// the address that was tried, and all of it within the time limit of the send.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <optional>

#include "tests/abi/support.h"

namespace rmq::test::abi {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kLimitMs = 600;
constexpr std::int64_t kGraceMs = 600;  // of a busy machine, beyond the limit

// A socket of this machine that accepts and never answers; or that refuses, once it is closed.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, generic, bytes), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    EXPECT_EQ(::getsockname(socket_, generic, &bytes), 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentServer() { close(); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  const std::string& address() const { return address_; }

 private:
  int socket_;
  std::string address_;
};

struct Failure {
  std::int32_t code = 0;
  std::int32_t outcome = -1;
  std::string message;
  std::string hint;
  std::int64_t took_ms = 0;
};

// Of a send by route, with the NameServers of this option; none: not set.
Failure send_by(const std::optional<std::string>& namesrv_addr, const std::string& body = "hello") {
  Options options;
  if (namesrv_addr) options.emplace_back("namesrv_addr", *namesrv_addr);
  const Runtime runtime = make_runtime(options);
  EXPECT_EQ(rmq_runtime_start(runtime.get(), nullptr), RMQ_OK);
  const Producer producer = make_producer(runtime.get());
  EXPECT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  const Message message = make_message(body);
  const auto start = Clock::now();
  rmq_error_t* raw = nullptr;
  Failure failure;
  failure.code =
      rmq_producer_send(producer.get(), message.get(), nullptr, 0, kLimitMs, nullptr, &raw);
  failure.took_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
  const Error error(raw);
  rmq_error_view_t view{};
  EXPECT_EQ(rmq_error_view(error.get(), &view, sizeof view), RMQ_OK);
  failure.outcome = view.outcome;
  failure.message = view.message;
  failure.hint = text_of(view.hint);
  // A user looks for what may be stored by the id, which a message gets when it is accepted.
  EXPECT_EQ(view.message_id_bytes, failure.code == RMQ_ERROR_TOO_LARGE ? 0U : 32U);
  EXPECT_LT(failure.took_ms, kLimitMs + kGraceMs) << failure.message;
  EXPECT_EQ(failure.outcome, RMQ_OUTCOME_NOT_APPLIED);
  std::printf("%s after %lld ms: %s (%s)\n", rmq_name(RMQ_NAME_ERROR, failure.code),
              static_cast<long long>(failure.took_ms), view.message, failure.hint.c_str());
  return failure;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What rmq_config_set says to a value of namesrv_addr.
std::string refusal_of(const std::string& value) {
  const Config config = make_config({});
  std::string words;
  EXPECT_EQ(code_of(
                [&](rmq_error_t** error) {
                  return rmq_config_set(config.get(), "namesrv_addr", SIZE_MAX, value.data(),
                                        value.size(), error);
                },
                &words),
            RMQ_ERROR_OPTION_VALUE)
      << value;
  std::printf("%s\n", words.c_str());
  return words;
}

TEST(Unreachable, addresses_that_are_none_are_refused_when_they_are_set) {
  for (const char* value :
       {"", "127.0.0.1", "127.0.0.1:", ":9876", "127.0.0.1:0", "127.0.0.1:70000",
        "http://127.0.0.1:9876", "127.0.0.1:9876;nonsense", "host name:9876"}) {
    const std::string words = refusal_of(value);
    EXPECT_TRUE(has(words, "namesrv_addr")) << words;
    EXPECT_TRUE(has(words, "host:port")) << words;
  }
}

TEST(Unreachable, a_send_without_any_name_server_says_what_to_set) {
  const Failure failure = send_by(std::nullopt);
  EXPECT_EQ(failure.code, RMQ_ERROR_NO_NAMESERVER);
  EXPECT_TRUE(has(failure.message + failure.hint, "namesrv_addr"));
}

TEST(Unreachable, a_failed_send_says_which_message_it_was) {
  Client client("127.0.0.1:1");  // nobody listens there
  EXPECT_EQ(client.send(1, kLimitMs), RMQ_OK);
  const Event event = client.next();
  rmq_event_view_t view{};
  ASSERT_EQ(rmq_event_view(event.get(), &view, sizeof view), RMQ_OK);
  EXPECT_EQ(view.event_type, RMQ_EVENT_SEND);
  EXPECT_NE(view.error_code, RMQ_OK);
  ASSERT_EQ(view.message_id_bytes, 32U);
  rmq_error_view_t error{};
  ASSERT_EQ(rmq_error_view(view.error, &error, sizeof error), RMQ_OK);
  EXPECT_STREQ(error.message_id, view.message_id);
  EXPECT_EQ(error.limit_ms, kLimitMs);
  EXPECT_GE(error.elapsed_ms, 0);
  // A program of a time when the view was shorter is told the rest as before.
  rmq_error_view_t before{};
  EXPECT_EQ(rmq_error_view(view.error, &before, offsetof(rmq_error_view_t, message_id)), RMQ_OK);
  EXPECT_EQ(before.message_id, nullptr);
  EXPECT_STREQ(before.client_id, error.client_id);
}

TEST(Unreachable, a_name_that_nobody_knows_is_named) {
  const Failure failure = send_by("no-such-host.invalid:9876");
  EXPECT_EQ(failure.code, RMQ_ERROR_NO_NAMESERVER);
  EXPECT_TRUE(has(failure.message, "no-such-host.invalid:9876"));
}

TEST(Unreachable, a_name_server_that_refuses_is_named) {
  SilentServer nobody;
  nobody.close();
  const Failure failure = send_by(nobody.address());
  EXPECT_EQ(failure.code, RMQ_ERROR_NO_NAMESERVER);
  EXPECT_TRUE(has(failure.message, nobody.address()));
  EXPECT_TRUE(has(failure.message, "refused"));
}

TEST(Unreachable, a_name_server_that_never_answers_is_named) {
  const SilentServer silent;
  const Failure failure = send_by(silent.address());
  EXPECT_EQ(failure.code, RMQ_ERROR_NO_NAMESERVER);
  EXPECT_TRUE(has(failure.message, silent.address()));
}

TEST(Unreachable, an_illegal_topic_is_refused_with_its_rule) {
  for (const std::string& topic : {std::string(), std::string("white space"), std::string("a/b"),
                                   std::string("größe"), std::string(128, 'x')}) {
    rmq_message_t* message = nullptr;
    std::string words;
    EXPECT_EQ(code_of(
                  [&](rmq_error_t** error) {
                    return rmq_message_new(topic.data(), topic.size(), nullptr, 0, nullptr, 0,
                                           nullptr, 0, &message, error);
                  },
                  &words),
              RMQ_ERROR_TOPIC_ILLEGAL);
    EXPECT_EQ(message, nullptr);
    std::printf("%s\n", words.c_str());
    EXPECT_TRUE(has(words, "topic")) << words;
  }
}

TEST(Unreachable, a_body_above_the_limit_fails_before_anything_is_asked) {
  const Failure failure = send_by("127.0.0.1:1", std::string(4 * 1024 * 1024 + 1, 'x'));
  EXPECT_EQ(failure.code, RMQ_ERROR_TOO_LARGE);
  EXPECT_TRUE(has(failure.message, "4194305")) << failure.message;
  EXPECT_TRUE(has(failure.message, "4194304")) << failure.message;
}

}  // namespace
}  // namespace rmq::test::abi
