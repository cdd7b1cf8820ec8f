// What only the libuv loop promises: being driven, being stopped, keeping to itself, closing.
#include "transport/uv_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <new>
#include <set>
#include <thread>

#include "base/large_memory.h"
#include "base/thread.h"
#include "tests/unit/transport/worlds.h"

namespace rmq::transport {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;

class DrivenUvLoop : public EveryLoop<DrivenUvWorld> {
 protected:
  UvLoop& loop() { return static_cast<UvLoop&>(world.client()); }
  bool readable(int wait_ms = 0) {
    pollfd watched{loop().backend_fd(), POLLIN, 0};
    return poll(&watched, 1, wait_ms) == 1;
  }
  static constexpr int kGuardMs = 30'000;
};

TEST_F(DrivenUvLoop, needs_no_step_when_nothing_is_to_be_done) {
  world.settle();
  EXPECT_FALSE(readable());
  EXPECT_EQ(loop().timeout_ms(), -1);
  connect();
  world.settle();
  EXPECT_FALSE(readable());
  EXPECT_EQ(loop().timeout_ms(), -1);
}

TEST_F(DrivenUvLoop, asks_for_a_first_step_that_makes_its_descriptor_hear_wake_ups) {
  UvLoopOptions options;
  options.driven = true;
  const auto fresh = UvLoop::make(std::move(options)).take_value();
  EXPECT_EQ(fresh->timeout_ms(), 0);
  fresh->step();
  EXPECT_EQ(fresh->timeout_ms(), -1);
}

TEST_F(DrivenUvLoop, timeout_is_exact_so_that_one_step_after_it_finds_the_timer_due) {
  CountingTimer counter;
  const auto timer = loop().make_timer(counter);
  for (int wanted_us = 100; wanted_us < 20'000; wanted_us += 1'700) {
    counter.fired = 0;
    timer->arm(loop().now() + std::chrono::microseconds(wanted_us));
    const int wait_ms = loop().timeout_ms();
    ASSERT_LE(wait_ms, wanted_us / 1000 + 1);
    loop().step();
    readable(loop().timeout_ms());
    loop().step();
    ASSERT_EQ(counter.fired, 1) << wanted_us;
    ASSERT_EQ(loop().timeout_ms(), -1);
  }
  timer->arm(loop().now() - std::chrono::hours(1));
  EXPECT_EQ(loop().timeout_ms(), 0);
  timer->arm(loop().now() + std::chrono::hours(24 * 365));
  EXPECT_EQ(loop().timeout_ms(), std::numeric_limits<int>::max());
}

TEST_F(DrivenUvLoop, asks_for_a_step_at_once_after_calls_from_outside_one) {
  world.settle();
  listen();
  EXPECT_EQ(loop().timeout_ms(), 0);
  world.settle();
  client = make_client();
  client->stream->connect(listener->address());
  EXPECT_EQ(loop().timeout_ms(), 0);
  CountingTurnEnd handler;
  const auto task = loop().make_turn_end_task(handler);
  world.settle();
  EXPECT_EQ(loop().timeout_ms(), -1);
  task->schedule();
  EXPECT_EQ(loop().timeout_ms(), 0);
  loop().step();
  EXPECT_EQ(handler.ran, 1);
}

TEST_F(DrivenUvLoop, wake_up_from_another_thread_makes_the_descriptor_readable) {
  CountingWakeUp counter;
  const auto wake_up = loop().make_wake_up(counter);
  world.settle();
  base::Thread thread;
  ASSERT_TRUE(thread.start("waker", [&] { wake_up->wake(); }).ok());
  ASSERT_TRUE(readable(kGuardMs));
  loop().step();
  EXPECT_EQ(counter.woken, 1);
  EXPECT_FALSE(readable());
}

TEST_F(DrivenUvLoop, hears_a_wake_up_that_came_before_the_first_step) {
  CountingWakeUp counter;
  const auto wake_up = loop().make_wake_up(counter);
  wake_up->wake();
  // libuv watches nothing before its first poll, so the host must be told not to sleep.
  EXPECT_TRUE(loop().timeout_ms() == 0 || readable(kGuardMs));
  loop().step();
  EXPECT_EQ(counter.woken, 1);
}

TEST_F(DrivenUvLoop, everything_is_watched_after_the_step_that_began_it) {
  listen();
  CountingTimer trigger;
  const auto timer = loop().make_timer(trigger);
  trigger.when_fired = [&] {
    client = make_client();
    client->stream->connect(listener->address());
  };
  timer->arm(loop().now());
  for (int steps = 0; !client || client->opened == 0 || server.accepted.empty(); ++steps) {
    ASSERT_LT(steps, 5);
    if (loop().timeout_ms() != 0) {
      ASSERT_TRUE(readable(kGuardMs));
    }
    loop().step();
  }
  // Bytes that come from outside between steps are noticed by the descriptor alone.
  ASSERT_NE(loop().timeout_ms(), 0);
  EXPECT_TRUE(peer().write("x"));
  ASSERT_TRUE(readable(kGuardMs));
  loop().step();
  EXPECT_EQ(client->received, "x");
}

TEST_F(DrivenUvLoop, broken_connection_raises_no_sigpipe_and_leaves_the_mask_alone) {
  struct sigaction action {};
  sigaction(SIGPIPE, nullptr, &action);
  ASSERT_EQ(action.sa_handler, SIG_DFL);
  connect();
  client->stream->pause_reading();
  peer().stream->close();
  CountingTimer writes;
  const auto timer = loop().make_timer(writes);
  writes.when_fired = [&] {
    if (client->closed > 0) return;
    (void)client->write("anybody?");
    timer->arm(loop().now());
  };
  timer->arm(loop().now());
  ASSERT_TRUE(world.run_until([&] { return client->closed == 1; }));
  EXPECT_EQ(client->end_code(), ErrorCode::RESET);
  sigset_t set;
  pthread_sigmask(SIG_SETMASK, nullptr, &set);
  EXPECT_EQ(sigismember(&set, SIGPIPE), 0);
}

TEST_F(DrivenUvLoop, sigpipe_of_the_host_that_was_pending_stays_pending) {
  sigset_t only, before, pending;
  sigemptyset(&only);
  sigaddset(&only, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &only, &before);
  raise(SIGPIPE);
  loop().step();
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 1);
  const timespec at_once{};
  sigtimedwait(&only, nullptr, &at_once);
  loop().step();
  pthread_sigmask(SIG_SETMASK, &before, &pending);
  EXPECT_EQ(sigismember(&pending, SIGPIPE), 1) << "the host's mask was changed";
}

TEST_F(DrivenUvLoop, makes_no_thread) {
  const auto count = [] {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  };
  const auto before = count();
  bool answered = false;
  const auto resolution =
      loop().resolver().resolve({"no..such..name", 1}, [&](auto) { answered = true; });
  ASSERT_TRUE(world.run_until([&] { return answered; }));
  EXPECT_EQ(count(), before);
}

std::set<int> open_descriptors() {
  std::set<int> open;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    if (fcntl(fd, F_GETFD) != -1) open.insert(fd);
  }
  return open;
}

TEST(UvLoop, descriptors_are_close_on_exec_and_all_given_back) {
  { DrivenUvWorld first; }  // with its first loop libuv makes one pipe for the whole process
  const std::set<int> before = open_descriptors();
  {
    DrivenUvWorld world;
    RecordingListener server;
    const auto listener = world.server().listen(world.any_port(), server).take_value();
    RecordingStream client(world.client().make_stream());
    client.stream->connect(listener->address());
    ASSERT_TRUE(world.run_until([&] { return client.opened && !server.accepted.empty(); }));
    int made = 0;
    for (const int fd : open_descriptors()) {
      if (before.count(fd)) continue;
      ++made;
      EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC) << fd;
    }
    EXPECT_GE(made, 4);
  }
  EXPECT_EQ(open_descriptors(), before);
}

int socket_option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

TEST_F(DrivenUvLoop, sockets_send_small_segments_at_once_and_keep_nothing_alive) {
  const std::set<int> before = open_descriptors();
  connect();
  int connections = 0;
  for (const int fd : open_descriptors()) {
    if (before.count(fd) || socket_option(fd, SOL_SOCKET, SO_ACCEPTCONN) != 0) continue;
    ++connections;
    EXPECT_EQ(socket_option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(socket_option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
  }
  EXPECT_EQ(connections, 2);
}

TEST_F(DrivenUvLoop, connects_over_ipv6) {
  SocketAddress address;
  SocketAddress::parse_literal("::1", 0, &address);
  auto made = loop().listen(address, server);
  if (!made.ok()) GTEST_SKIP() << made.error().message;
  listener = made.take_value();
  EXPECT_TRUE(listener->address().v6);
  connect();
  EXPECT_TRUE(client->stream->local_address().starts_with("[::1]:"));
}

TEST_F(DrivenUvLoop, peer_that_aborts_is_told_apart_from_one_that_closes) {
  connect();
  for (const int fd : open_descriptors()) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) continue;
    SocketAddress local;
    if (!from_sockaddr(reinterpret_cast<sockaddr*>(&name), &local)) continue;
    if (local.to_text() != peer().stream->local_address()) continue;
    const linger abort{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  }
  peer().stream->close();
  ASSERT_TRUE(world.run_until([&] { return client->closed == 1; }));
  EXPECT_EQ(client->end_code(), ErrorCode::RESET);
  EXPECT_NE(client->end->message.find("ECONNRESET"), std::string::npos) << client->end->message;
}

TEST(UvLoop, runs_on_a_thread_until_it_is_stopped_and_can_run_again) {
  const auto loop = UvLoop::make().take_value();
  CountingWakeUp counter;
  const auto wake_up = loop->make_wake_up(counter);
  std::atomic<bool> blocked{false};
  counter.when_woken = [&] {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked = sigismember(&mask, SIGTERM) && sigismember(&mask, SIGPIPE);
    loop->stop();
  };
  for (int round = 1; round <= 3; ++round) {
    base::Thread thread;
    ASSERT_TRUE(thread.start("loop", [&] { loop->run(); }).ok());
    wake_up->wake();
    thread.join();
    EXPECT_EQ(counter.woken, round);
    EXPECT_TRUE(blocked);
  }
  loop->stop();
  loop->run();  // returns at once
}

TEST(UvLoop, stops_when_another_thread_says_so) {
  const auto loop = UvLoop::make().take_value();
  base::Thread thread;
  ASSERT_TRUE(thread.start("loop", [&] { loop->run(); }).ok());
  loop->stop();
  thread.join();
}

TEST(UvLoop, wake_ups_of_four_threads_are_all_seen_and_coalesced) {
  const auto loop = UvLoop::make().take_value();
  std::atomic<int> posted{0};
  std::atomic<int> seen{0};
  CountingWakeUp counter;
  const auto wake_up = loop->make_wake_up(counter);
  constexpr int kEach = 20'000;
  counter.when_woken = [&] {
    seen = posted.load();
    if (seen == 4 * kEach) loop->stop();
  };
  base::Thread loop_thread;
  ASSERT_TRUE(loop_thread.start("loop", [&] { loop->run(); }).ok());
  base::Thread threads[4];
  for (auto& thread : threads) {
    ASSERT_TRUE(thread
                    .start("waker",
                           [&] {
                             for (int i = 0; i < kEach; ++i) {
                               ++posted;
                               wake_up->wake();
                             }
                           })
                    .ok());
  }
  for (auto& thread : threads) thread.join();
  loop_thread.join();
  EXPECT_EQ(seen, 4 * kEach);
  EXPECT_LE(counter.woken, 4 * kEach);
}

TEST(UvLoop, closes_with_everything_still_open) {
  for (const bool driven : {true, false}) {
    UvLoopOptions options;
    options.driven = driven;
    const auto loop = UvLoop::make(std::move(options)).take_value();
    CountingTimer timer_handler;
    CountingWakeUp wake_up_handler;
    CountingTurnEnd turn_end_handler;
    RecordingListener server;
    SocketAddress address;
    SocketAddress::parse_literal("127.0.0.1", 0, &address);
    const auto timer = loop->make_timer(timer_handler);
    const auto wake_up = loop->make_wake_up(wake_up_handler);
    const auto task = loop->make_turn_end_task(turn_end_handler);
    const auto listener = loop->listen(address, server).take_value();
    RecordingStream client(loop->make_stream());
    client.stream->connect(listener->address());
    timer->arm(loop->now());
    wake_up->wake();
    task->schedule();
    loop->close();
    loop->close();
    loop->step();
    loop->run();
    EXPECT_EQ(loop->timeout_ms(), -1);
    EXPECT_EQ(timer_handler.fired + wake_up_handler.woken + turn_end_handler.ran, 0);
    EXPECT_EQ(client.opened + client.closed, 0);
  }
}

// A host with other work to do gives a step no more than one job's time.
TEST(UvLoop, runs_one_job_in_a_driven_step_and_asks_for_the_next_step_at_once) {
  struct NotingJob final : Job {
    explicit NotingJob(int& wanted) : done_count(wanted) {}
    void run() noexcept override {}
    void done() noexcept override { ++done_count; }
    int& done_count;
  };
  UvLoopOptions options;
  options.driven = true;
  const auto loop = UvLoop::make(std::move(options)).take_value();
  int done = 0;
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(loop->executor().submit(std::make_unique<NotingJob>(done)).ok());
  for (int step = 1; step <= 3; ++step) {
    EXPECT_EQ(loop->timeout_ms(), 0);
    loop->step();
    EXPECT_EQ(done, step);
  }
  loop->step();
  EXPECT_EQ(loop->timeout_ms(), -1);
}

std::atomic<int> memory_ended{0};
std::thread::id memory_ended_on;

void end_noted(void*) {
  memory_ended_on = std::this_thread::get_id();
  ++memory_ended;
}

TEST(UvLoop, has_large_memory_end_on_another_thread) {
  const auto loop = UvLoop::make({}).take_value();
  struct Releasing final : WakeUpHandler {
    void on_wake_up() override {
      base::release_memory(this, base::kLargeMemoryBytes - 1, end_noted);
      small_ended_here = memory_ended == 1 && memory_ended_on == std::this_thread::get_id();
      base::release_memory(this, base::kLargeMemoryBytes, end_noted);
    }
    bool small_ended_here = false;
  } releasing;
  memory_ended = 0;
  const auto wake_up = loop->make_wake_up(releasing);
  wake_up->wake();
  std::thread thread([&loop] { loop->run(); });
  const std::thread::id loop_thread = thread.get_id();
  while (memory_ended < 2) std::this_thread::yield();
  loop->stop();
  thread.join();
  EXPECT_TRUE(releasing.small_ended_here);
  EXPECT_NE(memory_ended_on, loop_thread);
  EXPECT_NE(memory_ended_on, std::this_thread::get_id());
}

TEST(UvLoop, has_one_large_block_end_in_a_driven_step_and_all_that_are_left_when_it_closes) {
  const auto loop = UvLoop::make({.driven = true}).take_value();
  struct Releasing final : WakeUpHandler {
    void on_wake_up() override {
      for (int i = 0; i < 5; ++i) base::release_memory(this, base::kLargeMemoryBytes, end_noted);
      ended_at_once = memory_ended;
    }
    int ended_at_once = -1;
  } releasing;
  memory_ended = 0;
  auto wake_up = loop->make_wake_up(releasing);
  wake_up->wake();
  while (releasing.ended_at_once < 0) loop->step();
  EXPECT_EQ(releasing.ended_at_once, 0);
  const int before = memory_ended;
  loop->step();
  EXPECT_EQ(memory_ended, before + 1);
  base::release_memory(&releasing, base::kLargeMemoryBytes, end_noted);  // outside of a step
  EXPECT_EQ(memory_ended, before + 2);
  wake_up.reset();
  loop->close();
  EXPECT_EQ(memory_ended, 6);
}

TEST(UvLoop, closing_runs_the_jobs_that_were_taken) {
  struct NotingJob final : Job {
    explicit NotingJob(int& wanted) : done_count(wanted) {}
    void run() noexcept override { ran = true; }
    void done() noexcept override { done_count += ran ? 1 : 0; }
    bool ran = false;
    int& done_count;
  };
  for (const bool driven : {true, false}) {
    UvLoopOptions options;
    options.driven = driven;
    const auto loop = UvLoop::make(std::move(options)).take_value();
    int done = 0;
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(loop->executor().submit(std::make_unique<NotingJob>(done)).ok());
    }
    loop->close();
    EXPECT_EQ(done, 50);
    EXPECT_EQ(loop->executor().submit(std::make_unique<NotingJob>(done)).code(), ErrorCode::CLOSED);
  }
}

TEST_F(DrivenUvLoop, memory_that_runs_out_in_a_callback_ends_that_stream_only) {
  connect();
  const auto first = std::move(client);
  RecordingStream& victim = peer();
  victim.when_read = [] { throw std::bad_alloc(); };
  connect();
  EXPECT_TRUE(first->write("x"));
  ASSERT_TRUE(world.run_until([&] { return first->closed == 1; }));
  EXPECT_EQ(victim.end_code(), ErrorCode::MEMORY);
  EXPECT_TRUE(client->write("fine"));
  ASSERT_TRUE(world.run_until([&] { return peer().received == "fine"; }));
  EXPECT_EQ(loop().exceptions_stopped(), 0u);
}

TEST_F(DrivenUvLoop, exceptions_of_timers_and_turn_ends_do_not_hold_up_the_others) {
  CountingTimer bad_timer, good_timer;
  CountingTurnEnd bad_task, good_task;
  bad_timer.when_fired = [] { throw std::bad_alloc(); };
  bad_task.when_run = [] { throw std::bad_alloc(); };
  const auto a = loop().make_timer(bad_timer);
  const auto b = loop().make_timer(good_timer);
  const auto c = loop().make_turn_end_task(bad_task);
  const auto d = loop().make_turn_end_task(good_task);
  a->arm(loop().now());
  b->arm(loop().now());
  c->schedule();
  d->schedule();
  loop().step();
  EXPECT_EQ(good_timer.fired, 1);
  EXPECT_EQ(good_task.ran, 1);
  EXPECT_EQ(loop().exceptions_stopped(), 2u);
}

TEST(UvLoop, uses_the_resolver_of_the_host_when_there_is_one) {
  struct HostResolver final : Resolver {
    std::unique_ptr<Resolution> resolve(const HostPort& name, Done) override {
      asked = name.host;
      return nullptr;
    }
    std::string asked;
  };
  HostResolver host;
  UvLoopOptions options;
  options.driven = true;
  options.resolver = &host;
  const auto loop = UvLoop::make(std::move(options)).take_value();
  (void)loop->resolver().resolve({"broker-a", 1}, [](auto) {});
  EXPECT_EQ(host.asked, "broker-a");
}

}  // namespace
}  // namespace rmq::transport
