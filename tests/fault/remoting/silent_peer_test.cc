// A peer that is there and does nothing: half-open connections, slow readers, idle ones.
#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

TEST(HalfOpen, is_noticed_by_one_request_that_had_its_time) {
  for_seeds(20, [](std::uint64_t seed) {
    World world(seed, {.connect_timeout = milliseconds(3000)});
    world.open();
    world.network.connections().at(0)->go_silent();
    TestRequest request("request");
    world.submit(request, milliseconds(3000));
    world.advance(milliseconds(2999));
    EXPECT_EQ(world.connection->session(), 1U);
    world.advance(milliseconds(2));
    ASSERT_EQ(request.failures, 1);
    EXPECT_EQ(request.error->code, base::ErrorCode::REQUEST_TIMEOUT);
    EXPECT_EQ(request.error->outcome, base::Outcome::maybe_applied);
    EXPECT_EQ(world.connection->state(), ConnectionState::idle);
    world.open();
    EXPECT_EQ(world.streams_made, 2);
  });
}

TEST(HalfOpen, is_not_concluded_from_a_slow_request_while_another_is_answered) {
  World world(1, {.connect_timeout = milliseconds(3000)});
  world.open();
  world.peer.on_frame = [](const SeenRequest& seen) {
    if (seen.body == "sign of life") {
      seen.session->answer(seen.opaque, "alive", seen.serialization);
    }
  };
  TestRequest sign("sign of life");
  world.on_silence_told = [&](base::Instant due) {
    world.submit(sign, std::chrono::duration_cast<milliseconds>(due - world.network.now()));
  };
  for (int i = 1; i <= 5; ++i) {
    TestRequest slow("slow");
    world.submit(slow, milliseconds(3000));
    world.advance(milliseconds(3001));
    EXPECT_EQ(slow.failures, 1);
    EXPECT_EQ(sign.answers, i);
  }
  EXPECT_EQ(world.silences, 5);
  EXPECT_EQ(world.connection->session(), 1U);
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
}

TEST(HalfOpen, is_noticed_by_short_requests_with_the_sign_of_life_that_does_not_come) {
  World world(1, {.connect_timeout = milliseconds(3000)});
  world.open();
  world.network.connections().at(0)->go_silent();
  TestRequest sign("sign of life");
  world.on_silence_told = [&](base::Instant due) {
    world.submit(sign, std::chrono::duration_cast<milliseconds>(due - world.network.now()));
  };
  TestRequest first("attempt");
  world.submit(first, milliseconds(1000));
  world.advance(milliseconds(2990));
  EXPECT_EQ(first.failures, 1);
  EXPECT_EQ(world.connection->session(), 1U);
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
  world.advance(milliseconds(20));
  EXPECT_EQ(sign.failures, 1);
  EXPECT_EQ(world.connection->state(), ConnectionState::idle);
}

TEST(HalfOpen, is_not_concluded_from_a_long_poll_that_ran_out_of_time) {
  World world(1, {.connect_timeout = milliseconds(3000)});
  world.open();
  world.peer.on_frame = [](const SeenRequest& seen) {
    if (seen.body == "sign of life") {
      seen.session->answer(seen.opaque, "alive", seen.serialization);
    }
  };
  TestRequest sign("sign of life");
  world.on_silence_told = [&](base::Instant due) {
    world.submit(sign, std::chrono::duration_cast<milliseconds>(due - world.network.now()));
  };
  for (int i = 1; i <= 5; ++i) {
    TestRequest poll("long poll");
    poll.is_held = true;
    world.submit(poll, milliseconds(30000));
    world.advance(milliseconds(29000));
    EXPECT_EQ(sign.answers, i - 1) << "an idle connection is not asked";
    world.advance(milliseconds(1100));
    EXPECT_EQ(poll.failures, 1);
    EXPECT_EQ(sign.answers, i);
  }
  EXPECT_EQ(world.connection->session(), 1U);
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
}

TEST(HalfOpen, is_noticed_soon_after_a_long_poll_that_ran_out_of_time) {
  World world(1, {.connect_timeout = milliseconds(3000)});
  world.open();
  world.network.connections().at(0)->go_silent();
  TestRequest sign("sign of life");
  world.on_silence_told = [&](base::Instant due) {
    world.submit(sign, std::chrono::duration_cast<milliseconds>(due - world.network.now()));
  };
  TestRequest poll("long poll");
  poll.is_held = true;
  world.submit(poll, milliseconds(30000));
  world.advance(milliseconds(30010));
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
  world.advance(milliseconds(2000));
  EXPECT_EQ(world.connection->state(), ConnectionState::idle);
}

TEST(HalfOpen, is_noticed_after_so_many_timeouts_without_a_byte) {
  for_seeds(20, [](std::uint64_t seed) {
    World world(seed, {.connect_timeout = milliseconds(500), .max_consecutive_failures = 3});
    world.open();
    world.network.connections().at(0)->go_silent();
    world.transitions.clear();
    for (int i = 1; i <= 3; ++i) {
      EXPECT_EQ(world.connection->state(), ConnectionState::open) << i;
      TestRequest request("request");
      world.submit(request, milliseconds(200));
      world.advance(milliseconds(210));
      ASSERT_EQ(request.failures, 1);
      EXPECT_EQ(request.error->code, base::ErrorCode::REQUEST_TIMEOUT);
    }
    EXPECT_EQ(world.connection->state(), ConnectionState::idle);
    EXPECT_NE(world.transitions.at(0).cause.find("3 requests in a row"), std::string::npos);
    world.open();
    EXPECT_EQ(world.streams_made, 2);
  });
}

TEST(HalfOpen, is_not_concluded_right_after_a_byte_from_what_was_asked_long_before) {
  World world(1, {.connect_timeout = milliseconds(3000), .max_consecutive_failures = 3});
  world.open();
  std::vector<std::unique_ptr<TestRequest>> requests;
  for (int i = 0; i < 5; ++i) {
    requests.push_back(std::make_unique<TestRequest>("request"));
    world.submit(*requests.back(), milliseconds(i == 4 ? 30000 : 3500));
  }
  world.advance(milliseconds(3400));
  const SeenRequest& first = world.peer.seen.at(0);
  first.session->answer(first.opaque, "slow", first.serialization);
  world.advance(milliseconds(200));
  EXPECT_EQ(requests[0]->answers, 1);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(requests[i]->failures, 1) << i;
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
  const SeenRequest& last = world.peer.seen.at(4);
  last.session->answer(last.opaque, "slower", last.serialization);
  world.pass();
  EXPECT_EQ(requests[4]->answers, 1);
}

TEST(HalfOpen, is_not_concluded_from_many_requests_that_one_short_stall_held_up) {
  World world(1, {.connect_timeout = milliseconds(3000), .max_consecutive_failures = 3});
  world.open();
  std::vector<std::unique_ptr<TestRequest>> requests;
  for (int i = 0; i < 100; ++i) {
    requests.push_back(std::make_unique<TestRequest>("pipelined"));
    world.submit(*requests.back(), milliseconds(i < 50 ? 1000 : 5000));
  }
  world.advance(milliseconds(1100));
  for (const SeenRequest& seen : world.peer.seen) {
    seen.session->answer(seen.opaque, "busy until now", seen.serialization);
  }
  world.advance(milliseconds(100));
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(i < 50 ? requests[i]->failures : requests[i]->answers, 1) << i;
  }
  EXPECT_EQ(world.connection->session(), 1u);
}

TEST(HalfOpen, is_not_concluded_while_bytes_come) {
  World world(1, {.max_consecutive_failures = 3});
  world.open();
  for (int i = 0; i < 10; ++i) {
    TestRequest request("request");
    world.submit(request, milliseconds(300));
    world.advance(milliseconds(250));
    wire::Command notice;
    notice.code = 40;
    notice.flag = wire::kFlagOneway;
    world.peer.last().send(notice);
    world.advance(milliseconds(60));
    EXPECT_EQ(request.failures, 1);
  }
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
  EXPECT_EQ(world.server_requests.size(), 10u);
  EXPECT_EQ(world.streams_made, 1);
}

// A server that has just started may take a while for its first answer.
TEST(HalfOpen, is_not_concluded_from_requests_that_had_waited_for_the_connection) {
  World world(1, {.reconnect_backoff_min = milliseconds(10),
                  .reconnect_backoff_max = milliseconds(10),
                  .max_consecutive_failures = 3});
  world.open();
  world.peer.stop_listening();
  world.network.connections().at(0)->reset();
  world.pass();
  std::vector<std::unique_ptr<TestRequest>> requests;
  for (int i = 0; i < 20; ++i) {
    requests.push_back(std::make_unique<TestRequest>("late"));
    requests.back()->fail_fast = false;
    world.submit(*requests.back(), milliseconds(1000 + 10 * i));
  }
  world.advance(milliseconds(950));
  world.peer.on_frame = nullptr;
  const std::size_t seen_before = world.peer.seen.size();
  world.peer.listen();
  world.advance(milliseconds(150));

  EXPECT_EQ(world.connection->state(), ConnectionState::open);
  EXPECT_EQ(world.connection->session(), 2U);
  int answered = 0;
  for (std::size_t i = seen_before; i < world.peer.seen.size(); ++i) {
    const SeenRequest& seen = world.peer.seen[i];
    seen.session->answer(seen.opaque, "here", seen.serialization);
  }
  world.pass();
  for (const auto& request : requests) answered += request->answers;
  EXPECT_GE(answered, 8);
  EXPECT_EQ(world.connection->session(), 2U);
}

TEST(HalfOpen, is_not_concluded_before_the_peer_had_as_long_as_for_a_connection) {
  World world(1, {.connect_timeout = milliseconds(1000), .max_consecutive_failures = 3});
  world.open();
  world.network.connections().at(0)->go_silent();
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(world.connection->session(), 1U) << i;
    EXPECT_EQ(world.connection->state(), ConnectionState::open) << i;
    TestRequest request("request");
    world.submit(request, milliseconds(80));
    world.advance(milliseconds(82));
    ASSERT_EQ(request.failures, 1);
  }
  TestRequest last("request");
  world.submit(last, milliseconds(80));
  world.advance(milliseconds(82));
  EXPECT_EQ(world.connection->state(), ConnectionState::idle);
}

TEST(SlowReader, meets_bounded_queues) {
  for_seeds(20, [](std::uint64_t seed) {
    World world(seed, {.write_timeout = milliseconds(600000),
                       .max_consecutive_failures = 0,
                       .waiting_requests_max = 100,
                       .waiting_bytes_max = 200 * 1000});
    world.behaviour().window_bytes = 4000;
    world.open();
    world.peer.last().stop_reading();
    std::vector<std::unique_ptr<TestRequest>> requests;
    for (int i = 0; i < 1000; ++i) {
      requests.push_back(std::make_unique<TestRequest>(std::string(10000, 'x')));
      world.submit(*requests.back(), milliseconds(600000));
      EXPECT_LE(world.connection->waiting_bytes(), 200000u);
      EXPECT_LE(world.connection->waiting(), 100u);
      if (i % 10 == 0) world.pass();
    }
    world.pass();
    int refused = 0;
    for (const auto& request : requests) {
      if (request->ends() == 0) continue;
      ++refused;
      ASSERT_EQ(request->failures, 1);
      EXPECT_EQ(request->error->code, base::ErrorCode::QUEUE_FULL);
      EXPECT_EQ(request->error->outcome, base::Outcome::not_applied);
    }
    EXPECT_GT(refused, 900);
    world.peer.on_frame = [](const SeenRequest& seen) {
      seen.session->answer(seen.opaque, "read at last", seen.serialization);
    };
    world.peer.last().go_on_reading();
    world.advance(milliseconds(20000));
    for (const auto& request : requests) EXPECT_EQ(request->ends(), 1);
    EXPECT_EQ(world.connection->pending(), 0u);
  });
}

TEST(SlowReader, loses_the_connection_when_it_takes_nothing_at_all) {
  World world(1, {.write_timeout = milliseconds(1000), .max_consecutive_failures = 0});
  world.behaviour().window_bytes = 4000;
  world.open();
  world.peer.last().stop_reading();
  TestRequest big(std::string(100000, 'x'));
  TestRequest behind("behind");
  TestRequest cancelled(std::string(1000, 'x'));
  world.submit(big, milliseconds(100));
  world.submit(behind, milliseconds(60000));
  world.submit(cancelled, milliseconds(60000));
  world.advance(milliseconds(50));
  EXPECT_EQ(big.ends(), 0) << "the stream still reads its bytes";
  EXPECT_FALSE(world.connection->cancel(cancelled));
  EXPECT_EQ(cancelled.ends(), 0);
  world.advance(milliseconds(3000));
  ASSERT_EQ(big.failures, 1);
  EXPECT_EQ(big.error->code, base::ErrorCode::REQUEST_TIMEOUT);
  EXPECT_EQ(big.error->outcome, base::Outcome::maybe_applied);
  ASSERT_EQ(behind.failures, 1);
  EXPECT_EQ(behind.error->code, base::ErrorCode::NETWORK);
  ASSERT_EQ(cancelled.failures, 1);
  EXPECT_EQ(cancelled.error->code, base::ErrorCode::CANCELLED);
  EXPECT_EQ(cancelled.error->outcome, base::Outcome::maybe_applied);
}

TEST(Idle, closes_after_its_time_and_connects_again_for_the_next_request) {
  World world(1, {.idle_timeout = milliseconds(5000)});
  world.open();
  world.advance(milliseconds(4000));
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
  world.open();
  world.advance(milliseconds(4000));
  EXPECT_EQ(world.connection->state(), ConnectionState::open) << "it was used since";
  world.advance(milliseconds(6100));
  EXPECT_EQ(world.connection->state(), ConnectionState::idle);
  EXPECT_EQ(world.transitions.back().cause, "");
  world.open();
  EXPECT_EQ(world.streams_made, 2);
}

TEST(Idle, does_not_close_what_is_waited_for_or_to_be_kept) {
  World world(1, {.idle_timeout = milliseconds(5000)});
  world.open();
  TestRequest poll("long poll");
  world.submit(poll, milliseconds(30000));
  world.advance(milliseconds(20000));
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
  const SeenRequest seen = world.peer.seen.at(0);
  seen.session->answer(seen.opaque, "message", seen.serialization);
  world.connection->set_keep_open(true);
  world.advance(milliseconds(100000));
  EXPECT_EQ(poll.answer, "message");
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
  world.connection->set_keep_open(false);
  world.advance(milliseconds(10000));
  EXPECT_EQ(world.connection->state(), ConnectionState::idle);
}

TEST(Idle, costs_no_wake_ups_without_requests) {
  World world(1, {.idle_timeout = milliseconds(120000), .keep_open = true});
  world.open();
  world.advance(milliseconds(5000));
  EXPECT_LE(world.network.advance(milliseconds(3600 * 1000)), 35u) << "turns in an hour";
}

}  // namespace
}  // namespace rmq::remoting::testing
