// A stream on which bytes come and no frame gets whole: a damaged length, half a frame, a trickle.
#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

constexpr milliseconds kRequestTimeout{3000};
constexpr milliseconds kWithin{1000};  // of the time-out of a request

std::string make_answer(const SeenRequest& seen, const std::string& body) {
  wire::Command response;
  response.serialization = seen.serialization;
  response.opaque = seen.opaque;
  response.flag = wire::kFlagResponse;
  response.body = body;
  std::string frame;
  wire::append_frame(response, &frame);
  return frame;
}

// What a peer does with every request of its first connection; later ones are healthy.
using Answer = std::function<void(const SeenRequest&)>;

struct BrokenWorld : World {
  explicit BrokenWorld(std::uint64_t seed, Answer answer)
      : World(seed, {.write_timeout = kRequestTimeout}) {
    open();
    peer.on_frame = [this, answer = std::move(answer)](const SeenRequest& seen) {
      if (connection->session() == 1) return answer(seen);
      seen.session->answer(seen.opaque, "fine", seen.serialization);
    };
  }
  // Sends one request after the other, each when the one before has ended, until one is answered.
  milliseconds send_until_answered(milliseconds pause = milliseconds(0)) {
    const base::Instant begin = client.now();
    for (int i = 0; i < 100; ++i) {
      TestRequest request("request");
      submit(request, kRequestTimeout);
      network.run_until([&] { return request.ends() > 0; }, milliseconds(60'000));
      if (request.answers > 0) break;
      advance(pause);
    }
    return std::chrono::duration_cast<milliseconds>(client.now() - begin);
  }
};

TEST(BrokenFrame, of_a_damaged_length_costs_one_request) {
  for_seeds(20, [](std::uint64_t seed) {
    for (const std::size_t place : {1, 2}) {
      bool is_damaged = false;
      BrokenWorld world(seed, [&, place](const SeenRequest& seen) {
        std::string frame = make_answer(seen, "fine");
        if (!std::exchange(is_damaged, true)) frame[place] = '\x55';
        seen.session->send(frame);
      });
      EXPECT_LE(world.send_until_answered(), kRequestTimeout + kWithin);
      EXPECT_EQ(world.streams_made, 2);
    }
  });
}

// So many answers come that the hole which the damaged length has made is never without bytes.
TEST(BrokenFrame, of_a_damaged_length_is_given_up_however_many_answers_it_swallows) {
  bool is_damaged = false;
  BrokenWorld world(1, [&](const SeenRequest& seen) {
    std::string frame = make_answer(seen, std::string(1000, 'y'));
    if (!std::exchange(is_damaged, true)) frame[1] = '\x7f';
    seen.session->send(frame);
  });
  const base::Instant begin = world.client.now();
  std::vector<std::unique_ptr<TestRequest>> requests;
  while (world.connection->session() == 1 &&
         world.client.now() - begin < kRequestTimeout + kWithin) {
    requests.push_back(std::make_unique<TestRequest>("request"));
    world.submit(*requests.back(), kRequestTimeout);
    world.advance(milliseconds(5));
  }
  EXPECT_EQ(world.connection->session(), 2U);
  for (const auto& request : requests) {
    if (request->failures == 0) continue;
    EXPECT_EQ(request->error->outcome, base::Outcome::maybe_applied);
  }
  world.advance(kRequestTimeout);
  EXPECT_EQ(requests.back()->answer, "fine");
}

// A line that damages frames again and again earns no patience by it.
TEST(BrokenFrame, of_a_damaged_length_is_given_up_in_time_ten_times_in_a_row) {
  for (const auto serialization : {wire::Serialization::rocketmq, wire::Serialization::json}) {
    World world(1, {.write_timeout = kRequestTimeout});
    std::vector<base::Instant> damaged_at(20);
    std::vector<base::Instant> lost_at(20);
    std::vector<int> answers(20);  // by session
    world.on_transition = [&](Connection& connection, const World::Transition& transition) {
      if (transition.from == ConnectionState::open) lost_at[connection.session()] = transition.at;
    };
    world.peer.on_frame = [&](const SeenRequest& seen) {
      const std::uint64_t session = world.connection->session();
      std::string frame = make_answer(seen, std::string(1000, 'y'));
      if (++answers[session] == 2) {
        frame[1] = '\x7f';
        damaged_at[session] = world.network.now();
      }
      seen.session->send(frame);
    };
    world.connection->set_keep_open(true);
    std::vector<std::unique_ptr<TestRequest>> requests;
    for (int i = 0; i < 600 && world.connection->session() <= 10; ++i) {
      requests.push_back(std::make_unique<TestRequest>("request", serialization));
      world.submit(*requests.back(), kRequestTimeout);
      world.advance(milliseconds(100));
    }
    for (std::size_t session = 1; session <= 10; ++session) {
      SCOPED_TRACE("session " + std::to_string(session));
      ASSERT_NE(lost_at[session], base::Instant{});
      ASSERT_NE(damaged_at[session], base::Instant{});
      EXPECT_LE(lost_at[session] - damaged_at[session], kRequestTimeout + kWithin);
    }
    world.advance(2 * kRequestTimeout);
  }
}

TEST(BrokenFrame, of_which_a_byte_comes_now_and_then_costs_one_request) {
  std::function<void()> babble;
  BrokenWorld world(1, [](const SeenRequest&) {});
  babble = [&] {
    if (world.connection->session() > 1) return;
    world.peer.sessions.front()->send(std::string(1, '\0'));
    world.network.schedule(world.server, world.network.now() + milliseconds(100), babble);
  };
  world.peer.last().send(std::string("\x00\x7f\x00\x00", 4));
  babble();
  EXPECT_LE(world.send_until_answered(), kRequestTimeout + kWithin);
}

TEST(BrokenFrame, whose_length_never_gets_whole_costs_one_request) {
  BrokenWorld world(1, [](const SeenRequest&) {});
  world.peer.last().send(std::string(3, '\0'));
  EXPECT_LE(world.send_until_answered(), kRequestTimeout + kWithin);
}

// A consumer waits for its long poll, which has much time: the half frame itself must be noticed.
TEST(BrokenFrame, of_which_no_more_comes_is_noticed_without_a_timeout) {
  for_seeds(20, [](std::uint64_t seed) {
    BrokenWorld world(seed, [](const SeenRequest& seen) {
      seen.session->send(make_answer(seen, std::string(5000, 'y')).substr(0, 4000));
    });
    TestRequest poll("long poll");
    const base::Instant begin = world.client.now();
    world.submit(poll, milliseconds(30'000));
    world.network.run_until([&] { return poll.ends() > 0; }, milliseconds(60'000));
    ASSERT_EQ(poll.failures, 1);
    EXPECT_EQ(poll.error->code, base::ErrorCode::NETWORK);
    EXPECT_NE(poll.error->message.find("frame"), std::string::npos) << poll.error->message;
    EXPECT_EQ(poll.error->outcome, base::Outcome::maybe_applied);
    EXPECT_LE(world.client.now() - begin, kRequestTimeout + kWithin);
  });
}

// One mebibyte a second, while small requests run out of their time behind it.
TEST(SlowFrame, that_moves_gets_whole) {
  for (const auto timeout : {milliseconds(1000), milliseconds(3000)}) {
    World world(1, {.write_timeout = kRequestTimeout});
    world.open();
    std::function<void(PeerSession*, std::string)> trickle = [&](PeerSession* session,
                                                                 std::string rest) {
      if (session->is_closed()) return;
      session->send(rest.substr(0, 52'000));
      if (rest.size() <= 52'000) return;
      world.network.schedule(
          world.server, world.network.now() + milliseconds(50),
          [&trickle, session, rest = rest.substr(52'000)] { trickle(session, rest); });
    };
    world.peer.on_frame = [&](const SeenRequest& seen) {
      if (seen.body == "poll") {
        trickle(seen.session, make_answer(seen, std::string(4 * 1024 * 1024, 'y')));
      }
    };
    int polls = 0;
    bool is_whole = false;
    std::vector<std::unique_ptr<TestRequest>> requests;
    TestRequest poll("poll");
    poll.fail_fast = false;
    poll.on_end = [&](TestRequest& ended) {
      is_whole = ended.answers > 0;
      if (!is_whole && ++polls < 10) world.submit(ended, milliseconds(30'000));
    };
    world.submit(poll, milliseconds(30'000));
    for (int i = 0; i < 120 && !is_whole; ++i) {
      requests.push_back(std::make_unique<TestRequest>("small"));
      world.submit(*requests.back(), timeout);
      world.advance(milliseconds(250));
    }
    EXPECT_TRUE(is_whole);
    EXPECT_LE(world.streams_made, 4);
    world.advance(milliseconds(5000));
  }
}

}  // namespace
}  // namespace rmq::remoting::testing
