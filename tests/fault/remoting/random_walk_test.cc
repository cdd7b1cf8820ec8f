// Everything at once, from a seed: requests of all kinds, cancels, a peer that answers, delays,
// repeats, babbles, hangs up or goes silent. Each submission ends exactly once, whatever happens.
#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

class Walk {
 public:
  explicit Walk(std::uint64_t seed)
      : world_(seed, make_options(seed)), random_(world_.network.random()) {
    world_.peer.on_frame = [this](const SeenRequest& seen) { react(seen); };
    world_.behaviour().window_bytes = 500 + random_.below(20000);
    for (int i = 0; i < 30; ++i) {
      requests_.push_back(std::make_unique<TestRequest>(
          std::string(random_.below(4) == 0 ? random_.below(50000) : random_.below(100), 'x'),
          random_.below(2) ? wire::Serialization::json : wire::Serialization::rocketmq));
      requests_.back()->oneway = random_.below(5) == 0;
      requests_.back()->fail_fast = random_.below(2) == 0;
      requests_.back()->on_end = [this](TestRequest& ended) {
        if (may_resubmit_ && random_.below(4) == 0) submit(ended);
      };
    }
  }

  void run() {
    for (int i = 0; i < 400; ++i) {
      step();
      check();
    }
    may_resubmit_ = false;
    if (random_.below(2)) world_.advance(milliseconds(100000));
    world_.connection.reset();
    for (const auto& request : requests_) EXPECT_EQ(request->ends(), request->submissions);
  }

  std::uint64_t answers() const { return answers_; }

 private:
  static ConnectionOptions make_options(std::uint64_t seed) {
    return {.idle_timeout = milliseconds(seed % 3 ? 2000 : 0),
            .write_timeout = milliseconds(500),
            .keep_open = seed % 5 == 0,
            .requests_max = seed % 2 ? 4u : 1000u,
            .quarantine_max = 20,
            .waiting_requests_max = 20,
            .waiting_bytes_max = 100000};
  }

  void submit(TestRequest& request) {
    world_.submit(request, milliseconds(random_.below(10) == 0 ? 0 : random_.below(2000)));
  }

  void step() {
    TestRequest& request = *requests_[random_.below(requests_.size())];
    switch (random_.below(20)) {
      case 0:
        if (world_.connection->cancel(request)) {
          EXPECT_TRUE(!request.is_pending() || may_resubmit_);
        }
        break;
      case 1:
        if (!world_.peer.sessions.empty()) {
          world_.peer.last().answer(static_cast<std::int32_t>(random_.next()), "stranger",
                                    wire::Serialization::json);
        }
        break;
      case 2:
        if (!world_.peer.seen.empty())
          react(world_.peer.seen[random_.below(world_.peer.seen.size())]);
        break;
      case 3:
        fault();
        break;
      case 4:
        world_.advance(milliseconds(random_.below(3000)));
        break;
      case 5:
        if (!world_.server_requests.empty()) {
          std::string frame;
          wire::Command response;
          response.flag = wire::kFlagResponse;
          wire::append_frame(response, &frame);
          (void)world_.connection->send_response(world_.server_requests.back().session, frame);
        }
        break;
      case 6:
      case 7:
      case 8:
      case 9:
        world_.network.advance(std::chrono::microseconds(random_.below(3000)));
        break;
      default:
        if (!request.is_pending()) submit(request);
        break;
    }
  }

  void fault() {
    const auto connections = world_.network.connections();
    switch (random_.below(7)) {
      case 0:
        if (!connections.empty()) connections.back()->reset();
        break;
      case 1:
        if (!connections.empty()) connections.back()->cut();
        break;
      case 2:
        if (!connections.empty()) connections.back()->go_silent();
        break;
      case 3:
        if (!connections.empty()) connections.back()->stall();
        break;
      case 4:
        for (const auto& connection : connections) connection->resume();
        break;
      case 5:
        world_.peer.stop_listening();
        break;
      default:
        world_.peer.stop_listening();
        world_.peer.listen();
        break;
    }
  }

  void react(const SeenRequest& seen) {
    if (seen.session->is_closed()) return;
    switch (random_.below(30)) {
      case 0:
        seen.session->send(std::string("\xff\xff", 2) + std::string(random_.below(20), 'z'));
        break;
      case 1:
        seen.session->close();
        break;
      case 2: {
        wire::Command request;
        request.code = 40;
        request.opaque = seen.opaque;
        seen.session->send(request);
        break;
      }
      case 3:
      case 4:
      case 5:
      case 6:
        break;  // no answer, or by a later step
      default:
        seen.session->answer(seen.opaque, std::string(random_.below(3000), 'y'),
                             seen.serialization);
        break;
    }
  }

  void check() {
    std::size_t pending = 0;
    for (const auto& request : requests_) {
      pending += request->is_pending() ? 1 : 0;
      EXPECT_EQ(request->ends() + (request->is_pending() ? 1 : 0), request->submissions);
    }
    EXPECT_EQ(world_.connection->pending(), pending);
    EXPECT_LE(world_.connection->waiting(), 20u);
    EXPECT_LE(world_.connection->unanswered(), 1000u);
    answers_ = world_.connection->counters().answers;
  }

  World world_;
  transport::Random& random_;
  std::vector<std::unique_ptr<TestRequest>> requests_;
  bool may_resubmit_ = true;
  std::uint64_t answers_ = 0;
};

TEST(RandomWalk, ends_each_submission_exactly_once) {
  std::uint64_t answers = 0;
  for_seeds(many_seeds(300), [&](std::uint64_t seed) {
    Walk walk(seed);
    walk.run();
    answers += walk.answers();
  });
  EXPECT_GT(answers, 1000u) << "the walks are no good if nothing ever works";
}

}  // namespace
}  // namespace rmq::remoting::testing
