// A server that is shutting down answers GO_AWAY (1500) instead of working on a request.
#include <memory>
#include <random>
#include <vector>

#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

constexpr std::int32_t kGoAway = 1500;

void send_away(const SeenRequest& seen) {
  wire::Command response;
  response.serialization = seen.serialization;
  response.code = kGoAway;
  response.opaque = seen.opaque;
  response.flag = wire::kFlagResponse;
  response.body = "go away";
  seen.session->send(response);
}

void echo(const SeenRequest& seen) {
  seen.session->answer(seen.opaque, seen.body, seen.serialization);
}

// The first session sends everything away, later ones answer.
void send_first_session_away(World& world) {
  world.peer.on_frame = [&world](const SeenRequest& seen) {
    if (seen.session == world.peer.sessions.front().get()) {
      send_away(seen);
    } else {
      echo(seen);
    }
  };
}

TEST(GoAway, sends_the_request_once_more_on_a_new_connection_with_a_new_opaque) {
  for_seeds(50, [](std::uint64_t seed) {
    World world(seed);
    world.open();
    // In the first session, so that the numbers of both can be told apart.
    send_first_session_away(world);
    TestRequest request("send");
    world.submit(request);
    world.advance(milliseconds(200));
    EXPECT_EQ(request.answers, 1);
    EXPECT_EQ(request.answer_code, 0);
    EXPECT_EQ(request.answer, "send");
    ASSERT_EQ(world.peer.seen.size(), 2u);
    EXPECT_NE(world.peer.seen[0].session, world.peer.seen[1].session);
    EXPECT_NE(world.peer.seen[0].opaque, world.peer.seen[1].opaque);
    EXPECT_EQ(world.path(), "idle resolving connecting open idle resolving connecting open");
    EXPECT_EQ(world.connection->counters().sent_again, 1u);
  });
}

TEST(GoAway, works_on_the_first_request_of_a_connection_too) {
  World world(1);
  send_first_session_away(world);
  TestRequest request("send");
  world.submit(request);
  world.advance(milliseconds(200));
  EXPECT_EQ(request.answer, "send") << "young as the session was, there is no back-off";
}

TEST(GoAway, is_the_answer_the_second_time) {
  for_seeds(20, [](std::uint64_t seed) {
    World world(seed);
    world.peer.on_frame = send_away;
    TestRequest request("send");
    world.submit(request);
    world.advance(milliseconds(2000));
    EXPECT_EQ(request.answers, 1);
    EXPECT_EQ(request.answer_code, kGoAway);
    EXPECT_EQ(world.peer.seen.size(), 2u);
  });
}

TEST(GoAway, starts_anew_with_each_submission) {
  World world(1);
  world.peer.on_frame = send_away;
  TestRequest request("send");
  request.fail_fast = false;
  world.submit(request);
  world.advance(milliseconds(2000));
  ASSERT_EQ(request.answer_code, kGoAway);
  const std::size_t seen = world.peer.seen.size();
  world.submit(request, milliseconds(30000));
  world.advance(milliseconds(30000));
  EXPECT_EQ(request.answers, 2);
  EXPECT_EQ(world.peer.seen.size(), seen + 2);
}

TEST(GoAway, lets_the_server_answer_the_rest_and_gives_it_nothing_new) {
  for_seeds(20, [](std::uint64_t seed) {
    World world(seed);
    world.open();
    world.peer.on_frame = nullptr;
    TestRequest slow("slow");
    world.submit(slow);
    world.pass();
    TestRequest sent_away("sent away");
    world.submit(sent_away);
    world.pass();
    ASSERT_EQ(world.peer.seen.size(), 2u);
    world.peer.on_frame = echo;
    send_away(world.peer.seen[1]);
    world.pass();
    TestRequest later("later");
    world.submit(later);
    world.advance(milliseconds(300));
    EXPECT_EQ(world.peer.sessions.size(), 1u);
    EXPECT_EQ(sent_away.ends() + later.ends() + slow.ends(), 0);

    echo(world.peer.seen[0]);
    world.advance(milliseconds(200));
    EXPECT_EQ(slow.answer, "slow");
    EXPECT_EQ(sent_away.answer, "sent away");
    EXPECT_EQ(later.answer, "later");
    ASSERT_EQ(world.peer.seen.size(), 4u);
    EXPECT_EQ(world.peer.seen[2].session, world.peer.sessions[1].get());
    EXPECT_EQ(world.peer.seen[3].session, world.peer.sessions[1].get());
  });
}

TEST(GoAway, waits_not_for_long_for_the_rest_while_requests_wait) {
  World world(1, {.connect_timeout = milliseconds(3000)});
  world.open();
  world.peer.on_frame = nullptr;
  TestRequest poll("a long poll");
  world.submit(poll, milliseconds(30000));
  TestRequest sent_away("sent away");
  world.submit(sent_away, milliseconds(5000));
  world.pass();
  world.peer.on_frame = echo;
  send_away(world.peer.seen[1]);
  world.advance(milliseconds(400));
  EXPECT_EQ(poll.ends() + sent_away.ends(), 0);
  TestRequest later("later");
  world.submit(later, milliseconds(5000));  // one more waits, no longer than the first
  world.advance(milliseconds(200));
  EXPECT_EQ(sent_away.answer, "sent away");
  EXPECT_EQ(later.answer, "later");
  ASSERT_EQ(poll.failures, 1);
  EXPECT_EQ(poll.error->code, base::ErrorCode::SERVER_LEAVING);
  EXPECT_EQ(poll.error->outcome, base::Outcome::maybe_applied);
}

TEST(GoAway, that_comes_before_the_request_is_written_whole_counts_too) {
  World world(1);
  world.open();
  // The peer takes no more bytes, but answers the large request that is on its way.
  world.peer.last().stop_reading();
  TestRequest large(std::string(4 * 1024 * 1024, 'x'));
  world.submit(large, milliseconds(3000));
  world.pass();
  ASSERT_EQ(large.ends(), 0);
  PeerSession& first = world.peer.last();
  // Its opaque is not known to a peer that has read nothing: the one slot, its second generation.
  const std::int32_t opaque = 2 << 16;
  send_away({&first, wire::Serialization::rocketmq, 0, opaque, 0, {}});
  world.pass();
  ASSERT_EQ(large.ends(), 0) << "the stream still reads its bytes";
  first.go_on_reading();
  world.peer.on_frame = [&](const SeenRequest& seen) {
    if (seen.session != &first) echo(seen);
  };
  world.advance(milliseconds(2000));
  EXPECT_EQ(large.answers, 1);
  EXPECT_EQ(large.answer.size(), 4u * 1024 * 1024);
  EXPECT_EQ(world.connection->counters().sent_again, 1u);
}

TEST(GoAway, is_no_way_to_be_called_again_and_again) {
  World world(1, {.reconnect_backoff_min = milliseconds(100)});
  world.peer.on_frame = send_away;
  for (int i = 0; i < 100; ++i) {
    TestRequest request("send");
    world.submit(request);
    world.advance(milliseconds(10));
    request.fail_fast = true;
    world.advance(milliseconds(5000));
    EXPECT_EQ(request.ends(), 1);
  }
  const std::uint64_t before = world.connection->counters().attempts;
  std::vector<std::unique_ptr<TestRequest>> requests;
  for (int i = 0; i < 200; ++i) {
    requests.push_back(std::make_unique<TestRequest>("send"));
    world.submit(*requests.back());
    world.advance(milliseconds(5));
  }
  world.advance(milliseconds(5000));
  EXPECT_LE(world.connection->counters().attempts - before, 12u) << "in one second";
}

TEST(GoAway, leaves_nothing_behind_when_it_meets_every_other_end) {
  for_seeds(many_seeds(200), [](std::uint64_t seed) {
    World world(seed, {.connect_timeout = milliseconds(200)});
    world.open();
    send_first_session_away(world);
    std::mt19937 random(static_cast<unsigned>(seed));
    std::vector<std::unique_ptr<TestRequest>> requests;
    for (int i = 0; i < 20; ++i) {
      requests.push_back(std::make_unique<TestRequest>(std::string(random() % 300'000, 'b')));
      world.submit(*requests.back(), milliseconds(1 + random() % 100));
      world.advance(milliseconds(random() % 5));
      if (random() % 4 == 0) world.connection->cancel(*requests[random() % requests.size()]);
    }
    if (seed % 2 == 0) {
      world.advance(milliseconds(1000));
    } else {
      world.connection->close(world.make_reason());
    }
    for (const auto& request : requests) EXPECT_EQ(request->ends(), 1);
  });
}

}  // namespace
}  // namespace rmq::remoting::testing
