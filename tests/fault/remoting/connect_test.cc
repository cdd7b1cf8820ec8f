// Attempts to connect that fail, and what the waiting requests hear of it.
#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

TEST(Connect, happens_when_there_is_something_to_send) {
  World world(1);
  world.advance(milliseconds(10000));
  EXPECT_EQ(world.connection->state(), ConnectionState::idle);
  EXPECT_EQ(world.streams_made, 0);
  world.open();
  EXPECT_EQ(world.path(), "idle resolving connecting open");
}

TEST(Connect, happens_at_once_when_it_is_to_be_kept_open) {
  World world(1, {.keep_open = true});
  world.pass();
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
}

TEST(Connect, refused_fails_fast_as_not_applied_or_waits) {
  for_seeds(20, [](std::uint64_t seed) {
    World world(seed);
    world.peer.stop_listening();
    TestRequest fast("fast");
    TestRequest patient("patient");
    patient.fail_fast = false;
    world.submit(fast);
    world.submit(patient);
    world.pass();
    ASSERT_EQ(fast.failures, 1);
    EXPECT_EQ(fast.error->code, base::ErrorCode::REFUSED);
    EXPECT_EQ(fast.error->outcome, base::Outcome::not_applied);
    EXPECT_NE(fast.error->message.find("cannot connect to broker 10.0.0.2:10911"),
              std::string::npos)
        << fast.error->message;
    EXPECT_EQ(patient.ends(), 0);
    EXPECT_EQ(world.connection->state(), ConnectionState::backing_off);

    world.submit(fast);
    EXPECT_EQ(fast.failures, 1) << "never inside submit";
    world.settle();
    ASSERT_EQ(fast.failures, 2) << "refused while backing off";

    world.peer.listen();
    world.peer.on_frame = [](const SeenRequest& seen) {
      seen.session->answer(seen.opaque, "late but fine", seen.serialization);
    };
    world.advance(milliseconds(1000));
    EXPECT_EQ(patient.answer, "late but fine");
  });
}

TEST(Connect, that_never_ends_is_given_up) {
  World world(1, {.connect_timeout = milliseconds(2000)});
  world.behaviour().connect = transport::ConnectBehaviour::kNever;
  TestRequest fast("fast");
  TestRequest patient("patient");
  patient.fail_fast = false;
  TestRequest hasty("hasty");
  world.submit(fast, milliseconds(60000));
  world.submit(patient, milliseconds(2500));
  world.submit(hasty, milliseconds(500));
  world.advance(milliseconds(600));
  ASSERT_EQ(hasty.failures, 1);
  EXPECT_EQ(hasty.error->code, base::ErrorCode::CONNECT_TIMEOUT);
  EXPECT_NE(hasty.error->message.find("500 ms of 500 ms"), std::string::npos)
      << hasty.error->message;
  EXPECT_EQ(fast.ends(), 0);
  world.advance(milliseconds(1401));
  ASSERT_EQ(fast.failures, 1);
  EXPECT_EQ(fast.error->code, base::ErrorCode::CONNECT_TIMEOUT);
  EXPECT_EQ(fast.error->outcome, base::Outcome::not_applied);
  world.advance(milliseconds(600));
  ASSERT_EQ(patient.failures, 1);
  EXPECT_EQ(patient.error->code, base::ErrorCode::CONNECT_TIMEOUT);
  EXPECT_NE(patient.error->message.find("last error: cannot connect"), std::string::npos)
      << patient.error->message;
}

TEST(Connect, shares_its_time_among_the_addresses_of_a_name) {
  World world(1, {.peer = {"broker.example", 10911}, .connect_timeout = milliseconds(3000)});
  transport::SocketAddress dead;
  transport::SocketAddress::parse_literal("10.0.0.9", 10911, &dead);
  world.network.behaviour(dead).connect = transport::ConnectBehaviour::kNever;
  world.network.name("broker.example").addresses = {dead, world.server.host()};
  world.peer.on_frame = [](const SeenRequest& seen) {
    seen.session->answer(seen.opaque, "second", seen.serialization);
  };
  TestRequest request("request");
  world.submit(request, milliseconds(3000));
  world.advance(milliseconds(1600));
  EXPECT_EQ(request.answer, "second");
}

TEST(Connect, to_an_unknown_name_or_one_that_is_never_answered_fails) {
  World unknown(1, {.peer = {"nowhere.example", 10911}});
  TestRequest request("request");
  unknown.submit(request);
  unknown.pass();
  ASSERT_EQ(request.failures, 1);
  EXPECT_EQ(request.error->code, base::ErrorCode::CANNOT_RESOLVE);

  World silent(1, {.peer = {"slow.example", 10911}, .connect_timeout = milliseconds(1000)});
  silent.network.name("slow.example").never_answers = true;
  TestRequest other("other");
  silent.submit(other);
  silent.advance(milliseconds(1001));
  ASSERT_EQ(other.failures, 1);
  EXPECT_EQ(other.error->code, base::ErrorCode::CONNECT_TIMEOUT);
}

std::vector<base::Duration> collect_waits(const World& world) {
  std::vector<base::Duration> waits;
  base::Instant since{};
  for (const auto& transition : world.transitions) {
    if (transition.to == ConnectionState::backing_off) since = transition.at;
    if (transition.from == ConnectionState::backing_off) waits.push_back(transition.at - since);
  }
  return waits;
}

TEST(Backoff, grows_with_jitter_within_its_bounds_and_starts_anew_after_success) {
  bool has_jitter = false;
  for_seeds(50, [&](std::uint64_t seed) {
    const base::Duration min = milliseconds(100);
    const base::Duration max = milliseconds(5000);
    World world(seed,
                {.reconnect_backoff_min = min, .reconnect_backoff_max = max, .keep_open = true});
    world.peer.stop_listening();
    world.advance(milliseconds(60000));
    const auto waits = collect_waits(world);
    ASSERT_GT(waits.size(), 10u);
    for (std::size_t n = 0; n < waits.size(); ++n) {
      const base::Duration ceiling = n < 6 ? std::min(max, min * (2 << n)) : max;
      EXPECT_LE(waits[n], ceiling) << n;
      EXPECT_GE(waits[n], std::max(min, ceiling / 2)) << n;
      has_jitter |= n > 6 && waits[n] != waits[n - 1];
    }

    world.peer.listen();
    ASSERT_TRUE(world.network.run_until(
        [&] { return world.connection->state() == ConnectionState::open; }, milliseconds(6000)));
    world.open();
    world.advance(milliseconds(1000));
    world.transitions.clear();
    world.peer.stop_listening();
    world.peer.last().close();
    world.advance(milliseconds(10000));
    EXPECT_LE(collect_waits(world).at(0), 2 * min) << "as after the first failure";
  });
  EXPECT_TRUE(has_jitter);
}

TEST(Backoff, holds_for_servers_that_accept_and_hang_up) {
  World world(1, {.reconnect_backoff_max = milliseconds(1000), .keep_open = true});
  world.peer.on_session = [](PeerSession& session) { session.close(); };
  world.advance(milliseconds(20000));
  EXPECT_GT(world.streams_made, 20);
  EXPECT_LT(world.streams_made, 60);
}

TEST(Reconnect, comes_at_once_when_the_session_was_of_use) {
  for_seeds(20, [](std::uint64_t seed) {
    World world(seed, {.keep_open = true});
    world.open();
    world.advance(milliseconds(1000));
    world.transitions.clear();
    world.peer.last().close();
    world.pass();
    EXPECT_EQ(world.path(), "open idle resolving connecting open");
  });
}

}  // namespace
}  // namespace rmq::remoting::testing
