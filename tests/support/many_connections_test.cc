// The embedded broker under more real sockets than any test has use for.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/request_code.h"
#include "tests/support/loopback_server.h"
#include "wire/command.h"

namespace rmq::test {
namespace {

using protocol::RequestCode;

constexpr std::size_t kConnectionsMax = 10'000;
constexpr std::size_t kOtherDescriptors = 200;

class Sockets {
 public:
  ~Sockets() {
    for (const int descriptor : descriptors_) close(descriptor);
  }
  int connect_to(std::uint16_t port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor < 0) return -1;
    descriptors_.push_back(descriptor);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    return connect(descriptor, generic, sizeof address) == 0 ? descriptor : -1;
  }

 private:
  std::vector<int> descriptors_;
};

// Both ends of each connection are in this process.
std::size_t choose_count() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
  if (descriptors <= 2 * kOtherDescriptors) return 10;
  return std::min(kConnectionsMax, (descriptors - kOtherDescriptors) / 2);
}

std::string make_frame(RequestCode code, std::vector<std::pair<std::string, std::string>> fields) {
  wire::Command request;
  request.code = static_cast<std::int32_t>(code);
  request.opaque = 1;
  request.fields = std::move(fields);
  std::string frame;
  wire::append_frame(request, &frame);
  return frame;
}

testbroker::ServerOptions make_options() {
  testbroker::ServerOptions options;
  options.topics.push_back({.name = "orders"});
  return options;
}

std::size_t bytes_of(testbroker::Server& server) {
  std::size_t bytes = 0;
  for (std::uint64_t number = 1; number <= server.counts().connections; ++number) {
    const auto* connection = server.find_connection(number);
    if (connection) bytes += connection->input_capacity() + connection->bytes_waiting();
  }
  return bytes;
}

TEST(ManyConnections, as_many_as_the_system_allows_are_held_and_the_next_one_is_served) {
  LoopbackServer broker(make_options());
  Sockets sockets;
  const std::size_t count = choose_count();
  RecordProperty("connections", static_cast<int>(count));
  for (std::size_t i = 0; i < count; ++i) ASSERT_GE(sockets.connect_to(broker.port()), 0) << i;
  ASSERT_TRUE(broker.wait_until(
      [count](testbroker::Server& server) { return server.connection_count() == count; }));
  broker.call([](testbroker::Server& server) { EXPECT_EQ(bytes_of(server), 0u); });
  const int witness = sockets.connect_to(broker.port());
  ASSERT_GE(witness, 0);
  const std::string frame =
      make_frame(RequestCode::GET_MAX_OFFSET, {{"topic", "orders"}, {"queueId", "0"}});
  ASSERT_EQ(send(witness, frame.data(), frame.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(frame.size()));
  char answer[4096];
  EXPECT_GT(recv(witness, answer, sizeof answer, 0), 8);
}

TEST(ManyConnections, one_that_asks_and_never_reads_is_cut_off_and_costs_no_more_than_its_bounds) {
  testbroker::ServerOptions options = make_options();
  options.limits.output_bytes_pause = 256 * 1024;
  options.limits.output_stall_max = std::chrono::milliseconds(300);
  LoopbackServer broker(options);
  Sockets sockets;
  const int client = sockets.connect_to(broker.port());
  ASSERT_GE(client, 0);
  const timeval limit{.tv_sec = 0, .tv_usec = 50'000};
  setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const std::string route = make_frame(RequestCode::GET_ROUTEINFO_BY_TOPIC, {{"topic", "orders"}});
  std::string many;
  for (int i = 0; i < 1000; ++i) many += route;
  std::size_t most = 0;
  const bool cut = broker.wait_until([&](testbroker::Server& server) {
    send(client, many.data(), many.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    most = std::max(most, bytes_of(server));
    return server.counts().connections == 1 && server.connection_count() == 0;
  });
  EXPECT_TRUE(cut);
  EXPECT_LT(most, 2u << 20);
  broker.call(
      [](testbroker::Server& server) { EXPECT_EQ(server.last_end(), "the client does not read"); });
}

}  // namespace
}  // namespace rmq::test
