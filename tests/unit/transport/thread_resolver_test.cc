// Look-ups on threads: batches, hanging look-ups, closing. The look-up is the test's own.
#include "transport/thread_resolver.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "transport/uv_loop.h"

namespace rmq::transport {
namespace {

using base::ErrorCode;

// Shared by a test and the look-ups under way, which may outlive the loop.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  int waiting = 0;
  int passed = 0;
  std::set<std::thread::id> threads;
  int look_ups = 0;

  void wait_for(const std::function<bool()>& what) {
    std::unique_lock lock(mutex);
    changed.wait(lock, what);
  }
};

// "hang..." waits for the gate, "fail..." fails, the rest is 10.0.0.9.
NameLookUp scripted(std::shared_ptr<Gate> gate) {
  return [gate](const HostPort& name) -> base::Result<std::vector<SocketAddress>> {
    std::unique_lock lock(gate->mutex);
    ++gate->look_ups;
    gate->threads.insert(std::this_thread::get_id());
    if (name.host.starts_with("hang")) {
      ++gate->waiting;
      gate->changed.notify_all();
      gate->changed.wait(lock, [&] { return gate->open; });
      ++gate->passed;
      gate->changed.notify_all();
    }
    if (name.host.starts_with("throw")) throw std::bad_alloc();
    if (name.host.starts_with("fail")) {
      return base::make_error(ErrorCode::CANNOT_RESOLVE, name.host + " failed");
    }
    SocketAddress address;
    SocketAddress::parse_literal("10.0.0.9", name.port, &address);
    return std::vector<SocketAddress>{address};
  };
}

class ThreadResolverTest : public testing::Test {
 protected:
  void SetUp() override {
    UvLoopOptions options;
    options.look_up = scripted(gate);
    loop = UvLoop::make(std::move(options)).take_value();
  }
  void ask(const std::string& host) {
    asked.push_back(loop->resolver().resolve({host, 80}, [this, host](auto result) {
      answers[host] = result.ok() ? result.value().front().to_text()
                                  : std::string(base::error_code_info(result.error().code).name);
      if (answers.size() >= wanted) loop->stop();
    }));
  }
  // Every thread that the resolver may have sits in a look-up until open_gate().
  void hang_all_threads() {
    for (std::size_t i = 0; i < ThreadResolver::kThreadsMax; ++i) {
      ask("hang" + std::to_string(i));
      ask("1.2.3." + std::to_string(i));
      wanted = answers.size() + 1;
      loop->run();
    }
    gate->wait_for([&] { return gate->waiting == static_cast<int>(ThreadResolver::kThreadsMax); });
  }
  void open_gate() {
    const std::lock_guard lock(gate->mutex);
    gate->open = true;
    gate->changed.notify_all();
  }
  void run_until_answers(std::size_t count) {
    wanted = count;
    if (answers.size() < wanted) loop->run();
  }

  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  std::unique_ptr<UvLoop> loop;
  std::vector<std::unique_ptr<Resolution>> asked;
  std::map<std::string, std::string> answers;
  std::size_t wanted = 0;
};

TEST_F(ThreadResolverTest, names_are_looked_up_on_threads_that_are_not_the_loops) {
  for (const char* name : {"a", "b", "c", "fail", "throw"}) ask(name);
  run_until_answers(5);
  EXPECT_EQ(answers["a"], "10.0.0.9:80");
  EXPECT_EQ(answers["fail"], "CANNOT_RESOLVE");
  EXPECT_EQ(answers["throw"], "MEMORY");
  EXPECT_EQ(gate->threads.count(std::this_thread::get_id()), 0u);
}

TEST_F(ThreadResolverTest, look_up_that_hangs_does_not_hold_up_later_ones) {
  ask("hang");
  wanted = 1;
  ask("1.2.3.4");
  loop->run();  // the batch of "hang" is under way
  ask("quick");
  run_until_answers(2);
  EXPECT_EQ(answers["quick"], "10.0.0.9:80");
  {
    const std::lock_guard lock(gate->mutex);
    gate->open = true;
    gate->changed.notify_all();
  }
  run_until_answers(3);
  EXPECT_EQ(answers["hang"], "10.0.0.9:80");
}

// In one turn and in turns of their own.
TEST_F(ThreadResolverTest, names_that_hang_do_not_hold_up_one_that_is_known) {
  for (const int hanging : {3, 4, 5}) {
    for (int i = 0; i < hanging; ++i) ask("hang" + std::to_string(hanging * 10 + i));
    const std::string good = "good" + std::to_string(hanging);
    ask(good);
    run_until_answers(answers.size() + 1);
    EXPECT_EQ(answers[good], "10.0.0.9:80");
  }
  EXPECT_EQ(answers.size(), 3u);
  open_gate();
  run_until_answers(15);
}

TEST_F(ThreadResolverTest, closing_leaves_a_hanging_look_up_behind_and_it_touches_nothing) {
  constexpr int kHanging = static_cast<int>(ThreadResolver::kThreadsMax);
  hang_all_threads();
  ask("never looked up");
  loop->close();
  loop.reset();
  asked.clear();
  {
    const std::lock_guard lock(gate->mutex);
    gate->open = true;
    gate->changed.notify_all();
  }
  gate->wait_for([&] { return gate->passed == kHanging; });
  EXPECT_EQ(answers.size(), ThreadResolver::kThreadsMax);
  EXPECT_EQ(gate->look_ups, kHanging);
}

TEST_F(ThreadResolverTest, threads_are_bounded_and_what_waits_is_looked_up_in_the_end) {
  wanted = 1;
  constexpr int kNames = static_cast<int>(ThreadResolver::kThreadsMax) + 4;
  for (int i = 0; i < kNames; ++i) {
    ask("hang" + std::to_string(i));
    ask("1.2.3." + std::to_string(i));
    wanted = answers.size() + 1;
    loop->run();
  }
  gate->wait_for([&] { return gate->waiting == static_cast<int>(ThreadResolver::kThreadsMax); });
  {
    const std::lock_guard lock(gate->mutex);
    gate->open = true;
    gate->changed.notify_all();
  }
  run_until_answers(2 * kNames);
  EXPECT_EQ(gate->threads.size(), ThreadResolver::kThreadsMax);
}

TEST_F(ThreadResolverTest, questions_that_nobody_waits_for_any_more_are_not_looked_up) {
  hang_all_threads();
  const int before = gate->look_ups;
  for (int i = 0; i < 20; ++i) {
    ask("dropped" + std::to_string(i));
    asked.pop_back();
  }
  ask("alive");
  open_gate();
  run_until_answers(answers.size() + 1 + ThreadResolver::kThreadsMax);
  EXPECT_EQ(answers["alive"], "10.0.0.9:80");
  EXPECT_EQ(gate->look_ups - before, 1);
}

TEST_F(ThreadResolverTest, a_name_is_looked_up_once_for_all_who_ask_at_the_same_time) {
  hang_all_threads();
  const int before = gate->look_ups;
  std::vector<std::string> told;
  for (const std::uint16_t port : {80, 81, 82}) {
    asked.push_back(loop->resolver().resolve({"shared", port}, [&](auto result) {
      told.push_back(result.value().front().to_text());
      if (told.size() == 2) loop->stop();
    }));
  }
  asked.pop_back();  // the third does not wait
  open_gate();
  while (told.size() < 2) loop->run();
  EXPECT_EQ(told, (std::vector<std::string>{"10.0.0.9:80", "10.0.0.9:81"}));
  EXPECT_EQ(gate->look_ups - before, 1);
}

TEST_F(ThreadResolverTest, who_asks_for_a_name_that_is_being_looked_up_shares_its_answer) {
  ask("hang");
  wanted = 1;
  ask("1.2.3.4");
  loop->run();
  gate->wait_for([&] { return gate->waiting == 1; });
  asked.clear();  // the asker has given up, the look-up hangs on
  std::string told;
  asked.push_back(loop->resolver().resolve({"hang", 81}, [&](auto result) {
    told = result.value().front().to_text();
    loop->stop();
  }));
  open_gate();
  while (told.empty()) loop->run();
  EXPECT_EQ(told, "10.0.0.9:81");
  EXPECT_EQ(gate->look_ups, 1);
}

TEST(LookUpWithSystem, knows_localhost_and_says_why_a_name_fails) {
  const auto found = look_up_with_system({"localhost", 9876});
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found.value().front().port, 9876);
  for (const std::string& name : {std::string(), std::string("a\0b", 3), std::string("a..b")}) {
    const auto failed = look_up_with_system({name, 1});
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code, ErrorCode::CANNOT_RESOLVE);
  }
}

}  // namespace
}  // namespace rmq::transport
