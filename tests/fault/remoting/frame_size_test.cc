// The largest frame, very many small ones, and slabs that somebody keeps.
#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

TEST(FrameSize, of_16_mib_passes_in_both_directions_and_one_byte_more_does_not) {
  World world(1, {.write_timeout = milliseconds(60000)});
  world.network.default_behaviour().random_chunks = false;
  world.open();
  world.peer.on_frame = [](const SeenRequest& seen) {
    seen.session->answer(seen.opaque, seen.body, seen.serialization);
  };
  const std::size_t head_bytes = TestRequest().frame.size();
  TestRequest largest(std::string(wire::kFrameBytesMax - head_bytes, 'x'));
  world.submit(largest, milliseconds(60000));
  world.advance(milliseconds(60000));
  ASSERT_EQ(largest.answers, 1) << largest.error->message;
  EXPECT_EQ(largest.answer.size(), wire::kFrameBytesMax - head_bytes);

  TestRequest too_large(std::string(wire::kFrameBytesMax - head_bytes + 1, 'x'));
  world.submit(too_large);
  world.settle();
  ASSERT_EQ(too_large.failures, 1);
  EXPECT_EQ(too_large.error->code, base::ErrorCode::TOO_LARGE);
  EXPECT_EQ(too_large.error->outcome, base::Outcome::not_applied);
  EXPECT_EQ(world.connection->state(), ConnectionState::open);
}

TEST(FrameSize, of_many_tiny_answers_in_one_read_does_not_matter) {
  World world(1);
  world.network.default_behaviour().random_chunks = false;
  world.open();
  std::vector<std::unique_ptr<TestRequest>> requests;
  for (int i = 0; i < 1000; ++i) {
    requests.push_back(std::make_unique<TestRequest>());
    world.submit(*requests.back());
  }
  world.pass();
  ASSERT_EQ(world.peer.seen.size(), 1000u);
  EXPECT_LE(world.connection->counters().writes, 4u) << "gathered";
  std::string bytes;
  for (const SeenRequest& seen : world.peer.seen) {
    wire::Command response;
    response.serialization = wire::Serialization::rocketmq;
    response.flag = wire::kFlagResponse;
    response.opaque = seen.opaque;
    wire::append_frame(response, &bytes);
  }
  world.peer.last().send(bytes);
  world.pass();
  for (const auto& request : requests) EXPECT_EQ(request->answers, 1);
}

TEST(FrameSize, of_answers_may_vary_while_bodies_are_kept) {
  for_seeds(many_seeds(30), [](std::uint64_t seed) {
    World world(seed);
    world.open();
    world.peer.on_frame = [&](const SeenRequest& seen) {
      const std::size_t size = world.network.random().below(2) ? 200000 : 300;
      seen.session->answer(seen.opaque,
                           std::string(world.network.random().below(size), seen.body.at(0)),
                           seen.serialization);
    };
    struct Keeper final : Request {
      void on_response(const wire::CommandView& response, const base::SlabRef& kept) override {
        body_kept = response.body;
        slab = kept;
        is_done = true;
      }
      void on_failure(base::Error error) override { FAIL() << error.message; }
      std::string bytes;
      base::Bytes body_kept;
      base::SlabRef slab;
      char letter = 0;
      bool is_done = false;
    };
    std::vector<std::unique_ptr<Keeper>> keepers;
    for (int i = 0; i < 100; ++i) {
      auto keeper = std::make_unique<Keeper>();
      wire::Command command;
      keeper->letter = static_cast<char>('a' + i % 26);
      command.body = std::string(1, keeper->letter);
      wire::append_frame(command, &keeper->bytes);
      keeper->frame = {reinterpret_cast<std::uint8_t*>(keeper->bytes.data()), keeper->bytes.size()};
      world.connection->submit(*keeper);
      keepers.push_back(std::move(keeper));
      if (i % 7 == 0) world.pass();
      if (i % 3 == 0) keepers[world.network.random().below(keepers.size())]->slab.reset();
    }
    world.advance(milliseconds(60000));
    world.connection.reset();
    for (const auto& keeper : keepers) {
      ASSERT_TRUE(keeper->is_done);
      if (!keeper->slab) continue;
      for (const std::uint8_t byte : keeper->body_kept) ASSERT_EQ(byte, keeper->letter);
    }
  });
}

}  // namespace
}  // namespace rmq::remoting::testing
