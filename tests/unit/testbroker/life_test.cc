// How a server dies, comes back, refuses and freezes, and what several of these at once make.
#include "testbroker_fixture.h"
#include "tests/unit/testbroker/cluster_fixture.h"

namespace rmq::testbroker {
namespace {

using ::testing::HasSubstr;

// A port that somebody else may take while the server does not listen.
class SharedPort {
 public:
  ServerOptions options() {
    ServerOptions options;
    options.listen = [this](transport::Loop& loop, const transport::SocketAddress& address,
                            transport::ListenerHandler& handler)
        -> base::Result<std::unique_ptr<transport::Listener>> {
      if (taken) return base::make_error(base::ErrorCode::NETWORK, "in use");
      return loop.listen(address, handler);
    };
    return options;
  }
  bool taken = false;
};

TEST(ServerLife, tries_to_be_back_until_its_port_is_free) {
  SharedPort port;
  World world(port.options());
  Server& server = *(*world.server);
  server.crash(1s, Memory::kept);
  port.taken = true;
  world.run(1250ms);
  EXPECT_FALSE(server.is_up());
  EXPECT_EQ(server.counts().failed_starts, 3u);
  EXPECT_EQ(server.last_end(), "in use");
  port.taken = false;
  world.run(100ms);
  EXPECT_TRUE(server.is_up());
  EXPECT_EQ(world.ask(world.connect(), make_send(1, "x")).code, 0);
  world.run(10s);
  EXPECT_EQ(server.counts().failed_starts, 3u);
}

TEST(ServerLife, tries_to_listen_after_a_refusal_until_its_port_is_free_or_it_is_stopped) {
  SharedPort port;
  World world(port.options());
  Server& server = *(*world.server);
  server.refuse(1s);
  port.taken = true;
  world.run(1150ms);
  EXPECT_EQ(server.counts().failed_starts, 2u);
  port.taken = false;
  world.run(100ms);
  EXPECT_TRUE(server.is_listening());
  server.refuse(1s);
  port.taken = true;
  world.run(1050ms);
  server.stop();
  world.run(10s);
  EXPECT_EQ(server.counts().failed_starts, 3u);
  EXPECT_FALSE(server.is_listening());
}

TEST(ServerLife, a_second_refusal_lasts_its_own_time) {
  World world;
  Server& server = *(*world.server);
  server.refuse(1s);
  world.run(500ms);
  server.refuse(5s);
  world.run(4900ms);
  EXPECT_FALSE(server.is_listening());
  world.run(200ms);
  EXPECT_TRUE(server.is_listening());
}

TEST(ServerLife, a_second_crash_takes_the_place_of_the_first) {
  World world;
  Server& server = *(*world.server);
  server.crash(1s, Memory::kept);
  world.run(500ms);
  server.crash(5s, Memory::kept);
  world.run(4900ms);
  EXPECT_FALSE(server.is_up());
  world.run(200ms);
  EXPECT_TRUE(server.is_up());
}

TEST(ServerLife, resume_wakes_nothing_that_is_not_paused) {
  World world;
  Server& server = *(*world.server);
  server.stop();
  server.resume();
  server.pause();
  EXPECT_FALSE(server.is_paused());
  ASSERT_TRUE(server.start().ok());
  EXPECT_EQ(world.ask(world.connect(), make_send(1, "x")).code, 0);
}

TEST(ServerLife, forgets_delayed_answers_when_it_stops) {
  World world;
  Server& server = *(*world.server);
  server.script().on(RequestCode::SEND_MESSAGE_V2).nth(1).then(fault::delay(5s));
  auto& client = world.connect();
  client.send(make_send(1, "x"));
  world.run();
  EXPECT_GT(server.waiting_bytes(), 0u);
  server.crash(1s, Memory::kept);
  EXPECT_EQ(server.waiting_bytes(), 0u);
  world.run(10s);
  EXPECT_EQ(server.waiting_bytes(), 0u);
  EXPECT_TRUE(client.answers().empty());
}

class ServerLifeCommands : public ClusterWithSlaves {};

TEST_F(ServerLifeCommands, pause_is_refused_for_a_server_that_is_down) {
  EXPECT_EQ(command("crash broker-a 1s"), "");
  EXPECT_THAT(command("pause broker-a"), HasSubstr("a server that is up was expected"));
  EXPECT_EQ(command("resume broker-a"), "");
  run(2s);
  EXPECT_FALSE(master().is_paused());
  EXPECT_TRUE(master().is_up());
}

TEST_F(ServerLifeCommands, stats_has_the_starts_that_failed) {
  EXPECT_THAT(command("stats"), HasSubstr("failed_starts=0"));
}

}  // namespace
}  // namespace rmq::testbroker
