// The threads of an executor: made when there is work, ended when there was none for a while.
#include "transport/pool_executor.h"

#include <gtest/gtest.h>

#include <thread>

#include "transport/memory_loop.h"

namespace rmq::transport {
namespace {

struct CountingJob final : Job {
  explicit CountingJob(int& its_done) : done_count(its_done) {}
  void run() noexcept override { thread = std::this_thread::get_id(); }
  void done() noexcept override { done_count += thread != std::this_thread::get_id() ? 1 : 0; }
  std::thread::id thread;
  int& done_count;
};

class PoolExecutorTest : public ::testing::Test {
 protected:
  void submit() { ASSERT_TRUE(executor.submit(std::make_unique<CountingJob>(done)).ok()); }
  // Jobs take real time, which the simulated clock does not see.
  void wait_for(int count) {
    while (done < count) {
      network.run_until_idle();
      std::this_thread::yield();
    }
  }

  MemoryNetwork network{1};
  MemoryLoop loop{network, "10.0.0.1"};
  PoolExecutor executor{loop, 2, 100};
  int done = 0;
};

TEST_F(PoolExecutorTest, has_no_thread_before_the_first_job_and_few_afterwards) {
  EXPECT_EQ(executor.thread_count(), 0u);
  for (int i = 0; i < 50; ++i) submit();
  wait_for(50);
  EXPECT_GE(executor.thread_count(), 1u);
  EXPECT_LE(executor.thread_count(), 2u);
}

TEST(PoolExecutorThreads, leave_a_processor_to_the_loop) {
  EXPECT_EQ(PoolExecutor::thread_count_for(0), 1u);  // not known
  EXPECT_EQ(PoolExecutor::thread_count_for(1), 1u);
  EXPECT_EQ(PoolExecutor::thread_count_for(2), 1u);
  EXPECT_EQ(PoolExecutor::thread_count_for(3), 2u);
  EXPECT_EQ(PoolExecutor::thread_count_for(64), 2u);
}

TEST_F(PoolExecutorTest, ends_its_threads_when_it_was_idle_and_makes_others_for_the_next_job) {
  for (int round = 1; round <= 3; ++round) {
    submit();
    wait_for(round);
    EXPECT_EQ(executor.thread_count(), 1u);
    network.advance(PoolExecutor::kIdleTime - std::chrono::seconds(1));
    EXPECT_EQ(executor.thread_count(), 1u);
    network.advance(std::chrono::seconds(2));
    EXPECT_EQ(executor.thread_count(), 0u);
  }
}

TEST_F(PoolExecutorTest, leaves_no_thread_when_it_is_closed) {
  submit();
  executor.close();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(executor.thread_count(), 0u);
}

}  // namespace
}  // namespace rmq::transport
