// A peer that does not take the bytes of a large frame, or takes them too slowly.
#include "tests/fault/remoting/tls_contexts.h"
#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr milliseconds kWriteTimeout{3000};
// A connection is watched in steps, and a request that has just begun to move is not stalled.
constexpr milliseconds kNotice{700};

void answer_all_frames(World& world) {
  world.peer.on_frame = [](const SeenRequest& seen) {
    seen.session->answer(seen.opaque, "fine", seen.serialization);
  };
}

// A world whose network cuts nothing into random pieces, so that rates are what a test says.
struct StalledWorld : World {
  explicit StalledWorld(std::uint64_t seed = 1, std::size_t window_bytes = 64 * 1024)
      : World(seed, {.write_timeout = kWriteTimeout}) {
    behaviour().random_chunks = false;
    behaviour().window_bytes = window_bytes;
  }
  // Turns the clock until the request has ended; how long that took.
  milliseconds wait_for(TestRequest& request, milliseconds limit = milliseconds(400'000)) {
    const base::Instant begin = client.now();
    EXPECT_TRUE(network.run_until([&] { return request.ends() > 0; }, limit));
    return std::chrono::duration_cast<milliseconds>(client.now() - begin);
  }
};

void expect_timeout(const TestRequest& request) {
  ASSERT_EQ(request.failures, 1);
  EXPECT_EQ(request.error->code, base::ErrorCode::REQUEST_TIMEOUT) << request.error->message;
  EXPECT_EQ(request.error->outcome, base::Outcome::maybe_applied);
  EXPECT_NE(request.error->message.find("take"), std::string::npos) << request.error->message;
}

// Of an open connection that takes nothing: a large request ends at its own deadline, and the one
// behind it goes on over a new connection.
void expect_end_at_own_deadline(StalledWorld& world, std::size_t size) {
  TestRequest big(std::string(size, 'x'));
  TestRequest behind("behind");
  world.submit(big, milliseconds(1000));
  world.pass();
  world.submit(behind, milliseconds(10'000));
  answer_all_frames(world);
  EXPECT_LE(world.wait_for(big), milliseconds(1000) + kNotice);
  expect_timeout(big);
  EXPECT_LE(world.wait_for(behind), milliseconds(100));
  EXPECT_EQ(behind.answer, "fine");
  EXPECT_EQ(world.streams_made, 2);
}

TEST(StalledWrite, ends_at_its_own_deadline_and_what_waits_goes_on_over_a_new_connection) {
  for (const std::size_t size : {300 * 1024UL, 4 * kMiB, 12 * kMiB}) {
    SCOPED_TRACE(std::to_string(size) + " bytes");
    StalledWorld world;
    world.open();
    world.peer.last().stop_reading();
    expect_end_at_own_deadline(world, size);
  }
}

TEST(StalledWrite, with_much_time_left_loses_the_connection_after_one_write_timeout) {
  StalledWorld world;
  world.open();
  world.peer.last().stop_reading();
  TestRequest big(std::string(12 * kMiB, 'x'));
  TestRequest behind("behind");
  world.submit(big, milliseconds(600'000));
  world.pass();
  world.submit(behind, milliseconds(10'000));
  answer_all_frames(world);
  EXPECT_LE(world.wait_for(big), kWriteTimeout + kNotice);
  ASSERT_EQ(big.failures, 1);
  EXPECT_EQ(big.error->outcome, base::Outcome::maybe_applied);
  EXPECT_LE(world.wait_for(behind), milliseconds(100));
  EXPECT_EQ(behind.answer, "fine");
}

TEST(StalledWrite, of_a_peer_that_takes_a_byte_now_and_then_is_stalled_too) {
  for (const auto deadline : {milliseconds(1000), milliseconds(600'000)}) {
    StalledWorld world;
    world.open();
    world.peer.last().read_slowly(1, milliseconds(100));
    TestRequest big(std::string(4 * kMiB, 'x'));
    world.submit(big, deadline);
    EXPECT_LE(world.wait_for(big),
              std::min(deadline, milliseconds(1000)) + kWriteTimeout + kNotice);
    ASSERT_EQ(big.failures, 1);
    EXPECT_EQ(big.error->outcome, base::Outcome::maybe_applied);
  }
}

TEST(StalledWrite, holds_a_one_way_request_no_longer_than_another) {
  StalledWorld world;
  world.open();
  world.peer.last().stop_reading();
  TestRequest big(std::string(4 * kMiB, 'x'));
  big.oneway = true;
  world.submit(big, milliseconds(1000));
  EXPECT_LE(world.wait_for(big), milliseconds(1000) + kNotice);
  expect_timeout(big);
}

TEST(StalledWrite, is_given_up_when_its_request_is_cancelled) {
  StalledWorld world;
  world.open();
  world.peer.last().stop_reading();
  TestRequest big(std::string(4 * kMiB, 'x'));
  world.submit(big, milliseconds(600'000));
  world.advance(milliseconds(1000));
  EXPECT_FALSE(world.connection->cancel(big));
  EXPECT_EQ(big.ends(), 0) << "the stream still reads its bytes";
  EXPECT_LE(world.wait_for(big), kNotice);
  ASSERT_EQ(big.failures, 1);
  EXPECT_EQ(big.error->code, base::ErrorCode::CANCELLED);
  EXPECT_EQ(big.error->outcome, base::Outcome::maybe_applied);
}

TEST(StalledWrite, that_moves_is_left_for_a_write_timeout_when_its_request_is_cancelled) {
  StalledWorld world;
  world.open();
  world.peer.last().read_slowly(10'000, milliseconds(100));
  TestRequest big(std::string(12 * kMiB, 'x'));
  world.submit(big, milliseconds(600'000));
  world.advance(milliseconds(1000));
  EXPECT_FALSE(world.connection->cancel(big));
  EXPECT_LE(world.wait_for(big), kWriteTimeout + kNotice);
  EXPECT_EQ(big.failures, 1);
}

TEST(StalledWrite, ends_in_time_although_its_answer_came_early) {
  StalledWorld world;
  world.open();
  world.peer.last().read_slowly(10'000, milliseconds(100));
  TestRequest big(std::string(12 * kMiB, 'x'));
  world.submit(big, milliseconds(2000));
  world.pass();
  // The peer has not read the opaque, so it tries the first ones.
  for (std::int32_t generation = 0; generation < 8; ++generation) {
    world.peer.last().answer(generation << 16, "early", wire::Serialization::rocketmq);
  }
  EXPECT_LE(world.wait_for(big), milliseconds(2000) + kWriteTimeout + kNotice);
  EXPECT_EQ(big.answer, "early");
}

TEST(StalledWrite, of_answers_to_the_server_loses_the_connection) {
  StalledWorld world;
  world.open();
  world.peer.last().read_slowly(1, milliseconds(100));
  wire::Command answer;
  answer.flag = wire::kFlagResponse;
  answer.body = std::string(kMiB, 'x');
  std::string frame;
  wire::append_frame(answer, &frame);
  ASSERT_TRUE(world.connection->send_response(world.connection->session(), frame).ok());
  world.pass();
  answer_all_frames(world);
  TestRequest behind("behind");
  world.submit(behind, milliseconds(60'000));
  EXPECT_LE(world.wait_for(behind), kWriteTimeout + kNotice);
  EXPECT_EQ(behind.answer, "fine");
}

TEST(StalledWrite, of_many_large_frames_ends_each_of_them_at_its_own_deadline) {
  for_seeds(5, [](std::uint64_t seed) {
    StalledWorld world(seed, 4096);
    // Each connection stalls, as those of a process that is stopped do.
    world.peer.on_session = [](PeerSession& session) { session.stop_reading(); };
    std::vector<std::unique_ptr<TestRequest>> requests;
    const base::Instant begin = world.client.now();
    std::vector<milliseconds> ended(8);
    for (std::size_t i = 0; i < ended.size(); ++i) {
      requests.push_back(std::make_unique<TestRequest>(std::string(kMiB, 'x')));
      requests.back()->fail_fast = false;
      requests.back()->on_end = [&, i](TestRequest&) {
        ended[i] = std::chrono::duration_cast<milliseconds>(world.client.now() - begin);
      };
      world.submit(*requests.back(), milliseconds(1000 + 500 * static_cast<int>(i)));
    }
    world.advance(milliseconds(60'000));
    for (std::size_t i = 0; i < ended.size(); ++i) {
      EXPECT_EQ(requests[i]->failures, 1);
      EXPECT_LE(ended[i], milliseconds(1000 + 500 * static_cast<int>(i)) + kNotice) << i;
    }
  });
}

TEST(StalledWrite, is_cut_by_a_close_at_once) {
  StalledWorld world;
  world.open();
  world.peer.last().stop_reading();
  TestRequest big(std::string(4 * kMiB, 'x'));
  world.submit(big, milliseconds(600'000));
  world.pass();
  world.connection->close(world.make_reason());
  ASSERT_EQ(big.failures, 1);
  EXPECT_EQ(big.error->code, base::ErrorCode::SHUTDOWN);
  EXPECT_EQ(big.error->outcome, base::Outcome::maybe_applied);
}

TEST(StalledWrite, ends_a_gentle_close_within_a_write_timeout) {
  StalledWorld world;
  world.open();
  world.peer.last().stop_reading();
  TestRequest big(std::string(4 * kMiB, 'x'));
  world.submit(big, milliseconds(1000));
  world.pass();
  world.connection->close_when_drained(world.make_reason());
  EXPECT_LE(world.wait_for(big), milliseconds(1000) + kNotice);
  world.pass();
  EXPECT_EQ(world.connection->state(), ConnectionState::closed);
}

TEST(StalledWrite, in_a_half_open_connection_ends_at_its_own_deadline) {
  StalledWorld world;
  world.open();
  world.network.connections().at(0)->go_silent();
  expect_end_at_own_deadline(world, 4 * kMiB);
}

// One mebibyte a second.
TEST(SlowWrite, that_moves_has_all_the_time_of_its_request) {
  StalledWorld world;
  world.open();
  answer_all_frames(world);
  world.peer.last().read_slowly(52'000, milliseconds(50));
  TestRequest big(std::string(4 * kMiB, 'x'));
  TestRequest other("behind");
  world.submit(big, milliseconds(5000));
  world.pass();
  world.submit(other, milliseconds(8000));
  world.wait_for(big);
  EXPECT_EQ(big.answer, "fine");
  world.wait_for(other);
  EXPECT_EQ(other.answer, "fine");
  EXPECT_EQ(world.streams_made, 1);
}

TEST(SlowWrite, with_rests_below_the_write_timeout_is_not_stalled) {
  StalledWorld world;
  world.open();
  answer_all_frames(world);
  TestRequest big(std::string(2 * kMiB, 'x'));
  world.submit(big, milliseconds(600'000));
  for (int i = 0; i < 3; ++i) {
    world.peer.last().stop_reading();
    world.advance(milliseconds(2500));
    world.peer.last().go_on_reading();
    world.peer.last().read_slowly(52'000, milliseconds(50));
    world.advance(milliseconds(500));
  }
  world.wait_for(big);
  EXPECT_EQ(big.answer, "fine");
  EXPECT_EQ(world.streams_made, 1);
}

TEST(SlowWrite, of_a_large_frame_does_not_hold_the_answer_of_a_small_one_before_it) {
  StalledWorld world;
  world.open();
  answer_all_frames(world);
  world.peer.last().read_slowly(52'000, milliseconds(50));
  TestRequest small("heartbeat");
  TestRequest big(std::string(4 * kMiB, 'x'));
  world.submit(small, milliseconds(3000));
  world.submit(big, milliseconds(10'000));
  EXPECT_LE(world.wait_for(small), milliseconds(200));
  world.wait_for(big);
  EXPECT_EQ(big.answer, "fine");
}

struct TlsWorld : StalledWorld {
  TlsWorld() {
    const TlsContexts contexts;
    tls = contexts.client;
    peer.listen_with_tls(contexts.server);
  }
};

TEST(StalledWrite, over_tls_ends_at_its_own_deadline) {
  TlsWorld world;
  world.open();
  world.peer.last().stop_reading();
  expect_end_at_own_deadline(world, 4 * kMiB);
}

TEST(SlowWrite, over_tls_that_moves_has_all_the_time_of_its_request) {
  TlsWorld world;
  world.open();
  answer_all_frames(world);
  world.peer.last().read_slowly(16'384, milliseconds(15));  // a record at a time
  TestRequest big(std::string(4 * kMiB, 'x'));
  world.submit(big, milliseconds(5000));
  world.wait_for(big);
  EXPECT_EQ(big.answer, "fine");
  EXPECT_EQ(world.streams_made, 1);
}

}  // namespace
}  // namespace rmq::remoting::testing
