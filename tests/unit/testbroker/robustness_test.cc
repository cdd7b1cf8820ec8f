// Whatever a peer sends, or does not read, costs it its own connection at most.
#include <fstream>
#include <nlohmann/json.hpp>

#include "testbroker_fixture.h"

namespace rmq::testbroker {
namespace {

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string make_frame(const wire::Command& command) {
  std::string frame;
  wire::append_frame(command, &frame);
  return frame;
}

TEST(Robustness, absurd_lengths_close_that_connection_alone) {
  World world;
  auto& witness = world.connect();
  for (const char* hex : {"ffffffff00000000", "7fffffff00000000", "0000000000000000",
                          "00000003000000", "0100000000000000", "00000008ffffffff00000000",
                          "0000000800ffffff00000000", "000000080900000400000000"}) {
    auto& client = world.connect();
    client.send(from_hex(hex));
    world.run();
    EXPECT_FALSE(client.is_open()) << hex;
    EXPECT_EQ(client.bytes(), "") << hex;
  }
  EXPECT_EQ(world.ask(witness, make_send(1, "x")).code, 0);
  EXPECT_EQ((*world.server)->connection_count(), 1u);
}

TEST(Robustness, malformed_frames_of_the_vectors_leave_the_server_fine) {
  std::ifstream file(RMQ_MALFORMED_FRAMES);
  ASSERT_TRUE(file.good());
  const auto vectors = nlohmann::json::parse(file);
  World world;
  std::size_t cases = 0;
  for (const auto& vector : vectors["cases"]) {
    auto& client = world.connect();
    client.send(from_hex(vector["hex"].get<std::string>()));
    world.run();
    if (vector["required"] == "error") {
      EXPECT_FALSE(client.is_open()) << vector["name"];
    }
    if (vector["required"] == "wait") {
      EXPECT_TRUE(client.is_open()) << vector["name"];
    }
    client.close();
    ++cases;
  }
  EXPECT_GT(cases, 10u);
  EXPECT_EQ(world.ask(world.connect(), make_send(1, "x")).code, 0);
}

TEST(Robustness, codes_that_nobody_serves_are_answered_and_counted_within_bounds) {
  World world;
  auto& client = world.connect();
  constexpr std::int32_t kUnknownCodes = 5000;
  for (std::int32_t i = 0; i < kUnknownCodes; ++i) {
    auto request = make_request(RequestCode::SEND_MESSAGE, i + 1);
    request.code = 1'000'000 + i;
    client.send(request);
  }
  world.run(1s);
  ASSERT_EQ(client.answers().size(), static_cast<std::size_t>(kUnknownCodes));
  for (const wire::Command& answer : client.answers()) EXPECT_EQ(answer.code, 3);
  EXPECT_LE((*world.server)->counts().requests_by_code.size(), 1000u);
  for (const std::int32_t code : {INT32_MIN, -1, INT32_MAX}) {
    auto request = make_request(RequestCode::SEND_MESSAGE, kUnknownCodes + 1);
    request.code = code;
    EXPECT_EQ(world.ask(client, request).code, 3) << code;
  }
}

// A length alone makes nobody allocate.
TEST(Robustness, announced_bytes_are_not_memory) {
  World world;
  for (int i = 0; i < 100; ++i) world.connect().send(from_hex("00ffff0000000010"));  // 16 MB
  world.run();
  std::size_t bytes = 0;
  for (std::uint64_t number = 1; number <= 100; ++number) {
    const ServerConnection* connection = (*world.server)->find_connection(number);
    ASSERT_NE(connection, nullptr);
    bytes += connection->input_capacity() + connection->bytes_waiting();
  }
  EXPECT_LE(bytes, 100u * 16 * 1024);
}

TEST(Robustness, ten_thousand_idle_connections_cost_little) {
  World world;
  constexpr std::size_t kConnections = 10'000;
  for (std::size_t i = 0; i < kConnections; ++i) world.connect();
  world.run();
  ASSERT_EQ((*world.server)->connection_count(), kConnections);
  const auto bytes = [&] {
    std::size_t sum = 0;
    for (std::uint64_t number = 1; number <= kConnections; ++number) {
      const ServerConnection* connection = (*world.server)->find_connection(number);
      if (connection) sum += connection->input_capacity() + connection->bytes_waiting();
    }
    return sum;
  };
  EXPECT_EQ(bytes(), 0u);
  auto& witness = world.clients.back();
  EXPECT_EQ(world.ask(witness, make_send(1, "x")).code, 0);
  for (auto& client : world.clients) client.send(make_route_request(2, "orders"));
  world.run(1s);
  for (auto& client : world.clients) ASSERT_NE(client.answer_to(2), nullptr);
  EXPECT_LE(bytes(), kConnections * 16 * 1024);
}

TEST(Robustness, a_request_cut_into_single_bytes_is_answered) {
  World world;
  auto& behaviour = world.network.behaviour(world.server->address());
  behaviour.random_chunks = true;
  auto& client = world.connect();
  for (std::int32_t i = 1; i <= 20; ++i) {
    client.send(make_send(i, std::string(static_cast<std::size_t>(i * 997), 'x')));
  }
  const std::string last = make_frame(make_route_request(21, "orders"));
  for (const char byte : last) {
    client.send(std::string_view(&byte, 1));
    world.run(1ms);
  }
  world.run(1s);
  EXPECT_EQ(client.answers().size(), 21u);
}

TEST(Robustness, a_thousand_connections_are_served) {
  World world;
  for (int i = 0; i < 1000; ++i) world.connect();
  world.run();
  EXPECT_EQ((*world.server)->connection_count(), 1000u);
  for (auto& client : world.clients) {
    for (std::int32_t i = 1; i <= 3; ++i) client.send(make_send(i, "x", "orders", i));
  }
  world.run();
  for (auto& client : world.clients) ASSERT_EQ(client.answers().size(), 3u);
  EXPECT_EQ((*world.server)->store().appended(), 3000u);
  (*world.server)->cut_connections();
  world.run();
  for (auto& client : world.clients) EXPECT_FALSE(client.is_open());
}

TEST(Robustness, a_client_that_never_reads_is_paused_and_then_cut_off) {
  ServerOptions options;
  options.limits.output_bytes_pause = 64 * 1024;
  options.limits.output_stall_max = 5s;
  World world(options);
  world.network.behaviour(world.server->address()).window_bytes = 16 * 1024;
  auto& witness = world.connect();
  world.ask(witness, make_send(1, std::string(30'000, 'b')));
  auto& client = world.connect();
  world.run();
  client.pause_reading();
  const std::string pull = make_frame(make_pull(1, 0, 0));
  std::size_t most = 0;
  for (int i = 0; i < 1000; ++i) {
    client.send(pull);
    world.run(2ms);
    const ServerConnection* connection = (*world.server)->find_connection(2);
    ASSERT_NE(connection, nullptr);
    most = std::max(most, connection->bytes_waiting() + connection->input_capacity());
  }
  EXPECT_LT(most, 256u * 1024);
  EXPECT_GT((*world.server)->counts().requests, 3u);
  EXPECT_LT((*world.server)->counts().requests, 20u);
  world.run(6s);
  EXPECT_EQ((*world.server)->find_connection(2), nullptr);
  EXPECT_EQ((*world.server)->last_end(), "the client does not read");
  EXPECT_EQ(world.ask(witness, make_send(2, "x")).code, 0);
}

TEST(Robustness, a_client_that_reads_late_gets_everything) {
  ServerOptions options;
  options.limits.output_bytes_pause = 64 * 1024;
  World world(options);
  auto& client = world.connect();
  world.ask(client, make_send(0, std::string(30'000, 'b')));
  client.pause_reading();
  for (std::int32_t i = 1; i <= 500; ++i) client.send(make_pull(i, 0, 0));
  world.run(5s);
  EXPECT_LT(client.answers().size(), 2u);
  client.resume_reading();
  world.run(10s);
  EXPECT_EQ(client.answers().size(), 501u);
}

TEST(Robustness, clients_may_go_at_any_byte_of_a_request) {
  World world;
  const std::string frame = make_frame(make_send(1, "x"));
  for (std::size_t size = 0; size < frame.size(); ++size) {
    auto& client = world.connect();
    client.send(std::string_view(frame).substr(0, size));
    world.run(1ms);
    client.close();
  }
  world.run();
  EXPECT_EQ((*world.server)->connection_count(), 0u);
  EXPECT_EQ((*world.server)->store().appended(), 0u);
}

std::uint64_t run_once(std::uint64_t seed) {
  World world({}, seed);
  auto& behaviour = world.network.behaviour(world.server->address());
  behaviour.random_chunks = true;
  behaviour.jitter = 5ms;
  auto& script = (*world.server)->script();
  script.on_any().with_chance(0.1).then(fault::delay(30ms));
  script.on_any().with_chance(0.1).then(fault::garbage(40));
  script.on_any().with_chance(0.02).then(fault::cut_half());
  script.on_any().with_chance(0.002).then(fault::crash(100ms, Memory::lost));
  for (int round = 0; round < 40; ++round) {
    auto& client = world.connect();
    for (std::int32_t i = 0; i < 20; ++i) client.send(make_send(i, "x", "orders", -1));
    world.run(7ms);
  }
  world.run(1s);
  return world.network.trace_hash() ^ (*world.server)->store().appended();
}

TEST(Simulation, of_one_seed_is_one_run) {
  EXPECT_EQ(run_once(7), run_once(7));
  EXPECT_NE(run_once(7), run_once(8));
}

}  // namespace
}  // namespace rmq::testbroker
