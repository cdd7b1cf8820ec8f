#include "transport/turn_end_queue.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "tests/support/assertion.h"

namespace rmq::transport {
namespace {

struct TurnEndAction final : TurnEndHandler {
  void on_turn_end() override { action(); }
  std::function<void()> action = [] {};
};

TEST(TurnEndQueue, runs_tasks_in_order_and_those_that_tasks_schedule) {
  int firsts = 0;
  std::string ran;
  TurnEndQueue queue([&] { ++firsts; });
  TurnEndAction a;
  TurnEndAction b;
  const auto task_a = queue.make_task(a);
  auto task_b = queue.make_task(b);
  a.action = [&] {
    ran += 'a';
    task_b->schedule();
  };
  b.action = [&] { ran += 'b'; };
  task_b->schedule();
  task_a->schedule();
  task_b->schedule();
  EXPECT_EQ(firsts, 1);
  queue.run();
  EXPECT_EQ(ran, "bab");
  task_b->schedule();
  task_b.reset();
  EXPECT_TRUE(queue.empty()) << "a task that ends is not run";
}

TEST(TurnEndQueue, notices_a_task_that_would_outlive_it) {
  EXPECT_TRUE(test::is_noticed([] {
    TurnEndAction handler;
    std::unique_ptr<TurnEndTask> task;
    TurnEndQueue queue([] {});
    task = queue.make_task(handler);
  }));
}

}  // namespace
}  // namespace rmq::transport
