// The simulated network: its clock, its faults, and that one seed gives one run.
#include "transport/memory_network.h"

#include <gtest/gtest.h>

#include "tests/unit/transport/recording_stream.h"
#include "transport/memory_loop.h"

namespace rmq::transport {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

class MemoryNetworkTest : public testing::Test {
 protected:
  void SetUp() override { start_listening(); }

  void start_listening() {
    SocketAddress wanted = server_loop.host();
    wanted.port = 9876;
    listener = server_loop.listen(wanted, server).take_value();
  }
  void connect() {
    client = std::make_unique<RecordingStream>(client_loop.make_stream());
    client->stream->connect(address());
  }
  SocketAddress address() const {
    SocketAddress wanted = server_loop.host();
    wanted.port = 9876;
    return wanted;
  }
  RecordingStream& peer() { return *server.accepted.back(); }

  MemoryNetwork network{7};
  MemoryLoop server_loop{network, "10.0.0.1"};
  MemoryLoop client_loop{network, "10.0.0.2"};
  RecordingListener server;
  std::unique_ptr<Listener> listener;
  std::unique_ptr<RecordingStream> client;
};

TEST_F(MemoryNetworkTest, opens_after_one_round_trip_of_the_latency) {
  network.default_behaviour().latency = milliseconds(20);
  connect();
  network.advance(milliseconds(39));
  EXPECT_EQ(client->opened, 0);
  network.advance(milliseconds(1));
  EXPECT_EQ(client->opened, 1);
  EXPECT_EQ(client->stream->local_address(), "10.0.0.2:32768");
}

TEST_F(MemoryNetworkTest, refuses_fails_or_never_completes_as_the_script_says) {
  network.behaviour(address()).connect = ConnectBehaviour::kRefuse;
  connect();
  network.advance(seconds(1));
  EXPECT_EQ(client->end_code(), ErrorCode::REFUSED);
  network.behaviour(address()).connect = ConnectBehaviour::kUnreachable;
  connect();
  network.advance(seconds(1));
  EXPECT_EQ(client->end_code(), ErrorCode::UNREACHABLE);
  network.behaviour(address()).connect = ConnectBehaviour::kNever;
  connect();
  network.advance(std::chrono::hours(1000));
  EXPECT_EQ(client->opened + client->closed, 0);
}

TEST_F(MemoryNetworkTest, listener_goes_away_and_comes_back) {
  listener.reset();
  connect();
  network.advance(seconds(1));
  EXPECT_EQ(client->end_code(), ErrorCode::REFUSED);
  start_listening();
  connect();
  network.advance(seconds(1));
  EXPECT_EQ(client->opened, 1);
}

TEST_F(MemoryNetworkTest, resets_or_cuts_after_exactly_n_bytes) {
  for (const Fault fault : {Fault::kReset, Fault::kCut}) {
    network.behaviour(address()).to_server.fault = {fault, 5};
    connect();
    network.advance(seconds(1));
    EXPECT_TRUE(client->write("123"));
    network.advance(seconds(1));
    EXPECT_EQ(client->closed, 0);
    EXPECT_TRUE(client->write("45678"));
    network.advance(seconds(1));
    EXPECT_EQ(peer().received, "12345");
    EXPECT_EQ(peer().end_code(), ErrorCode::RESET);
    EXPECT_EQ(client->end_code(), ErrorCode::RESET);
    const char* what = fault == Fault::kCut ? "closed by the peer" : "reset by the peer";
    EXPECT_NE(client->end->message.find(what), std::string::npos) << client->end->message;
  }
}

TEST_F(MemoryNetworkTest, fault_after_no_bytes_strikes_as_soon_as_the_connection_is_open) {
  network.behaviour(address()).to_client.fault = {Fault::kReset, 0};
  connect();
  network.advance(seconds(1));
  EXPECT_EQ(client->opened, 1);
  EXPECT_EQ(client->end_code(), ErrorCode::RESET);
}

TEST_F(MemoryNetworkTest, half_open_connection_swallows_bytes_and_says_nothing) {
  network.behaviour(address()).to_client.fault = {Fault::kSilence, 2};
  connect();
  network.advance(seconds(1));
  EXPECT_TRUE(peer().write("abc"));
  network.advance(seconds(1));
  EXPECT_TRUE(client->write("lost"));
  network.advance(std::chrono::hours(1));
  EXPECT_EQ(client->received, "ab");
  EXPECT_EQ(peer().received, "");
  EXPECT_EQ(client->closed + peer().closed, 0);
}

TEST_F(MemoryNetworkTest, stalled_direction_makes_the_writer_wait_until_it_resumes) {
  network.behaviour(address()).window_bytes = 8;
  network.behaviour(address()).to_server.fault = {Fault::kStall, 3};
  connect();
  network.advance(seconds(1));
  EXPECT_FALSE(client->write("0123456789abcdef"));
  network.advance(seconds(1));
  EXPECT_EQ(peer().received, "012");
  EXPECT_EQ(client->written, 0);
  network.connections().front()->resume();
  network.advance(seconds(1));
  EXPECT_EQ(peer().received, "0123456789abcdef");
  EXPECT_EQ(client->written, 1);
}

TEST_F(MemoryNetworkTest, separated_hosts_wait_for_each_other) {
  connect();
  network.advance(seconds(1));
  network.set_side(client_loop, 1);
  EXPECT_TRUE(client->write("late"));
  network.advance(seconds(10));
  EXPECT_EQ(peer().received, "");
  auto second = std::make_unique<RecordingStream>(client_loop.make_stream());
  second->stream->connect(address());
  network.advance(seconds(10));
  EXPECT_EQ(second->opened + second->closed, 0);
  network.set_side(client_loop, 0);
  network.advance(seconds(1));
  EXPECT_EQ(peer().received, "late");
}

TEST_F(MemoryNetworkTest, reads_come_in_the_sizes_of_the_script) {
  network.behaviour(address()).to_server.read_sizes = {1, 2, 3};
  connect();
  network.advance(seconds(1));
  std::vector<std::size_t> sizes;
  std::size_t before = 0;
  peer().when_read = [&] {
    sizes.push_back(peer().received.size() - before);
    before = peer().received.size();
  };
  EXPECT_TRUE(client->write("0123456789"));
  network.advance(seconds(1));
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 2, 3, 4}));
}

TEST_F(MemoryNetworkTest, wall_clock_jumps_while_deadlines_stay) {
  CountingTimer counter;
  const auto timer = client_loop.make_timer(counter);
  timer->arm(client_loop.now() + seconds(5));
  const auto wall = client_loop.wall_ms();
  network.clock().jump_wall_ms(-86'400'000);
  EXPECT_EQ(client_loop.wall_ms(), wall - 86'400'000);
  network.advance(milliseconds(4999));
  EXPECT_EQ(counter.fired, 0);
  network.advance(milliseconds(1));
  EXPECT_EQ(counter.fired, 1);
}

TEST_F(MemoryNetworkTest, names_answer_fail_hang_or_take_their_time) {
  struct Answer {
    int count = 0;
    std::string text;
  };
  const auto ask = [&](const std::string& host, Answer& answer) {
    return client_loop.resolver().resolve({host, 80}, [&answer](auto result) {
      ++answer.count;
      answer.text = result.ok() ? result.value().front().to_text() : result.error().message;
    });
  };
  network.name("slow").addresses = {server_loop.host()};
  network.name("slow").delay = seconds(2);
  network.name("dead").never_answers = true;
  Answer literal, slow, dead, unknown, forgotten;
  const auto a = ask("1.2.3.4", literal);
  const auto b = ask("slow", slow);
  const auto c = ask("dead", dead);
  const auto d = ask("unknown", unknown);
  ask("slow", forgotten).reset();
  EXPECT_EQ(literal.count, 0);
  network.run_until_idle();
  EXPECT_EQ(literal.text, "1.2.3.4:80");
  EXPECT_NE(unknown.text.find("unknown"), std::string::npos);
  EXPECT_EQ(slow.count, 0);
  network.advance(seconds(2));
  EXPECT_EQ(slow.text, "10.0.0.1:80");
  EXPECT_EQ(forgotten.count, 0);
  EXPECT_EQ(dead.count, 0);
}

// A rough minute: many clients, random chunks, jitter, resets; everything noted.
std::pair<std::uint64_t, std::string> run_rough_minute(std::uint64_t seed) {
  MemoryNetwork network(seed);
  network.default_behaviour().random_chunks = true;
  network.default_behaviour().jitter = milliseconds(3);
  network.default_behaviour().window_bytes = 100;
  MemoryLoop server_loop(network, "10.0.0.1");
  RecordingListener server;
  SocketAddress address = server_loop.host();
  address.port = 1;
  const auto listener = server_loop.listen(address, server).take_value();
  const std::string text(1000, 'x');
  std::vector<std::unique_ptr<MemoryLoop>> loops;
  std::vector<std::unique_ptr<RecordingStream>> clients;
  for (int i = 0; i < 10; ++i) {
    loops.push_back(std::make_unique<MemoryLoop>(network, "10.0.1." + std::to_string(i)));
    clients.push_back(std::make_unique<RecordingStream>(loops.back()->make_stream()));
    RecordingStream& client = *clients.back();
    client.when_open = client.when_written = [&] {
      while (client.reads == 0 && client.write(text)) {
      }
    };
    client.stream->connect(address);
  }
  for (int i = 0; i < 60; ++i) {
    network.advance(milliseconds(100));
    const auto live = network.connections();
    if (i % 10 == 9 && !live.empty()) live[network.random().below(live.size())]->reset();
    for (auto& accepted : server.accepted) (void)accepted->write("stop");
  }
  std::string received;
  for (auto& accepted : server.accepted)
    received += std::to_string(accepted->received.size()) + " ";
  return {network.trace_hash(), received};
}

TEST(MemoryNetworkSeed, same_seed_gives_the_same_run_and_another_seed_another) {
  EXPECT_EQ(run_rough_minute(1), run_rough_minute(1));
  EXPECT_NE(run_rough_minute(1).first, run_rough_minute(2).first);
}

// Keeps writing parts of its own text until all of it is out.
struct Sender {
  Sender(RecordingStream& wanted, SeededRandom& its_random, char first)
      : stream(wanted), random(its_random) {
    for (int i = 0; i < 5000; ++i) text += static_cast<char>(first + i % 17);
    stream.when_written = [this] { go_on(); };
  }
  void go_on() {
    while (sent < text.size()) {
      const std::size_t size = std::min<std::size_t>(1 + random.below(400), text.size() - sent);
      const auto part = std::string_view(text).substr(sent, size);
      sent += size;
      if (!stream.write(part)) return;
    }
  }
  RecordingStream& stream;
  SeededRandom& random;
  std::string text;
  std::size_t sent = 0;
};

TEST(MemoryNetworkSeed, bytes_arrive_whole_and_in_order_however_they_are_cut) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    MemoryNetwork network(seed);
    network.default_behaviour().random_chunks = true;
    network.default_behaviour().jitter = milliseconds(5);
    network.default_behaviour().window_bytes = 1 + network.random().below(2000);
    MemoryLoop server_loop(network, "10.0.0.1");
    MemoryLoop client_loop(network, "10.0.0.2");
    RecordingListener server;
    const auto listener = server_loop.listen(server_loop.host(), server).take_value();
    RecordingStream client(client_loop.make_stream());
    client.stream->connect(listener->address());
    ASSERT_TRUE(network.run_until([&] { return client.opened == 1; }, seconds(1)));
    RecordingStream& peer = *server.accepted.front();
    Sender up(client, network.random(), 'a');
    Sender down(peer, network.random(), 'A');
    up.go_on();
    down.go_on();
    network.advance(milliseconds(50));
    network.set_side(client_loop, 1);
    network.advance(milliseconds(50));
    network.set_side(client_loop, 0);
    for (const auto& connection : network.connections_of(server_loop)) connection->stall();
    network.advance(milliseconds(50));
    for (const auto& connection : network.connections()) connection->resume();
    network.advance(std::chrono::minutes(10));
    EXPECT_TRUE(peer.received == up.text) << peer.received.size();
    EXPECT_TRUE(client.received == down.text) << client.received.size();
    up.stream.stream->close();
    network.advance(seconds(1));
    EXPECT_EQ(peer.closed, 1);
  }
}

TEST_F(MemoryNetworkTest, host_without_power_leaves_its_peers_in_the_dark) {
  connect();
  network.advance(seconds(1));
  for (const auto& connection : network.connections_of(server_loop)) connection->go_silent();
  server.accepted.clear();
  listener.reset();
  EXPECT_TRUE(client->write("anybody?"));
  network.advance(std::chrono::hours(1));
  EXPECT_EQ(client->closed, 0);
}

TEST_F(MemoryNetworkTest, job_takes_simulated_time_and_is_done_on_the_loop) {
  struct NotingJob final : Job {
    explicit NotingJob(std::string& wanted) : notes(wanted) {}
    void run() noexcept override { notes += "run "; }
    void done() noexcept override { notes += "done "; }
    std::string& notes;
  };
  std::string notes;
  client_loop.set_job_duration(seconds(1));
  ASSERT_TRUE(client_loop.executor().submit(std::make_unique<NotingJob>(notes)).ok());
  network.advance(milliseconds(999));
  EXPECT_EQ(notes, "");
  network.advance(milliseconds(1));
  EXPECT_EQ(notes, "run done ");
}

}  // namespace
}  // namespace rmq::transport
