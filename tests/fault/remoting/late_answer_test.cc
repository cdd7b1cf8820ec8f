// An answer that comes after its request has ended must complete nobody, ever.
#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

TEST(LateAnswer, completes_nobody_and_frees_its_slot) {
  for_seeds(50, [](std::uint64_t seed) {
    World world(seed);
    world.open();
    TestRequest late("late");
    world.submit(late, milliseconds(100));
    world.advance(milliseconds(150));
    ASSERT_EQ(late.failures, 1);
    EXPECT_EQ(late.error->code, base::ErrorCode::REQUEST_TIMEOUT);
    EXPECT_EQ(late.error->outcome, base::Outcome::maybe_applied);
    EXPECT_EQ(late.error->server_role, base::ServerRole::broker);
    EXPECT_EQ(late.error->address, "10.0.0.2:10911");
    EXPECT_NE(late.error->message.find("100 ms of 100 ms"), std::string::npos)
        << late.error->message;
    EXPECT_EQ(world.connection->quarantined(), 1u);

    TestRequest next("next");
    world.submit(next);
    world.pass();
    const SeenRequest seen = world.peer.seen.at(0);
    EXPECT_EQ(seen.body, "late");
    seen.session->answer(seen.opaque, "late answer", seen.serialization);
    world.pass();
    EXPECT_EQ(next.ends(), 0);
    EXPECT_EQ(late.answers, 0);
    EXPECT_EQ(world.connection->quarantined(), 0u);
    EXPECT_EQ(world.connection->counters().late_answers, 1u);

    seen.session->answer(world.peer.seen.at(1).opaque, "right", seen.serialization);
    world.pass();
    EXPECT_EQ(next.answer, "right");
  });
}

TEST(LateAnswer, completes_nobody_after_200000_more_requests) {
  World world(1, {.idle_timeout = milliseconds(0)});
  world.network.default_behaviour().random_chunks = false;
  world.open();
  TestRequest late("late");
  world.submit(late, milliseconds(100));
  world.advance(milliseconds(150));
  ASSERT_EQ(late.failures, 1);
  const SeenRequest unanswered = world.peer.seen.at(0);

  world.peer.on_frame = [&](const SeenRequest& seen) {
    EXPECT_NE(seen.opaque, unanswered.opaque);
    seen.session->answer(seen.opaque, seen.body, seen.serialization);
    world.peer.seen.clear();
  };
  int rest = 200000;
  TestRequest again("again");
  again.on_end = [&](TestRequest& request) {
    ASSERT_EQ(request.answers, request.submissions);
    if (--rest > 0) world.submit(request);
  };
  world.submit(again);
  while (rest > 0 && !::testing::Test::HasFailure()) world.advance(milliseconds(1000));
  EXPECT_EQ(again.answers, 200000);
  EXPECT_EQ(world.connection->quarantined(), 1u);

  TestRequest pending("pending");
  world.peer.on_frame = nullptr;
  world.submit(pending);
  world.pass();
  unanswered.session->answer(unanswered.opaque, "very late", unanswered.serialization);
  world.pass();
  EXPECT_EQ(pending.ends(), 0);
  EXPECT_EQ(world.connection->quarantined(), 0u);
}

TEST(LateAnswer, costs_the_connection_when_too_many_never_come) {
  World world(1, {.max_consecutive_failures = 0, .requests_max = 8, .quarantine_max = 4});
  world.open();
  world.advance(milliseconds(1000));
  for (int i = 0; i < 4; ++i) {
    TestRequest request("silence");
    world.submit(request, milliseconds(10));
    world.advance(milliseconds(20));
    EXPECT_EQ(request.failures, 1);
  }
  EXPECT_EQ(world.connection->state(), ConnectionState::idle);
  EXPECT_EQ(world.connection->quarantined(), 0u);
  EXPECT_NE(world.transitions.back().cause.find("never answered"), std::string::npos);
}

}  // namespace
}  // namespace rmq::remoting::testing
