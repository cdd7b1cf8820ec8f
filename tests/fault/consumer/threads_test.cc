// Answers from many threads, against a loop that loses queues and a queue that is abandoned. The
// order of the threads is the system's; each outcome is checked for what it promises. Meant for the
// thread sanitizer.
#include <atomic>
#include <thread>

#include "tests/fault/consumer/group_world.h"

namespace rmq::consumer {
namespace {

using namespace testing;

class ThreadsTest : public GroupWorld {
 protected:
  void SetUp() override {
    make_broker(8);
    (*broker)->script().on(RequestCode::CONSUMER_SEND_MSG_BACK).then(fault::recode(0));
  }
  void TearDown() override {
    end(first);
    end(second);
  }

  std::unique_ptr<SimulatedMember> first;
  std::unique_ptr<SimulatedMember> second;
};

TEST_F(ThreadsTest, one_answer_of_several_threads_counts) {
  store(2000);
  first = start_member("10.0.0.2", make_options());
  network.advance(3s);
  const std::vector<EventPointer> events = first->take();
  ASSERT_EQ(events.size(), 2000u);
  std::atomic<std::size_t> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (const EventPointer& event : events) {
        const ErrorCode code = event->answer({.kind = AnswerKind::success}).code();
        if (code == ErrorCode::OK) ++taken;
        if (code != ErrorCode::OK) {
          EXPECT_EQ(code, ErrorCode::ALREADY_ANSWERED);
        }
      }
    });
  }
  for (int i = 0; i < 100; ++i) network.advance(1ms);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 2000u);
  network.advance(6s);
  EXPECT_EQ(committed_in_all(), 2000);
}

TEST_F(ThreadsTest, polls_and_answers_while_queues_are_lost_and_gained) {
  store(4000);
  first = start_member("10.0.0.2", make_options());
  network.advance(2s);
  std::atomic<bool> is_over{false};
  std::atomic<std::size_t> accepted{0};
  std::vector<std::thread> users;
  for (int i = 0; i < 3; ++i) {
    users.emplace_back([&, i] {
      while (!is_over) {
        event::Event* events[16];
        std::size_t count = 0;
        first->queue->poll(events, base::Duration::zero(), &count);
        for (std::size_t j = 0; j < count; ++j) {
          if (j % 3 == static_cast<std::size_t>(i)) {
            if (events[j]->answer({.kind = AnswerKind::success}).ok()) ++accepted;
          }
          events[j]->destroy();
        }
        std::this_thread::yield();
      }
    });
  }
  for (int round = 0; round < 5; ++round) {
    second = start_member("10.0.0.3", make_options());
    for (int i = 0; i < 300; ++i) network.advance(10ms);
    end(second);
    for (int i = 0; i < 300; ++i) network.advance(10ms);
  }
  first->consumer->abandon();
  for (int i = 0; i < 100; ++i) network.advance(10ms);
  is_over = true;
  for (std::thread& user : users) user.join();
  // A user that answered just before may have been about to wake the loop.
  network.advance(10ms);
  EXPECT_GT(accepted, 0u);
  EXPECT_EQ(first->consumer->context().cached_messages(), 0u);
}

}  // namespace
}  // namespace rmq::consumer
