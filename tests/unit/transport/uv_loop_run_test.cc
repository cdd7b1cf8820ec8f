// A loop that threads run in turns: runs that end, wake-ups while nobody runs it.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <functional>

#include "base/thread.h"
#include "tests/unit/transport/worlds.h"
#include "transport/uv_loop.h"

namespace rmq::transport {
namespace {

using RunEnd = LoopRunner::RunEnd;

class TestRun final : public LoopRunner::Run {
 public:
  void begin() noexcept override {
    if (when_begun) when_begun();
  }
  bool is_done() noexcept override {
    ++questions;
    return is_over;
  }

  std::function<void()> when_begun;
  bool is_over = false;
  int questions = 0;
};

class TestSleeper final : public LoopSleeper {
 public:
  void on_loop_woken() noexcept override { ++times; }
  std::atomic<int> times{0};
};

class UvLoopRun : public testing::Test {
 protected:
  const std::unique_ptr<UvLoop> loop = UvLoop::make().take_value();
  TestRun run;
};

// The next timer is half a minute away: a wait would be seen.
TEST_F(UvLoopRun, does_not_wait_when_its_beginning_is_its_end) {
  run.when_begun = [this] { run.is_over = true; };
  const base::Instant before = loop->now();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(loop->run_until(run), RunEnd::done);
  EXPECT_LT(loop->now() - before, std::chrono::seconds(10));
  EXPECT_EQ(run.questions, 100);
}

TEST_F(UvLoopRun, does_not_wait_when_the_end_of_its_first_turn_is_its_end) {
  struct Ender final : TurnEndHandler {
    explicit Ender(TestRun& ended) : run(ended) {}
    void on_turn_end() override { run.is_over = true; }
    TestRun& run;
  } ender(run);
  const auto task = loop->make_turn_end_task(ender);
  run.when_begun = [&] { task->schedule(); };
  const base::Instant before = loop->now();
  EXPECT_EQ(loop->run_until(run), RunEnd::done);
  EXPECT_LT(loop->now() - before, std::chrono::seconds(10));
}

TEST_F(UvLoopRun, ends_with_the_turn_that_it_waited_for) {
  CountingWakeUp counter;
  const auto wake_up = loop->make_wake_up(counter);
  counter.when_woken = [this] { run.is_over = true; };
  base::Thread waker;
  run.when_begun = [&] { ASSERT_TRUE(waker.start("waker", [&] { wake_up->wake(); }).ok()); };
  EXPECT_EQ(loop->run_until(run), RunEnd::done);
  EXPECT_EQ(counter.woken, 1);
}

TEST_F(UvLoopRun, leaves_a_stop_to_the_thread_that_runs_to_the_end) {
  run.when_begun = [this] { loop->stop(); };
  EXPECT_EQ(loop->run_until(run), RunEnd::stopped);
  EXPECT_EQ(loop->run_until(run), RunEnd::stopped);
  loop->run();  // returns at once
  run.is_over = true;
  run.when_begun = nullptr;
  EXPECT_EQ(loop->run_until(run), RunEnd::done);
}

TEST_F(UvLoopRun, tells_of_wake_ups_and_remembers_them_until_they_have_run) {
  TestSleeper sleeper;
  loop->set_sleeper(&sleeper);
  CountingWakeUp counter;
  const auto wake_up = loop->make_wake_up(counter);
  {
    const auto given_up = loop->make_wake_up(counter);
    given_up->wake();
    EXPECT_TRUE(loop->is_woken());
  }
  EXPECT_FALSE(loop->is_woken());
  base::Thread waker;
  ASSERT_TRUE(waker.start("waker", [&] { wake_up->wake(); }).ok());
  waker.join();
  wake_up->wake();
  EXPECT_EQ(sleeper.times, 2) << "the third call told nothing new";
  EXPECT_TRUE(loop->is_woken());
  counter.when_woken = [this] { run.is_over = true; };
  EXPECT_EQ(loop->run_until(run), RunEnd::done);
  EXPECT_FALSE(loop->is_woken());
}

// Of a run's own thread, which may be the host's.
TEST_F(UvLoopRun, changes_the_signals_of_its_thread_for_held_writes_only) {
  const auto blocks_sigpipe = [] {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    return sigismember(&mask, SIGPIPE) == 1;
  };
  bool before = true;
  bool during = false;
  run.is_over = true;
  run.when_begun = [&] {
    before = blocks_sigpipe();
    loop->count_held_write(1);
    during = blocks_sigpipe();
  };
  EXPECT_EQ(loop->run_until(run), RunEnd::done);
  EXPECT_FALSE(before);
  EXPECT_TRUE(during);
  EXPECT_FALSE(blocks_sigpipe());
  run.when_begun = [&] { during = blocks_sigpipe(); };
  during = false;
  EXPECT_EQ(loop->run_until(run), RunEnd::done);
  EXPECT_TRUE(during) << "the write is still held";
  loop->count_held_write(-1);
}

}  // namespace
}  // namespace rmq::transport
