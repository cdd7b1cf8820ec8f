// Answers in any order, twice, to nothing, and requests of the server in between.
#include <algorithm>

#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

TEST(AnswerOrder, finds_each_request_whatever_the_order_and_encoding) {
  for_seeds(100, [](std::uint64_t seed) {
    World world(seed);
    world.open();
    std::vector<std::unique_ptr<TestRequest>> requests;
    for (int i = 0; i < 50; ++i) {
      requests.push_back(std::make_unique<TestRequest>(
          std::to_string(i), i % 2 ? wire::Serialization::json : wire::Serialization::rocketmq));
      world.submit(*requests.back());
    }
    ASSERT_TRUE(
        world.network.run_until([&] { return world.peer.seen.size() == 50; }, milliseconds(1000)));
    auto seen = world.peer.seen;
    for (std::size_t i = seen.size(); i > 1; --i) {
      std::swap(seen[i - 1], seen[world.network.random().below(i)]);
    }
    for (const SeenRequest& request : seen) {
      // Answered in either encoding, as brokers do.
      request.session->answer(request.opaque, "to " + request.body,
                              world.network.random().below(2) ? wire::Serialization::json
                                                              : wire::Serialization::rocketmq);
    }
    world.advance(milliseconds(100));
    for (int i = 0; i < 50; ++i) EXPECT_EQ(requests[i]->answer, "to " + std::to_string(i));
    EXPECT_EQ(world.connection->pending(), 0u);
  });
}

TEST(AnswerOrder, drops_and_counts_duplicates_and_strangers) {
  for_seeds(50, [](std::uint64_t seed) {
    World world(seed);
    world.open();
    TestRequest first("first");
    TestRequest second("second");
    world.submit(first);
    world.submit(second);
    world.pass();
    const SeenRequest seen = world.peer.seen.at(0);
    for (int i = 0; i < 3; ++i) seen.session->answer(seen.opaque, "again", seen.serialization);
    for (const std::int32_t opaque : {0, -1, 65535, 77777, 0x7fffffff}) {
      seen.session->answer(opaque, "stranger", seen.serialization);
    }
    world.pass();
    EXPECT_EQ(first.answers, 1);
    EXPECT_EQ(second.ends(), 0);
    EXPECT_EQ(world.connection->counters().unknown_answers, 7u);
    EXPECT_EQ(world.connection->state(), ConnectionState::open);
  });
}

TEST(AnswerOrder, takes_a_request_of_the_server_with_our_opaque_for_a_request) {
  for_seeds(50, [](std::uint64_t seed) {
    World world(seed);
    world.open();
    TestRequest ours("ours");
    world.submit(ours);
    world.pass();
    const SeenRequest seen = world.peer.seen.at(0);
    wire::Command theirs;
    theirs.code = 40;
    theirs.opaque = seen.opaque;
    seen.session->send(theirs);
    world.pass();
    EXPECT_EQ(ours.ends(), 0);
    ASSERT_EQ(world.server_requests.size(), 1u);
    EXPECT_EQ(world.server_requests[0].code, 40);
    EXPECT_EQ(world.server_requests[0].opaque, seen.opaque);

    wire::Command reply;
    reply.opaque = seen.opaque;
    reply.flag = wire::kFlagResponse;
    reply.body = "our reply";
    std::string frame;
    wire::append_frame(reply, &frame);
    EXPECT_TRUE(world.connection->send_response(world.server_requests[0].session, frame).ok());
    seen.session->answer(seen.opaque, "answer", seen.serialization);
    world.pass();
    EXPECT_EQ(ours.answer, "answer");
    EXPECT_EQ(world.peer.seen.back().body, "our reply");
    EXPECT_EQ(world.peer.seen.back().flag, wire::kFlagResponse);

    world.advance(milliseconds(500));
    world.peer.last().close();
    world.pass();
    world.open();
    EXPECT_EQ(world.connection->send_response(world.server_requests[0].session, frame).code(),
              base::ErrorCode::RESET);
  });
}

TEST(AnswerOrder, completes_a_request_only_after_the_stream_let_go_of_its_bytes) {
  for_seeds(50, [](std::uint64_t seed) {
    World world(seed);
    world.behaviour().window_bytes = 1000;
    world.open();
    // The peer guesses the opaque of a frame that it has not read to its end.
    TestRequest big(std::string(100000, 'x'));
    world.submit(big);
    world.settle();
    world.peer.last().stop_reading();
    world.advance(milliseconds(50));
    ASSERT_EQ(big.ends(), 0);
    ASSERT_EQ(world.connection->unanswered(), 1u);
    for (std::int32_t guess = 0; guess < 4; ++guess) {
      world.peer.last().answer(guess << 16, "guess", wire::Serialization::rocketmq);
    }
    world.pass();
    EXPECT_EQ(big.ends(), 0) << "the stream still reads its bytes";
    world.peer.last().go_on_reading();
    world.advance(milliseconds(1000));
    EXPECT_EQ(big.answer, "guess");
  });
}

}  // namespace
}  // namespace rmq::remoting::testing
