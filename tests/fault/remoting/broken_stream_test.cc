// The stream ends in the middle of things, or brings what is no frame.
#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

std::string make_answer(std::int32_t opaque, wire::Serialization serialization) {
  wire::Command response;
  response.serialization = serialization;
  response.opaque = opaque;
  response.flag = wire::kFlagResponse;
  response.remark = "fine";
  response.fields = {{"queueOffset", "17"}};
  response.body = "body";
  std::string frame;
  wire::append_frame(response, &frame);
  return frame;
}

TEST(BrokenStream, cut_in_mid_frame_fails_what_was_written_and_keeps_what_was_not) {
  for (const auto serialization : {wire::Serialization::json, wire::Serialization::rocketmq}) {
    const std::size_t frame_bytes = make_answer(0, serialization).size();
    for (std::size_t cut = 0; cut < frame_bytes; ++cut) {
      SCOPED_TRACE("cut after " + std::to_string(cut) + " bytes");
      World world(cut + 1, {.requests_max = 1});
      world.open();
      world.advance(milliseconds(500));
      TestRequest written("written", serialization);
      TestRequest unwritten("unwritten", serialization);
      world.submit(written);
      world.submit(unwritten);
      world.pass();
      const SeenRequest seen = world.peer.seen.at(0);
      world.peer.seen.clear();
      world.peer.on_frame = [](const SeenRequest& again) {
        again.session->answer(again.opaque, "after all", again.serialization);
      };
      world.peer.last().send(make_answer(seen.opaque, serialization).substr(0, cut));
      world.pass();
      world.peer.last().close();
      world.advance(milliseconds(50));
      ASSERT_EQ(written.failures, 1);
      EXPECT_EQ(written.error->code, base::ErrorCode::RESET);
      EXPECT_EQ(written.error->outcome, base::Outcome::maybe_applied);
      EXPECT_EQ(unwritten.answer, "after all");
      EXPECT_EQ(world.streams_made, 2);
    }
  }
}

TEST(BrokenStream, whole_answers_before_the_cut_count) {
  for_seeds(100, [](std::uint64_t seed) {
    World world(seed);
    world.open();
    TestRequest first("first");
    TestRequest second("second");
    world.submit(first);
    world.submit(second);
    world.pass();
    const std::string frame = make_answer(world.peer.seen.at(0).opaque, wire::Serialization::json);
    world.peer.last().send(
        frame + make_answer(world.peer.seen.at(1).opaque, wire::Serialization::json).substr(0, 20));
    world.pass();
    world.peer.last().close();
    world.pass();
    EXPECT_EQ(first.answer, "body");
    EXPECT_EQ(second.failures, 1);
  });
}

void expect_spoilt(std::uint64_t seed, const std::string& bytes, base::ErrorCode code) {
  World world(seed);
  world.open();
  TestRequest first("first");
  TestRequest second("second");
  world.submit(first);
  world.submit(second);
  world.pass();
  world.peer.last().send(bytes);
  world.pass();
  for (TestRequest* request : {&first, &second}) {
    ASSERT_EQ(request->failures, 1);
    EXPECT_EQ(request->error->code, code) << request->error->message;
    EXPECT_EQ(request->error->outcome, base::Outcome::maybe_applied);
  }
  EXPECT_NE(world.connection->state(), ConnectionState::open);
  EXPECT_TRUE(world.peer.last().is_closed()) << "the peer is cut off";
}

TEST(BrokenStream, absurd_lengths_close_it) {
  for_seeds(20, [](std::uint64_t seed) {
    expect_spoilt(seed, std::string("\x7f\xff\xff\xff", 4), base::ErrorCode::BAD_FRAME);
    expect_spoilt(seed, std::string("\xff\xff\xff\xff", 4), base::ErrorCode::BAD_FRAME);
    expect_spoilt(seed, std::string("\x80\x00\x00\x00", 4), base::ErrorCode::BAD_FRAME);
    expect_spoilt(seed, std::string("\x00\x00\x00\x00", 4), base::ErrorCode::BAD_FRAME);
    expect_spoilt(seed, std::string("\x00\x00\x00\x03zzz", 7), base::ErrorCode::BAD_FRAME);
    expect_spoilt(seed, std::string("\x01\x00\x00\x00", 4), base::ErrorCode::BAD_FRAME);
    expect_spoilt(seed, "HTTP/1.1 400 Bad Request\r\n\r\n", base::ErrorCode::BAD_FRAME);
  });
}

TEST(BrokenStream, unreadable_headers_close_it) {
  for_seeds(20, [](std::uint64_t seed) {
    expect_spoilt(seed, std::string("\x00\x00\x00\x08\x00\x00\x00\x04zzzz", 12),
                  base::ErrorCode::BAD_HEADER);
    expect_spoilt(seed, std::string("\x00\x00\x00\x08\x01\x00\x00\x04zzzz", 12),
                  base::ErrorCode::BAD_HEADER);
  });
}

TEST(BrokenStream, babble_never_completes_a_request_twice) {
  for_seeds(200, [](std::uint64_t seed) {
    World world(seed);
    world.open();
    std::vector<std::unique_ptr<TestRequest>> requests;
    for (int i = 0; i < 5; ++i) {
      requests.push_back(std::make_unique<TestRequest>("request"));
      world.submit(*requests.back(), milliseconds(500));
    }
    world.pass();
    std::string bytes;
    for (const SeenRequest& seen : world.peer.seen) {
      bytes += make_answer(seen.opaque, seen.serialization);
    }
    for (int i = 0; i < 4; ++i) {
      bytes[world.network.random().below(bytes.size())] =
          static_cast<char>(world.network.random().below(256));
    }
    world.peer.last().send(bytes);
    world.advance(milliseconds(1000));
    for (const auto& request : requests) EXPECT_EQ(request->ends(), 1);
  });
}

}  // namespace
}  // namespace rmq::remoting::testing
