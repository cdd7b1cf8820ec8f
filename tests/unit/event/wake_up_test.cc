// What the host may rely on when it takes a wake-up function away.
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "event/event_queue.h"
#include "tests/unit/event/plain_event.h"

namespace rmq::event {
namespace {

// A wake-up function as the host has it: `user_data` is this object.
struct Host {
  static void wake(void* self) { static_cast<Host*>(self)->on_wake(); }
  std::function<void()> on_wake = [this] { ++calls; };
  std::atomic<int> calls{0};
};

void wait_for(const std::atomic<bool>& flag) {
  while (!flag) std::this_thread::yield();
}

// Long enough for another thread to return from a call that does not wait; on a busy machine each
// turn may take its time slice.
void let_others_run() {
  for (int i = 0; i < 200; ++i) std::this_thread::yield();
}

class WakeUp : public testing::Test {
 protected:
  ~WakeUp() override { queue.abandon(); }
  int take_all() {
    int taken = 0;
    Event* event = nullptr;
    std::size_t count = 0;
    while (queue.poll({&event, 1}, {}, &count) == EventQueue::PollEnd::events) {
      event->destroy();
      ++taken;
    }
    return taken;
  }
  // Lets a thread be inside the function while another runs `take_away`, and tells whether the
  // second one returned before the first had left.
  bool returns_early(const std::function<void()>& take_away) {
    std::atomic<bool> is_inside{false};
    std::atomic<bool> is_taking{false};
    std::atomic<bool> has_returned{false};
    std::atomic<bool> was_early{false};
    host.on_wake = [&] {
      is_inside = true;
      wait_for(is_taking);
      let_others_run();
      was_early = has_returned.load();
    };
    queue.set_wake_up(&Host::wake, &host);
    std::thread pusher([&] { queue.push(new PlainEvent); });
    wait_for(is_inside);
    is_taking = true;
    take_away();
    has_returned = true;
    pusher.join();
    return was_early;
  }

  EventQueue queue{10};
  Host host;
};

TEST_F(WakeUp, is_not_running_any_more_when_it_was_taken_away) {
  EXPECT_FALSE(returns_early([this] { queue.set_wake_up(nullptr, nullptr); }));
}

TEST_F(WakeUp, is_not_running_any_more_when_another_was_set) {
  Host other;
  EXPECT_FALSE(returns_early([&] { queue.set_wake_up(&Host::wake, &other); }));
  EXPECT_EQ(other.calls, 1) << "an event waits";
  queue.set_wake_up(nullptr, nullptr);
}

TEST_F(WakeUp, is_not_running_any_more_when_the_queue_was_given_up) {
  EXPECT_FALSE(returns_early([this] { queue.abandon(); }));
}

TEST_F(WakeUp, may_be_taken_away_by_itself) {
  host.on_wake = [this] {
    ++host.calls;
    queue.set_wake_up(nullptr, nullptr);
  };
  queue.set_wake_up(&Host::wake, &host);
  queue.push(new PlainEvent);
  queue.push(new PlainEvent);
  EXPECT_EQ(host.calls, 1);
}

TEST_F(WakeUp, may_be_taken_away_by_itself_while_another_thread_waits_for_its_end) {
  EXPECT_FALSE(returns_early([this] { queue.set_wake_up(nullptr, nullptr); }));
  std::atomic<bool> is_inside{false};
  std::atomic<bool> is_taking{false};
  host.on_wake = [&] {
    is_inside = true;
    wait_for(is_taking);
    let_others_run();
    queue.set_wake_up(nullptr, nullptr);
  };
  take_all();
  queue.set_wake_up(&Host::wake, &host);
  std::thread pusher([this] { queue.push(new PlainEvent); });
  wait_for(is_inside);
  is_taking = true;
  queue.set_wake_up(nullptr, nullptr);
  pusher.join();
}

TEST_F(WakeUp, is_never_called_with_what_it_points_to_gone) {
  constexpr int kRounds = 300;
  std::atomic<bool> stop{false};
  std::vector<std::thread> pushers;
  for (int i = 0; i < 2; ++i) {
    pushers.emplace_back([&] {
      while (!stop) {
        queue.push(new PlainEvent);
        take_all();
      }
    });
  }
  for (int round = 0; round < kRounds; ++round) {
    auto mine = std::make_unique<Host>();
    queue.set_wake_up(&Host::wake, mine.get());
    while (mine->calls < 1) std::this_thread::yield();
    queue.set_wake_up(nullptr, nullptr);
    mine->on_wake = [] { ADD_FAILURE() << "called after it was taken away"; };
  }
  stop = true;
  for (auto& pusher : pushers) pusher.join();
}

TEST_F(WakeUp, is_called_at_the_end_and_by_an_interrupt) {
  queue.set_wake_up(&Host::wake, &host);
  queue.interrupt();
  EXPECT_EQ(host.calls, 1);
  queue.finish();
  EXPECT_EQ(host.calls, 2);
}

// The descriptor is readable exactly while a poll would return without waiting.
class Descriptor : public testing::Test {
 protected:
  bool is_readable() {
    pollfd watched{descriptor, POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
  }
  EventQueue::PollEnd poll(base::Duration wait = {}) {
    Event* event = nullptr;
    std::size_t count = 0;
    const EventQueue::PollEnd end = queue.poll({&event, 1}, wait, &count);
    if (event) event->destroy();
    return end;
  }

  EventQueue queue{10};
  const int descriptor = queue.descriptor();
};

TEST_F(Descriptor, is_readable_while_an_interrupt_waits_for_a_poll) {
  for (int round = 0; round < 3; ++round) {
    queue.interrupt();
    queue.interrupt();
    EXPECT_TRUE(is_readable());
    EXPECT_EQ(poll(), EventQueue::PollEnd::interrupted);
    EXPECT_FALSE(is_readable());
    EXPECT_EQ(poll(), EventQueue::PollEnd::timeout);
  }
}

TEST_F(Descriptor, stays_readable_while_an_interrupt_waits_behind_an_event) {
  queue.push(new PlainEvent);
  queue.interrupt();
  EXPECT_EQ(poll(), EventQueue::PollEnd::events);
  EXPECT_TRUE(is_readable());
  EXPECT_EQ(poll(), EventQueue::PollEnd::interrupted);
  EXPECT_FALSE(is_readable());
}

TEST_F(Descriptor, stays_readable_for_good_once_the_queue_is_finished) {
  queue.push(new PlainEvent);
  queue.finish();
  EXPECT_EQ(poll(), EventQueue::PollEnd::events);
  EXPECT_TRUE(is_readable());
  EXPECT_EQ(poll(EventQueue::kForever), EventQueue::PollEnd::finished);
  EXPECT_TRUE(is_readable());
}

TEST_F(Descriptor, made_late_tells_of_an_interrupt_and_of_the_end) {
  EventQueue other(10);
  other.interrupt();
  pollfd watched{other.descriptor(), POLLIN, 0};
  EXPECT_EQ(::poll(&watched, 1, 0), 1);
  EventQueue finished(10);
  finished.finish();
  watched.fd = finished.descriptor();
  EXPECT_EQ(::poll(&watched, 1, 0), 1);
}

// Whoever watches the descriptor and polls without waiting neither misses an interrupt nor is left
// with a descriptor that stays readable for nothing.
TEST_F(Descriptor, follows_interrupts_of_other_threads) {
  std::atomic<bool> stop{false};
  std::thread interrupter([&] {
    for (int i = 0; i < 20'000; ++i) queue.interrupt();
    stop = true;
  });
  while (!stop) {
    if (is_readable()) poll();
  }
  interrupter.join();
  while (poll() != EventQueue::PollEnd::timeout) {
  }
  EXPECT_FALSE(is_readable());
  queue.interrupt();
  EXPECT_TRUE(is_readable());
}

}  // namespace
}  // namespace rmq::event
