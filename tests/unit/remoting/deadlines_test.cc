#include "remoting/deadlines.h"

#include <gtest/gtest.h>

#include <vector>

#include "transport/memory_loop.h"

namespace rmq::remoting {
namespace {

using base::milliseconds;

struct Fixture final : DeadlineHandler {
  void on_deadline(Deadline& deadline) override {
    fired.push_back(base::to_ms(loop.now() - start));
    if (again > 0 && again-- > 0) deadlines.set(deadline, loop.now());
  }
  transport::MemoryNetwork network{1};
  transport::MemoryLoop loop{network, "10.0.0.1"};
  Deadlines deadlines{loop};
  base::Instant start = loop.now();
  std::vector<std::int64_t> fired;
  int again = 0;
};

TEST(Deadlines, fire_when_due_and_not_when_cleared) {
  Fixture fixture;
  Deadline first(fixture);
  Deadline second(fixture);
  Deadline third(fixture);
  fixture.deadlines.set(first, fixture.start + milliseconds(30));
  fixture.deadlines.set(second, fixture.start + milliseconds(10));
  fixture.deadlines.set(third, fixture.start + milliseconds(20));
  fixture.deadlines.set(first, fixture.start + milliseconds(40));
  fixture.deadlines.clear(third);
  fixture.network.advance(milliseconds(100));
  EXPECT_EQ(fixture.fired, (std::vector<std::int64_t>{10, 40}));
  EXPECT_EQ(fixture.deadlines.size(), 0u);
}

TEST(Deadlines, that_are_set_in_the_past_again_and_again_fire_once_per_turn) {
  Fixture fixture;
  Deadline deadline(fixture);
  fixture.again = 1000;
  fixture.deadlines.set(deadline, fixture.start);
  EXPECT_TRUE(fixture.fired.empty()) << "never inside set";
  for (std::size_t turn = 1; turn <= 5; ++turn) {
    fixture.network.run_one_turn(fixture.network.now());
    EXPECT_EQ(fixture.fired.size(), turn);
  }
  fixture.deadlines.clear(deadline);
}

TEST(Deadlines, of_answered_requests_cost_no_timer_call_each) {
  Fixture fixture;
  Deadline kept(fixture);
  Deadline passing(fixture);
  fixture.deadlines.set(kept, fixture.start + milliseconds(3000));
  std::size_t turns = 0;
  for (int i = 0; i < 1000; ++i) {
    fixture.deadlines.set(passing, fixture.loop.now() + milliseconds(3000));
    turns += fixture.network.advance(milliseconds(1));
    fixture.deadlines.clear(passing);
  }
  EXPECT_EQ(turns, 0u);
  fixture.deadlines.clear(kept);
  EXPECT_LE(fixture.network.advance(milliseconds(100000)), 1u);
}

}  // namespace
}  // namespace rmq::remoting
