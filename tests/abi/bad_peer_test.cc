// Peers that refuse, reset, say nothing or babble: one clear error within the deadline.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/abi/support.h"

namespace rmq::test::abi {
namespace {

constexpr std::int64_t kTimeoutMs = 150;

// Accepts connections and gives each to `behave`, which is called again whenever bytes came.
class RawPeer {
 public:
  using Behaviour = std::function<void(int fd)>;

  explicit RawPeer(Behaviour behave)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), behave_(std::move(behave)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    EXPECT_EQ(::pipe(stop_), 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    if (behave_) thread_ = std::thread([this] { run(); });
  }
  ~RawPeer() {
    ::close(stop_[1]);
    if (thread_.joinable()) thread_.join();
    ::close(stop_[0]);
    if (listener_ >= 0) ::close(listener_);
  }
  const std::string& address() const { return address_; }
  void stop_listening() { ::close(std::exchange(listener_, -1)); }

 private:
  void run() {
    std::vector<pollfd> watched{{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (;;) {
      ::poll(watched.data(), watched.size(), -1);
      if (watched[0].revents) break;
      const std::size_t count = watched.size();
      if (watched[1].revents) watched.push_back({::accept(listener_, nullptr, nullptr), POLLIN, 0});
      for (std::size_t i = 2; i < count; ++i) {
        if (!watched[i].revents) continue;
        char bytes[65536];
        if (::recv(watched[i].fd, bytes, sizeof bytes, MSG_DONTWAIT) <= 0) {
          ::close(std::exchange(watched[i].fd, -1));
        } else {
          behave_(watched[i].fd);
        }
      }
    }
    for (std::size_t i = 2; i < watched.size(); ++i) {
      if (watched[i].fd >= 0) ::close(watched[i].fd);
    }
  }

  int listener_;
  int stop_[2];
  Behaviour behave_;
  std::string address_;
  std::thread thread_;
};

struct Expected {
  std::vector<std::int32_t> codes;
  std::vector<std::int32_t> categories;
  std::int32_t outcome;
};

// One send: accepted, and one event with the expected error well before the test's own limit.
void expect_one_error(const std::string& address, const Expected& expected) {
  Client client(address, {},
                {{"connect_timeout", "100"},
                 {"reconnect_backoff_min", "10"},
                 {"reconnect_backoff_max", "20"}});
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(client.send(7, kTimeoutMs), RMQ_OK);
  const Event event = client.next();
  ASSERT_TRUE(event);
  // The limit, and what a loaded machine adds.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(kTimeoutMs + 3000));
  EXPECT_EQ(view_of(event).token, 7u);
  rmq_error_view_t error{};
  ASSERT_EQ(rmq_error_view(view_of(event).error, &error, sizeof error), RMQ_OK);
  SCOPED_TRACE(error.message);
  EXPECT_NE(std::find(expected.codes.begin(), expected.codes.end(), error.code),
            expected.codes.end())
      << error.name;
  EXPECT_NE(std::find(expected.categories.begin(), expected.categories.end(), error.category),
            expected.categories.end())
      << error.category;
  EXPECT_EQ(error.outcome, expected.outcome);
  EXPECT_GT(error.message_bytes, 20u);
  EXPECT_EQ(std::string(error.address), address);
  EXPECT_EQ(error.server_role, RMQ_SERVER_BROKER);
  EXPECT_EQ(std::string(error.group), "abi_tests");
  EXPECT_EQ(client.close(), RMQ_OK);
  EXPECT_FALSE(client.next(0));
}

void write_bytes(int fd, std::string_view bytes) {
  static_cast<void>(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

TEST(BadPeer, that_refuses_gives_refused_and_nothing_applied) {
  RawPeer peer(nullptr);
  peer.stop_listening();
  expect_one_error(peer.address(),
                   {{RMQ_ERROR_REFUSED}, {RMQ_CATEGORY_NETWORK}, RMQ_OUTCOME_NOT_APPLIED});
}

TEST(BadPeer, that_resets_gives_reset_and_maybe_applied) {
  RawPeer peer([](int fd) {
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::shutdown(fd, SHUT_RDWR);
  });
  expect_one_error(peer.address(),
                   {{RMQ_ERROR_RESET}, {RMQ_CATEGORY_NETWORK}, RMQ_OUTCOME_MAYBE_APPLIED});
}

TEST(BadPeer, that_accepts_and_says_nothing_gives_a_request_timeout) {
  RawPeer peer([](int) {});
  expect_one_error(
      peer.address(),
      {{RMQ_ERROR_REQUEST_TIMEOUT}, {RMQ_CATEGORY_TIMEOUT}, RMQ_OUTCOME_MAYBE_APPLIED});
}

TEST(BadPeer, whose_system_alone_accepts_gives_a_request_timeout) {
  RawPeer peer(nullptr);  // the connection stays in the backlog
  expect_one_error(
      peer.address(),
      {{RMQ_ERROR_REQUEST_TIMEOUT}, {RMQ_CATEGORY_TIMEOUT}, RMQ_OUTCOME_MAYBE_APPLIED});
}

TEST(BadPeer, that_babbles_gives_a_protocol_error) {
  const std::pair<const char*, std::string> babbles[] = {
      {"text", "HTTP/1.1 400 Bad Request\r\n\r\n"},
      {"length of 2 GiB", std::string("\x7f\xff\xff\xff\0\0\0\0", 8)},
      {"negative length", std::string("\xff\xff\xff\xff\0\0\0\0", 8)},
      {"no length", std::string(8, '\0')},
      {"header longer than the frame", std::string("\0\0\0\x08\0\0\xff\xff{}{}", 12)},
      {"header that is no JSON", std::string("\0\0\0\x08\0\0\0\x04\xff\xff\xff\xff", 12)},
      {"unknown serialisation", std::string("\0\0\0\x08\x07\0\0\x04{}{}", 12)}};
  for (const auto& [what, bytes] : babbles) {
    SCOPED_TRACE(what);
    RawPeer peer([&bytes = bytes](int fd) { write_bytes(fd, bytes); });
    expect_one_error(peer.address(), {{RMQ_ERROR_BAD_FRAME, RMQ_ERROR_BAD_HEADER},
                                      {RMQ_CATEGORY_PROTOCOL},
                                      RMQ_OUTCOME_MAYBE_APPLIED});
  }
}

TEST(BadPeer, that_stops_in_the_middle_of_a_frame_gives_a_request_timeout) {
  RawPeer peer([](int fd) { write_bytes(fd, std::string_view("\0\0\1\0\0\0", 6)); });
  expect_one_error(
      peer.address(),
      {{RMQ_ERROR_REQUEST_TIMEOUT}, {RMQ_CATEGORY_TIMEOUT}, RMQ_OUTCOME_MAYBE_APPLIED});
}

TEST(BadPeer, whose_name_does_not_exist_gives_cannot_resolve) {
  expect_one_error(
      "no-such-host.invalid:10911",
      {{RMQ_ERROR_CANNOT_RESOLVE, RMQ_ERROR_CONNECT_TIMEOUT, RMQ_ERROR_REQUEST_TIMEOUT},
       {RMQ_CATEGORY_NETWORK, RMQ_CATEGORY_TIMEOUT},
       RMQ_OUTCOME_NOT_APPLIED});
}

}  // namespace
}  // namespace rmq::test::abi
