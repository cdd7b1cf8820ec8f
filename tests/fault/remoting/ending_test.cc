// Close, cancel and destruction at every state, from outside and from callbacks.
#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

// Brings a connection with three requests (one-way among them) into a state.
struct Scene {
  Scene(std::uint64_t seed, ConnectionState wanted) : world(seed, options()) {
    oneway.oneway = true;
    patient.fail_fast = false;
    if (wanted == ConnectionState::resolving) {
      world.network.name("broker.example").never_answers = true;
    } else {
      world.network.name("broker.example").addresses = {world.server.host()};
    }
    if (wanted == ConnectionState::connecting) {
      world.behaviour().connect = transport::ConnectBehaviour::kNever;
    }
    if (wanted == ConnectionState::backing_off) {
      world.peer.stop_listening();
      TestRequest pathfinder("pathfinder");
      world.submit(pathfinder);
      world.pass();
    }
    world.submit(request);
    world.submit(patient);
    world.submit(oneway);
    if (wanted != ConnectionState::idle) world.pass();
    EXPECT_EQ(world.connection->state(), wanted);
  }

  static ConnectionOptions options() {
    ConnectionOptions options;
    options.peer = {"broker.example", 10911};
    return options;
  }

  World world;
  TestRequest request{"request"};
  TestRequest patient{"patient", wire::Serialization::json};
  TestRequest oneway{"one-way"};
};

constexpr ConnectionState kStates[] = {ConnectionState::idle, ConnectionState::resolving,
                                       ConnectionState::connecting, ConnectionState::open,
                                       ConnectionState::backing_off};

void expect_outcome(const TestRequest& request, ConnectionState state, base::ErrorCode code) {
  ASSERT_EQ(request.failures, 1);
  EXPECT_EQ(request.error->outcome, state == ConnectionState::open ? base::Outcome::maybe_applied
                                                                   : base::Outcome::not_applied);
  EXPECT_EQ(request.error->code, code);
}

TEST(Close, completes_everything_at_every_state) {
  for (const ConnectionState state : kStates) {
    SCOPED_TRACE(to_text(state));
    for_seeds(10, [state](std::uint64_t seed) {
      Scene scene(seed, state);
      scene.world.connection->close(scene.world.make_reason());
      EXPECT_EQ(scene.world.connection->state(), ConnectionState::closed);
      scene.world.connection->close(scene.world.make_reason());
      scene.world.advance(milliseconds(10000));
      expect_outcome(scene.request, state, base::ErrorCode::SHUTDOWN);
      expect_outcome(scene.patient, state, base::ErrorCode::SHUTDOWN);
      if (state == ConnectionState::open) {
        EXPECT_EQ(scene.oneway.sends, 1);
      } else {
        expect_outcome(scene.oneway, state, base::ErrorCode::SHUTDOWN);
      }
      scene.world.submit(scene.request);
      scene.world.settle();
      ASSERT_EQ(scene.request.failures, 2);
      EXPECT_EQ(scene.request.error->code, base::ErrorCode::CLOSED);
      EXPECT_EQ(scene.world.connection->pending(), 0u);
    });
  }
}

TEST(Destroy, completes_everything_at_every_state) {
  for (const ConnectionState state : kStates) {
    SCOPED_TRACE(to_text(state));
    for_seeds(10, [state](std::uint64_t seed) {
      Scene scene(seed, state);
      scene.world.connection.reset();
      expect_outcome(scene.request, state, base::ErrorCode::SHUTDOWN);
      expect_outcome(scene.patient, state, base::ErrorCode::SHUTDOWN);
      EXPECT_EQ(scene.oneway.ends(), 1);
      scene.world.advance(milliseconds(10000));
    });
  }
}

TEST(Cancel, completes_one_at_every_state_and_leaves_the_others) {
  for (const ConnectionState state : kStates) {
    SCOPED_TRACE(to_text(state));
    for_seeds(10, [state](std::uint64_t seed) {
      Scene scene(seed, state);
      Connection& connection = *scene.world.connection;
      EXPECT_TRUE(connection.cancel(scene.patient));
      expect_outcome(scene.patient, state, base::ErrorCode::CANCELLED);
      EXPECT_FALSE(connection.cancel(scene.patient)) << "it is not pending any more";
      EXPECT_EQ(connection.quarantined(), state == ConnectionState::open ? 1u : 0u);
      scene.world.advance(milliseconds(10000));
      EXPECT_EQ(scene.request.ends(), 1);
      EXPECT_EQ(scene.oneway.ends(), 1);
      EXPECT_EQ(connection.pending(), 0u);
    });
  }
}

TEST(Cancel, of_a_refused_request_completes_it_once) {
  World world(1, {.waiting_requests_max = 1});
  TestRequest first("first");
  TestRequest refused("refused");
  world.submit(first);
  world.submit(refused);
  EXPECT_TRUE(world.connection->cancel(refused));
  EXPECT_EQ(refused.failures, 1);
  EXPECT_EQ(refused.error->code, base::ErrorCode::CANCELLED);
  world.advance(milliseconds(10000));
  EXPECT_EQ(refused.ends(), 1);
}

TEST(Drain, answers_what_was_accepted_refuses_the_rest_and_closes) {
  for_seeds(20, [](std::uint64_t seed) {
    World world(seed);
    world.open();
    TestRequest accepted("accepted");
    TestRequest refused("refused");
    world.submit(accepted);
    world.connection->close_when_drained(world.make_reason());
    world.submit(refused);
    world.pass();
    ASSERT_EQ(refused.failures, 1);
    EXPECT_EQ(refused.error->code, base::ErrorCode::CLOSING);
    EXPECT_EQ(refused.error->outcome, base::Outcome::not_applied);
    EXPECT_EQ(world.connection->state(), ConnectionState::open);
    const SeenRequest seen = world.peer.seen.at(0);
    seen.session->answer(seen.opaque, "drained", seen.serialization);
    world.pass();
    EXPECT_EQ(accepted.answer, "drained");
    EXPECT_EQ(world.connection->state(), ConnectionState::closed);
  });
}

// --- From callbacks ---------------------------------------------------------------------------

void answer_all(World& world) {
  world.peer.on_frame = [](const SeenRequest& seen) {
    seen.session->answer(seen.opaque, seen.body, seen.serialization);
  };
}

TEST(Callback, may_destroy_the_connection_on_an_answer) {
  for_seeds(50, [](std::uint64_t seed) {
    Scene scene(seed, ConnectionState::idle);
    answer_all(scene.world);
    scene.request.on_end = [&](TestRequest&) { scene.world.connection.reset(); };
    scene.world.advance(milliseconds(100));
    EXPECT_EQ(scene.request.answers, 1);
    EXPECT_EQ(scene.patient.ends(), 1);
    EXPECT_EQ(scene.oneway.sends, 1);
    EXPECT_EQ(scene.world.connection, nullptr);
  });
}

TEST(Callback, may_close_the_connection_on_an_answer) {
  for_seeds(50, [](std::uint64_t seed) {
    Scene scene(seed, ConnectionState::idle);
    answer_all(scene.world);
    scene.request.on_end = [&](TestRequest&) {
      scene.world.connection->close(scene.world.make_reason());
    };
    scene.world.advance(milliseconds(100));
    EXPECT_EQ(scene.request.answers, 1);
    EXPECT_EQ(scene.patient.ends(), 1);
  });
}

TEST(Callback, may_cancel_other_requests_on_an_answer) {
  for_seeds(50, [](std::uint64_t seed) {
    Scene scene(seed, ConnectionState::idle);
    answer_all(scene.world);
    scene.request.on_end = [&](TestRequest&) { scene.world.connection->cancel(scene.patient); };
    scene.world.advance(milliseconds(100));
    EXPECT_EQ(scene.request.answers, 1);
    EXPECT_EQ(scene.patient.ends(), 1);
  });
}

TEST(Callback, may_destroy_the_connection_when_a_one_way_request_is_sent) {
  for_seeds(50, [](std::uint64_t seed) {
    Scene scene(seed, ConnectionState::idle);
    scene.oneway.on_end = [&](TestRequest&) { scene.world.connection.reset(); };
    scene.world.advance(milliseconds(100));
    EXPECT_EQ(scene.oneway.sends, 1);
    EXPECT_EQ(scene.request.failures, 1);
    EXPECT_EQ(scene.request.error->outcome, base::Outcome::maybe_applied);
  });
}

TEST(Callback, may_destroy_the_connection_on_a_failure_at_every_state) {
  for (const ConnectionState state : kStates) {
    SCOPED_TRACE(to_text(state));
    for_seeds(10, [state](std::uint64_t seed) {
      {  // the failure is a close
        Scene scene(seed, state);
        scene.request.on_end = [&](TestRequest&) { scene.world.connection.reset(); };
        scene.patient.on_end = scene.request.on_end;
        scene.world.connection->close(scene.world.make_reason());
        scene.world.advance(milliseconds(10));
      }
      {  // the failure is a deadline, or the server's going away
        Scene scene(seed, state);
        scene.request.on_end = [&](TestRequest&) { scene.world.connection.reset(); };
        if (state == ConnectionState::open) scene.world.peer.last().close();
        scene.world.advance(milliseconds(4000));
        EXPECT_EQ(scene.world.connection, nullptr);
      }
    });
  }
}

TEST(Callback, may_destroy_or_close_the_connection_at_every_transition) {
  for (int step = 0; step < 12; ++step) {
    for (const bool destroys : {true, false}) {
      SCOPED_TRACE("transition " + std::to_string(step));
      World world(static_cast<std::uint64_t>(step) + 1,
                  {.idle_timeout = milliseconds(500), .keep_open = step % 2 == 0});
      answer_all(world);
      int count = 0;
      world.on_transition = [&](Connection& connection, const World::Transition&) {
        if (count++ != step) return;
        if (destroys) {
          world.connection.reset();
        } else {
          connection.close(world.make_reason());
        }
      };
      TestRequest requests[4];
      for (int i = 0; i < 4 && world.connection; ++i) {
        requests[i].fail_fast = i % 2 == 0;
        world.submit(requests[i], milliseconds(700));
        world.advance(milliseconds(300));
        if (i == 1) world.peer.stop_listening();
        if (i == 1 && !world.peer.sessions.empty()) world.peer.last().close();
        world.advance(milliseconds(600));
        if (i == 2) world.peer.listen();
      }
      world.advance(milliseconds(5000));
      EXPECT_GE(count, step);
    }
  }
}

TEST(Callback, may_submit_the_same_request_again_from_each_end) {
  for_seeds(50, [](std::uint64_t seed) {
    World world(seed);
    int frames = 0;
    world.peer.on_frame = [&](const SeenRequest& seen) {
      if (++frames % 3 == 0) return seen.session->close();
      seen.session->answer(seen.opaque, seen.body, seen.serialization);
    };
    TestRequest request("again and again");
    request.on_end = [&](TestRequest& ended) {
      if (ended.submissions < 50) world.submit(ended);
    };
    world.submit(request);
    world.advance(milliseconds(60000));
    EXPECT_EQ(request.ends(), 50);
    EXPECT_GT(request.answers, 0);
    EXPECT_GT(request.failures, 0);
  });
}

TEST(Callback, that_resubmits_what_is_refused_does_not_hold_up_the_loop) {
  World world(1);
  world.connection->close(world.make_reason());
  bool is_over = false;
  TestRequest request("stubborn");
  request.on_end = [&](TestRequest& ended) {
    if (ended.submissions < 100000 && !is_over) world.submit(ended);
  };
  world.submit(request);
  for (int turn = 0; turn < 10; ++turn) world.network.run_one_turn(world.network.now());
  EXPECT_GE(request.submissions, 2);
  EXPECT_LE(request.submissions, 11) << "once per turn";
  is_over = true;
  world.connection.reset();
}

}  // namespace
}  // namespace rmq::remoting::testing
