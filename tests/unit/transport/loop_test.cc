// What transport/loop.h promises about time, turns, wake-ups, names and jobs, in every world.
#include "transport/loop.h"

#include <gtest/gtest.h>

#include "base/thread.h"
#include "tests/unit/transport/worlds.h"

namespace rmq::transport {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;

template <typename World>
class LoopPromise : public EveryLoop<World> {
 protected:
  Loop& loop() { return this->world.client(); }
};
TYPED_TEST_SUITE(LoopPromise, Worlds);

TYPED_TEST(LoopPromise, timers_fire_once_in_order_and_never_early) {
  const base::Instant start = this->loop().now();
  std::string order;
  CountingTimer a, b, c;
  a.when_fired = [&] { order += this->loop().now() >= start + milliseconds(20) ? "a" : "-"; };
  b.when_fired = [&] { order += this->loop().now() >= start + milliseconds(10) ? "b" : "-"; };
  c.when_fired = [&] { order += this->loop().now() >= start + milliseconds(10) ? "c" : "-"; };
  const auto timer_a = this->loop().make_timer(a);
  const auto timer_b = this->loop().make_timer(b);
  const auto timer_c = this->loop().make_timer(c);
  timer_a->arm(start + milliseconds(20));
  timer_b->arm(start + milliseconds(10));
  timer_c->arm(start + milliseconds(10));
  ASSERT_TRUE(this->world.run_until([&] { return a.fired == 1; }));
  EXPECT_EQ(order, "bca");
}

TYPED_TEST(LoopPromise, timer_that_is_armed_again_has_the_new_due_time_only) {
  CountingTimer counter, later;
  const auto timer = this->loop().make_timer(counter);
  const auto end = this->loop().make_timer(later);
  const base::Instant start = this->loop().now();
  timer->arm(start + milliseconds(1));
  timer->arm(start + std::chrono::hours(1));
  end->arm(start + milliseconds(5));
  ASSERT_TRUE(this->world.run_until([&] { return later.fired == 1; }));
  EXPECT_EQ(counter.fired, 0);
  timer->arm(start + milliseconds(6));
  ASSERT_TRUE(this->world.run_until([&] { return counter.fired == 1; }));
}

TYPED_TEST(LoopPromise, disarmed_and_destroyed_timers_stay_silent) {
  CountingTimer silent, gone, end, self;
  const auto timer = this->loop().make_timer(silent);
  auto destroyed = this->loop().make_timer(gone);
  auto ending = this->loop().make_timer(self);
  const auto last = this->loop().make_timer(end);
  self.when_fired = [&] { ending.reset(); };
  for (Timer* each : {timer.get(), destroyed.get(), ending.get(), last.get()}) {
    each->arm(this->loop().now() + milliseconds(2));
  }
  timer->disarm();
  destroyed.reset();
  ASSERT_TRUE(this->world.run_until([&] { return end.fired == 1; }));
  EXPECT_EQ(silent.fired + gone.fired, 0);
  EXPECT_EQ(self.fired, 1);
}

TYPED_TEST(LoopPromise, timer_armed_for_the_past_inside_on_timer_lets_others_have_their_turn) {
  CountingTimer greedy;
  CountingWakeUp other;
  const auto timer = this->loop().make_timer(greedy);
  const auto wake_up = this->loop().make_wake_up(other);
  greedy.when_fired = [&] {
    if (greedy.fired == 1) wake_up->wake();
    timer->arm(this->loop().now() - std::chrono::hours(1));
  };
  timer->arm(this->loop().now());
  ASSERT_TRUE(this->world.run_until([&] { return other.woken == 1 && greedy.fired > 3; }));
  timer->disarm();
}

TYPED_TEST(LoopPromise, turn_end_comes_after_everything_that_was_ready) {
  std::string order;
  CountingTimer a, b;
  CountingTurnEnd end;
  const auto task = this->loop().make_turn_end_task(end);
  a.when_fired = [&] {
    order += "a";
    task->schedule();
    task->schedule();
  };
  b.when_fired = [&] { order += "b"; };
  end.when_run = [&] { order += "e"; };
  const auto timer_a = this->loop().make_timer(a);
  const auto timer_b = this->loop().make_timer(b);
  timer_a->arm(this->loop().now());
  timer_b->arm(this->loop().now());
  ASSERT_TRUE(this->world.run_until([&] { return end.ran == 1; }));
  this->world.settle();
  EXPECT_EQ(order, "abe");
}

TYPED_TEST(LoopPromise, turn_end_task_that_schedules_itself_runs_again_in_the_same_turn_end) {
  std::string order;
  CountingTurnEnd first, second;
  const auto task_a = this->loop().make_turn_end_task(first);
  const auto task_b = this->loop().make_turn_end_task(second);
  CountingTimer timer_handler;
  const auto timer = this->loop().make_timer(timer_handler);
  timer_handler.when_fired = [&] { order += "t"; };
  first.when_run = [&] {
    order += "a";
    if (first.ran == 1) {
      timer->arm(this->loop().now());
      task_b->schedule();
    }
    if (first.ran < 3) task_a->schedule();
  };
  second.when_run = [&] { order += "b"; };
  task_a->schedule();  // from outside a turn: the next turn's end
  EXPECT_EQ(order, "");
  ASSERT_TRUE(this->world.run_until([&] { return timer_handler.fired == 1; }));
  EXPECT_EQ(order, "abaat");
}

TYPED_TEST(LoopPromise, destroyed_turn_end_task_is_off_the_list) {
  CountingTurnEnd first, second;
  const auto task_a = this->loop().make_turn_end_task(first);
  auto task_b = this->loop().make_turn_end_task(second);
  first.when_run = [&] { task_b.reset(); };
  task_a->schedule();
  task_b->schedule();
  ASSERT_TRUE(this->world.run_until([&] { return first.ran == 1; }));
  this->world.settle();
  EXPECT_EQ(second.ran, 0);
}

TYPED_TEST(LoopPromise, wake_ups_before_the_loop_runs_are_one) {
  CountingWakeUp counter;
  const auto wake_up = this->loop().make_wake_up(counter);
  base::Thread threads[4];
  for (auto& thread : threads) {
    const auto wake_often = [&] {
      for (int n = 0; n < 1000; ++n) wake_up->wake();
    };
    ASSERT_TRUE(thread.start("waker", wake_often).ok());
  }
  for (auto& thread : threads) thread.join();
  ASSERT_TRUE(this->world.run_until([&] { return counter.woken > 0; }));
  this->world.settle();
  EXPECT_EQ(counter.woken, 1);
}

TYPED_TEST(LoopPromise, wake_up_that_comes_after_the_last_one_was_handled_is_not_lost) {
  CountingWakeUp counter;
  const auto wake_up = this->loop().make_wake_up(counter);
  counter.when_woken = [&] {
    if (counter.woken < 3) wake_up->wake();
  };
  wake_up->wake();
  ASSERT_TRUE(this->world.run_until([&] { return counter.woken == 3; }));
}

TYPED_TEST(LoopPromise, destroyed_wake_up_is_silent) {
  CountingWakeUp counter;
  auto wake_up = this->loop().make_wake_up(counter);
  wake_up->wake();
  wake_up.reset();
  this->world.settle();
  EXPECT_EQ(counter.woken, 0);
}

TYPED_TEST(LoopPromise, literal_is_resolved_later_and_without_a_look_up) {
  std::string answer;
  const auto resolution = this->loop().resolver().resolve({"::1", 99}, [&](auto result) {
    answer = result.ok() ? result.value().front().to_text() : result.error().message;
  });
  EXPECT_EQ(answer, "");
  ASSERT_TRUE(this->world.run_until([&] { return !answer.empty(); }));
  EXPECT_EQ(answer, "[::1]:99");
}

TYPED_TEST(LoopPromise, name_that_cannot_exist_fails_with_its_name_in_the_message) {
  ErrorCode code = ErrorCode::OK;
  std::string message;
  const auto resolution = this->loop().resolver().resolve({"no..such..name", 99}, [&](auto result) {
    ASSERT_FALSE(result.ok());
    code = result.error().code;
    message = result.error().message;
  });
  ASSERT_TRUE(this->world.run_until([&] { return code != ErrorCode::OK; }));
  EXPECT_EQ(code, ErrorCode::CANNOT_RESOLVE);
  EXPECT_NE(message.find("no..such..name"), std::string::npos);
}

TYPED_TEST(LoopPromise, forgotten_resolution_is_not_answered) {
  int answers = 0;
  auto forgotten = this->loop().resolver().resolve({"::1", 1}, [&](auto) { ++answers; });
  bool last = false;
  const auto kept = this->loop().resolver().resolve({"::1", 2}, [&](auto) { last = true; });
  forgotten.reset();
  ASSERT_TRUE(this->world.run_until([&] { return last; }));
  EXPECT_EQ(answers, 0);
}

TYPED_TEST(LoopPromise, resolution_may_be_destroyed_inside_its_answer) {
  bool answered = false;
  std::unique_ptr<Resolution> resolution;
  resolution = this->loop().resolver().resolve({"::1", 1}, [&](auto) {
    resolution.reset();
    answered = true;
  });
  ASSERT_TRUE(this->world.run_until([&] { return answered; }));
}

struct CountedJob final : Job {
  CountedJob(std::atomic<int>& its_ran, int& its_done) : ran(its_ran), done_count(its_done) {}
  void run() noexcept override { ++ran; }
  void done() noexcept override { ++done_count; }
  std::atomic<int>& ran;
  int& done_count;
};

TYPED_TEST(LoopPromise, jobs_run_and_are_done_on_the_loop_and_never_inside_submit) {
  std::atomic<int> ran{0};
  int done = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(this->loop().executor().submit(std::make_unique<CountedJob>(ran, done)).ok());
  }
  EXPECT_EQ(done, 0);
  ASSERT_TRUE(this->world.run_until([&] { return done == 100; }));
  EXPECT_EQ(ran, 100);
}

TYPED_TEST(LoopPromise, executor_takes_a_bounded_number_of_jobs) {
  std::atomic<int> ran{0};
  int done = 0;
  int taken = 0;
  base::Status status;
  while (status.ok() && taken < 100'000) {
    status = this->loop().executor().submit(std::make_unique<CountedJob>(ran, done));
    if (status.ok()) ++taken;
  }
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.code(), ErrorCode::QUEUE_FULL);
  ASSERT_TRUE(this->world.run_until([&] { return done == taken; }));
}

TYPED_TEST(LoopPromise, random_numbers_differ) {
  EXPECT_NE(this->loop().random().next(), this->loop().random().next());
  EXPECT_EQ(this->loop().random().below(1), 0u);
}

}  // namespace
}  // namespace rmq::transport
