#include "base/thread.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <stdexcept>
#include <string>

namespace rmq::base {
namespace {

TEST(Thread, runs_its_entry_named_and_with_all_signals_blocked) {
  std::string name;
  bool blocked = true;
  Thread thread;
  ASSERT_TRUE(thread
                  .start("a-long-name-indeed",
                         [&] {
                           char text[16];
                           pthread_getname_np(pthread_self(), text, sizeof text);
                           name = text;
                           sigset_t mask;
                           pthread_sigmask(SIG_SETMASK, nullptr, &mask);
                           for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGUSR1, SIGCHLD}) {
                             blocked = blocked && sigismember(&mask, signal) == 1;
                           }
                         })
                  .ok());
  thread.join();
  EXPECT_EQ(name, "rmq-a-long-name");
  EXPECT_TRUE(blocked);
  sigset_t own;
  pthread_sigmask(SIG_SETMASK, nullptr, &own);
  EXPECT_EQ(sigismember(&own, SIGTERM), 0);
}

TEST(Thread, exception_ends_the_thread_and_nothing_else) {
  Thread thread;
  ASSERT_TRUE(thread.start("throws", [] { throw std::runtime_error("out"); }).ok());
  thread.join();
  EXPECT_FALSE(thread.started());
}

TEST(Thread, that_cannot_be_made_is_a_status_and_may_be_started_later) {
  Thread thread;
  bool ran = false;
  const Status failed = thread.start(
      "big", [&] { ran = true; }, std::size_t{1} << 50);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.code(), ErrorCode::THREADS);
  EXPECT_NE(failed.error().message.find("rmq-big"), std::string::npos);
  EXPECT_FALSE(thread.started());
  thread.join();
  EXPECT_FALSE(ran);
  ASSERT_TRUE(thread.start("small", [&] { ran = true; }).ok());
  thread.join();
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace rmq::base
