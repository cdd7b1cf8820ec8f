#include "tests/support/fault_proxy.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <optional>
#include <string>
#include <thread>

#include "protocol/request_code.h"
#include "protocol/topic_route.h"
#include "tests/support/loopback_server.h"
#include "tests/support/proxy_socket.h"
#include "tests/support/raw_client.h"

namespace rmq::test {
namespace {

using protocol::RequestCode;

constexpr std::chrono::seconds kGuard(20);  // only against hanging

std::int32_t number(RequestCode code) { return static_cast<std::int32_t>(code); }

// A client that waits: asks, and reads what comes back.
class Caller {
 public:
  explicit Caller(const std::string& address) : socket_(connect_to(port_of(address))) {}

  bool is_connected() const { return socket_.is_open(); }
  void ask(RequestCode code, std::int32_t opaque, const std::string& topic = "orders") {
    wire::Command command;
    command.code = number(code);
    command.opaque = opaque;
    command.fields = {{"topic", topic}};
    std::string bytes;
    wire::append_frame(command, &bytes);
    while (!bytes.empty() && socket_.write(&bytes) != ProxySocket::Result::failed) continue;
  }
  // The next whole frame; none at the end of the connection, or when `limit` has passed.
  std::optional<wire::Command> next(std::chrono::milliseconds limit = kGuard) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (true) {
      const auto size = wire::frame_size(base::as_bytes(bytes_));
      if (!size.ok()) return std::nullopt;
      if (size.value() > 0 && size.value() <= bytes_.size()) return take(size.value());
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd readable{socket_.descriptor(), POLLIN, 0};
      if (::poll(&readable, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) <= 0) {
        return std::nullopt;
      }
      last_ = socket_.read(&bytes_);
      if (last_ == ProxySocket::Result::ended || last_ == ProxySocket::Result::failed) {
        return std::nullopt;
      }
    }
  }
  bool is_reset() const { return last_ == ProxySocket::Result::failed; }
  const std::string& bytes() const { return bytes_; }  // those that are no whole frame yet

 private:
  std::optional<wire::Command> take(std::size_t size) {
    wire::CommandReader reader;
    const auto command = reader.read(base::as_bytes(bytes_).first(size));
    if (!command.ok()) return std::nullopt;
    wire::Command copy = copy_command(command.value());
    bytes_.erase(0, size);
    return copy;
  }

  ProxySocket socket_;
  std::string bytes_;
  ProxySocket::Result last_ = ProxySocket::Result::progress;
};

class FaultProxyTest : public testing::Test {
 protected:
  static testbroker::ServerOptions options() {
    testbroker::ServerOptions options;
    options.topics.emplace_back().name = "orders";
    return options;
  }

  LoopbackServer server{options()};
  FaultProxy proxy{{{"namesrv", server.address()}, {"broker-a", server.address()}}};
  std::string namesrv = proxy.open_entrance("one");
  std::string broker = proxy.address_of("one", "broker-a");
};

TEST_F(FaultProxyTest, names_its_own_addresses_in_routes) {
  Caller caller(namesrv);
  caller.ask(RequestCode::GET_ROUTEINFO_BY_TOPIC, 7);
  const auto answer = caller.next();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->opaque, 7);
  // The server plays both roles at one address, so either door of the entrance is right.
  EXPECT_NE(answer->body.find("\"127.0.0.1:"), std::string::npos) << answer->body;
  EXPECT_EQ(answer->body.find(server.address()), std::string::npos) << answer->body;
  EXPECT_EQ(proxy.requests({"one", "namesrv"}, number(RequestCode::GET_ROUTEINFO_BY_TOPIC)), 1U);
  EXPECT_EQ(proxy.connections_made({"one", ""}), 1U);
  EXPECT_EQ(proxy.connections_made({"two", ""}), 0U);
}

TEST_F(FaultProxyTest, drops_and_delays_the_answers_that_a_rule_names) {
  const std::int32_t code = number(RequestCode::GET_MAX_OFFSET);
  const std::size_t drop =
      proxy.add({{{"one", "broker"}, FrameDirection::to_client, code}, {FaultKind::drop}, 0, 1});
  const std::size_t late = proxy.add({{{"one", "broker"}, FrameDirection::to_client, code},
                                      FrameFault::make_delay(std::chrono::milliseconds(150)),
                                      0,
                                      1});
  Caller caller(broker);
  for (std::int32_t opaque = 1; opaque <= 3; ++opaque) {
    caller.ask(RequestCode::GET_MAX_OFFSET, opaque);
  }
  const auto first = caller.next();
  const auto second = caller.next();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->opaque, 3);   // it overtook
  EXPECT_EQ(second->opaque, 2);  // the late one
  EXPECT_EQ(proxy.hits(drop), 1U);
  EXPECT_EQ(proxy.hits(late), 1U);
}

TEST_F(FaultProxyTest, damages_one_byte_and_stays_in_step_with_the_stream) {
  proxy.add({{{"", "broker"}, FrameDirection::to_client, 0},
             FrameFault::make_damage(FramePart::length_word, 2, 0x40),
             1,
             1});
  Caller caller(broker);
  caller.ask(RequestCode::GET_MAX_OFFSET, 1);
  ASSERT_TRUE(caller.next());
  caller.ask(RequestCode::GET_MAX_OFFSET, 2);
  caller.ask(RequestCode::GET_MAX_OFFSET, 3);
  EXPECT_FALSE(caller.next(std::chrono::milliseconds(300)));
  // Two answers came, and the first claims to be 16 KiB longer than it is.
  const auto size = wire::frame_size(base::as_bytes(caller.bytes()));
  ASSERT_TRUE(size.ok());
  EXPECT_GT(size.value(), 0x4000U);
  std::string rest = caller.bytes();
  rest[2] = static_cast<char>(rest[2] ^ 0x40);
  const std::size_t true_size = wire::frame_size(base::as_bytes(rest)).value();
  EXPECT_EQ(wire::frame_size(base::as_bytes(rest).subspan(true_size)).value(),
            rest.size() - true_size);
}

TEST_F(FaultProxyTest, cuts_refuses_and_accepts_again) {
  Caller caller(broker);
  caller.ask(RequestCode::GET_MAX_OFFSET, 1);
  ASSERT_TRUE(caller.next());
  proxy.cut({"one", "broker"});
  EXPECT_FALSE(caller.next());
  EXPECT_TRUE(caller.is_reset());
  EXPECT_TRUE(Caller(broker).is_connected());
  proxy.refuse({"one", "broker"});
  EXPECT_FALSE(Caller(broker).is_connected());
  EXPECT_TRUE(Caller(namesrv).is_connected());
  proxy.accept({"one", "broker"});
  Caller again(broker);
  again.ask(RequestCode::GET_MAX_OFFSET, 2);
  EXPECT_TRUE(again.next());
}

TEST_F(FaultProxyTest, silences_what_is_open_and_serves_what_comes_later) {
  Caller silent(broker);
  silent.ask(RequestCode::GET_MAX_OFFSET, 1);
  ASSERT_TRUE(silent.next());
  proxy.silence({"one", ""}, true);
  silent.ask(RequestCode::GET_MAX_OFFSET, 2);
  Caller later(broker);
  later.ask(RequestCode::GET_MAX_OFFSET, 3);
  EXPECT_TRUE(later.next());
  EXPECT_FALSE(silent.next(std::chrono::milliseconds(0)));
  EXPECT_EQ(proxy.requests({"one", ""}, number(RequestCode::GET_MAX_OFFSET)), 2U);
}

TEST_F(FaultProxyTest, notices_that_a_pull_comes_from_another_entrance) {
  proxy.open_entrance("two");
  Caller one(broker);
  Caller two(proxy.address_of("two", "broker-a"));
  for (Caller* caller : {&one, &one, &two, &one}) {
    caller->ask(RequestCode::PULL_MESSAGE, 1);
    ASSERT_TRUE(caller->next());
  }
  EXPECT_EQ(proxy.queue_moves("orders"), 2U);
}

TEST(FaultProxyOfAServerThatGoes, refuses_until_it_is_back) {
  std::uint16_t port = 0;
  ProxySocket server = listen_anywhere(&port);
  FaultProxy proxy({{"namesrv", address_of(port)}});
  const std::string entrance = proxy.open_entrance("one");
  EXPECT_TRUE(Caller(entrance).is_connected());
  server.close();
  const auto deadline = std::chrono::steady_clock::now() + kGuard;
  while (Caller(entrance).is_connected() && std::chrono::steady_clock::now() < deadline) continue;
  EXPECT_FALSE(Caller(entrance).is_connected());
  server = listen_on(port);
  while (!Caller(entrance).is_connected() && std::chrono::steady_clock::now() < deadline) continue;
  EXPECT_TRUE(Caller(entrance).is_connected());
}

}  // namespace
}  // namespace rmq::test
