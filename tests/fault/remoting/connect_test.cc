// Attempts to connect that fail, and what the waiting requests hear of it.
#include <set>

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
    EXPECT_EQ(fast.failures, 1) << "before another attempt was made";
    world.advance(milliseconds(250));
    ASSERT_EQ(fast.failures, 2) << "with the next attempt";
    EXPECT_EQ(fast.error->code, base::ErrorCode::REFUSED);

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

// A proxy knows the names behind it; the resolver here does not.
TEST(Connect, leaves_the_name_to_a_factory_that_goes_through_a_proxy) {
  World world(1, {.peer = {"broker.behind.proxy", 10911}});
  world.proxy = transport::HostPort{"10.0.0.2", 10911};
  world.open();
  EXPECT_EQ(world.path(), "idle resolving connecting open");
  EXPECT_EQ(world.stream_peers, std::vector<std::string>{"broker.behind.proxy:10911"});
  EXPECT_EQ(world.connection->options().peer.host, "broker.behind.proxy");
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

void echo_everything(World& world) {
  world.peer.on_frame = [](const SeenRequest& seen) {
    seen.session->answer(seen.opaque, seen.body, seen.serialization);
  };
}

// The peer is gone for `outage`, and nobody asks meanwhile: pauses grow to half a minute.
void leave_for(World& world, milliseconds outage) {
  world.open();
  world.connection->set_keep_open(true);
  world.peer.stop_listening();
  world.peer.last().close();
  world.advance(outage);
  world.peer.listen();
  echo_everything(world);
}

const ConnectionOptions kLongPauses{.reconnect_backoff_max = milliseconds(30000)};

TEST(Backoff, ends_when_somebody_asks) {
  for (const int seconds : {3, 11, 60, 600}) {
    SCOPED_TRACE(std::to_string(seconds) + " s");
    for_seeds(20, [&](std::uint64_t seed) {
      World world(seed, kLongPauses);
      leave_for(world, std::chrono::seconds(seconds));
      TestRequest request("here again");
      world.submit(request, milliseconds(3000));
      world.advance(milliseconds(1001));
      EXPECT_EQ(request.answer, "here again");
    });
  }
}

TEST(Backoff, stays_short_while_somebody_waits) {
  for (const int seconds : {3, 11, 60, 600}) {
    SCOPED_TRACE(std::to_string(seconds) + " s");
    for_seeds(20, [&](std::uint64_t seed) {
      World world(seed, kLongPauses);
      world.peer.stop_listening();
      TestRequest request("patient");
      request.fail_fast = false;
      world.submit(request, milliseconds(3600 * 1000));
      world.advance(std::chrono::seconds(seconds));
      EXPECT_LE(world.connection->counters().attempts, 10U + 2U * static_cast<unsigned>(seconds));
      world.peer.listen();
      echo_everything(world);
      world.advance(milliseconds(1001));
      EXPECT_EQ(request.answer, "patient");
    });
  }
}

TEST(Backoff, stays_short_while_somebody_wants_the_connection_and_does_not_wait) {
  for_seeds(20, [](std::uint64_t seed) {
    World world(seed, kLongPauses);
    EXPECT_FALSE(world.connection->is_away());
    world.peer.stop_listening();
    TestRequest request("fast");
    world.submit(request);
    world.advance(milliseconds(60000));
    EXPECT_EQ(request.failures, 1);
    EXPECT_TRUE(world.connection->is_away());
    EXPECT_EQ(world.connection->counters().attempts, 1U) << "nobody asked";
    for (int i = 0; i < 100; ++i) {
      world.connection->want();
      world.advance(milliseconds(100));
    }
    EXPECT_GE(world.connection->counters().attempts, 10U);
    EXPECT_LE(world.connection->counters().attempts, 30U);
    world.peer.listen();
    world.connection->want();
    world.advance(milliseconds(1001));
    EXPECT_EQ(world.connection->state(), ConnectionState::open);
    EXPECT_TRUE(world.connection->is_away()) << "nothing was heard of it yet";
    EXPECT_EQ(world.silences, 1) << "which is asked for at once";
    world.open();
    EXPECT_FALSE(world.connection->is_away());
  });
}

TEST(Backoff, makes_an_attempt_within_the_time_of_each_request) {
  for_seeds(20, [](std::uint64_t seed) {
    World world(seed, kLongPauses);
    leave_for(world, milliseconds(600000));
    world.peer.stop_listening();
    if (!world.peer.sessions.empty()) world.peer.last().close();
    for (int i = 0; i < 20; ++i) {
      TestRequest request("short");
      request.fail_fast = i % 2 == 0;
      const std::uint64_t before = world.connection->counters().attempts;
      world.submit(request, milliseconds(250));
      while (request.ends() == 0) world.advance(milliseconds(1));
      EXPECT_GT(world.connection->counters().attempts, before) << i;
      world.advance(milliseconds(world.network.random().below(300)));
    }
  });
}

// A fleet that lost one server does not come back in one moment.
TEST(Backoff, keeps_its_jitter_for_those_who_ask) {
  std::set<base::Duration> waits;
  for_seeds(30, [&](std::uint64_t seed) {
    World world(seed, kLongPauses);
    world.peer.stop_listening();
    TestRequest request("patient");
    request.fail_fast = false;
    world.submit(request, milliseconds(60000));
    world.advance(milliseconds(30000));
    for (const base::Duration wait : collect_waits(world)) {
      EXPECT_LE(wait, milliseconds(1000));
      EXPECT_GE(wait, milliseconds(100));
      waits.insert(wait);
    }
    world.connection.reset();
  });
  EXPECT_GT(waits.size(), 500U);
}

TEST(Backoff, counts_an_attempt_that_ran_out_of_time_as_a_pause) {
  World world(1, kLongPauses);
  world.behaviour().connect = transport::ConnectBehaviour::kNever;
  TestRequest request("patient");
  request.fail_fast = false;
  world.submit(request, milliseconds(60000));
  world.advance(milliseconds(30000));
  for (const base::Duration wait : collect_waits(world)) EXPECT_LE(wait, milliseconds(100));
  world.connection.reset();
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
