#include "tests/support/loopback_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/request_code.h"
#include "tests/support/raw_client.h"

namespace rmq::test {
namespace {

using protocol::RequestCode;
using testbroker::Server;

// A blocking socket: the way in which a program of any language comes.
class Socket {
 public:
  explicit Socket(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Socket() { close(fd_); }
  bool connected() const { return connected_; }
  void send_bytes(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const auto n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }
  // One whole answer; empty at the end or after ten seconds.
  std::optional<wire::Command> receive() {
    for (;;) {
      const auto size = wire::frame_size(base::as_bytes(bytes_));
      if (!size.ok()) return std::nullopt;
      if (size.value() > 0 && size.value() <= bytes_.size()) {
        wire::CommandReader reader;
        const auto command = reader.read(base::as_bytes(bytes_).first(size.value()));
        if (!command.ok()) return std::nullopt;
        auto copy = copy_command(command.value());
        bytes_.erase(0, size.value());
        return copy;
      }
      pollfd readable{fd_, POLLIN, 0};
      char space[65536];
      if (poll(&readable, 1, 10'000) <= 0) return std::nullopt;
      const auto n = recv(fd_, space, sizeof space, 0);
      if (n <= 0) return std::nullopt;
      bytes_.append(space, static_cast<std::size_t>(n));
    }
  }

 private:
  int fd_;
  bool connected_ = false;
  std::string bytes_;
};

std::string make_send(std::int32_t opaque, std::string body) {
  wire::Command request;
  request.code = static_cast<std::int32_t>(RequestCode::SEND_MESSAGE_V2);
  request.opaque = opaque;
  request.fields = {{"a", "g"}, {"b", "orders"}, {"c", "TBW102"}, {"d", "4"}, {"e", "0"},
                    {"f", "0"}, {"g", "1"},      {"h", "0"},      {"i", ""}};
  request.body = std::move(body);
  std::string frame;
  wire::append_frame(request, &frame);
  return frame;
}

testbroker::ServerOptions with_orders() {
  testbroker::ServerOptions options;
  options.topics.push_back({.name = "orders"});
  return options;
}

TEST(LoopbackServer, answers_a_real_socket_and_shows_what_it_stored) {
  LoopbackServer broker(with_orders());
  Socket socket(broker.port());
  ASSERT_TRUE(socket.connected());
  socket.send_bytes(make_send(7, std::string(300'000, 'x')));
  const auto answer = socket.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->opaque, 7);
  EXPECT_EQ(answer->code, 0);
  ASSERT_EQ(broker.messages("orders").size(), 1u);
  EXPECT_EQ(broker.messages("orders")[0].body.size(), 300'000u);
}

TEST(LoopbackServer, follows_its_script_over_real_sockets) {
  LoopbackServer broker(with_orders());
  broker.call([](Server& server) {
    using namespace testbroker;
    server.script().on(RequestCode::SEND_MESSAGE_V2).nth(2).then(fault::cut_half());
    server.script()
        .on(RequestCode::SEND_MESSAGE_V2)
        .nth(3)
        .then(fault::crash(base::milliseconds(1), Memory::lost));
  });
  Socket first(broker.port());
  first.send_bytes(make_send(1, "a") + make_send(2, "b"));
  EXPECT_TRUE(first.receive());
  EXPECT_FALSE(first.receive());
  Socket second(broker.port());
  second.send_bytes(make_send(3, "c"));
  EXPECT_FALSE(second.receive());
  ASSERT_TRUE(broker.wait_until([](Server& server) { return server.is_listening(); }));
  Socket third(broker.port());
  third.send_bytes(make_send(4, "d"));
  EXPECT_TRUE(third.receive());
  EXPECT_EQ(broker.messages("orders").size(), 1u);
}

TEST(LoopbackServer, pipelined_requests_of_many_sockets_are_all_answered) {
  LoopbackServer broker(with_orders());
  std::vector<std::unique_ptr<Socket>> sockets;
  std::string requests;
  for (std::int32_t i = 0; i < 100; ++i) requests += make_send(i, "body");
  for (int i = 0; i < 50; ++i) {
    sockets.push_back(std::make_unique<Socket>(broker.port()));
    sockets.back()->send_bytes(requests);
  }
  for (auto& socket : sockets) {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(socket->receive());
  }
  EXPECT_EQ(broker.messages("orders").size(), 5000u);
}

TEST(LoopbackServer, two_live_side_by_side_and_one_on_a_taken_port_says_so) {
  LoopbackServer one;
  LoopbackServer two;
  EXPECT_NE(one.port(), two.port());
  testbroker::ServerOptions options;
  options.listen_address.port = one.port();
  EXPECT_THROW(LoopbackServer{options}, std::runtime_error);
}

TEST(LoopbackServer, hands_exceptions_of_a_call_back_and_gives_up_waiting_in_time) {
  LoopbackServer broker;
  EXPECT_THROW(broker.call([](Server&) { throw std::logic_error("mine"); }), std::logic_error);
  EXPECT_FALSE(broker.wait_until([](Server&) { return false; }, base::milliseconds(5)));
}

}  // namespace
}  // namespace rmq::test
