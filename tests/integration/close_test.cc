// What closing, and a second member that joins, do to what is pending at a real broker: nothing is
// told twice, and no offset passes a message that nobody answered for.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "tests/integration/java_peer.h"
#include "tests/integration/routed_clients.h"
#include "tests/integration/servers.h"

namespace rmq::test {
namespace {

using Clock = std::chrono::steady_clock;
using Offsets = std::map<std::string, std::int64_t>;  // by queue

constexpr std::uint64_t kSends = 1000;
constexpr std::size_t kTaken = 100;
constexpr std::int64_t kCloseMs = 2000;
constexpr std::int64_t kGraceMs = 500;  // of a busy machine, beyond a time limit
constexpr const char* kPersistSoon = "200";

std::int64_t ms_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

class Close : public testing::Test {
 protected:
  void make_topic(const std::string& name, int queues) {
    topic = "close_" + name + "_" + std::to_string(::getpid());
    group = "group_of_" + topic;
    peer.run("topic " + topic + " " + std::to_string(queues));
  }
  std::unique_ptr<GroupMember> join(const std::string& instance) {
    return std::make_unique<GroupMember>(
        servers, topic, group, abi::Options{{"persist_consumer_offset_interval", kPersistSoon}},
        abi::Options{{"instance_name", instance + topic}});
  }
  // Deliveries of one message each.
  std::vector<abi::Event> take(GroupMember& member, std::size_t count) {
    std::vector<abi::Event> taken;
    while (taken.size() < count) {
      abi::Event delivery = member.next();
      if (!delivery) break;
      taken.push_back(std::move(delivery));
    }
    EXPECT_EQ(taken.size(), count);
    return taken;
  }
  void send(std::size_t count) {
    RoutedProducer producer(servers);
    for (std::size_t i = 0; i < count; ++i) producer.send(topic, std::to_string(i));
  }
  // Of the queues for which the broker has one.
  Offsets committed() {
    Offsets offsets;
    for (const PeerLine& line : peer.run("offset " + group + " " + topic)) {
      if (line.at(1) == topic) offsets[line.at(2)] = std::stoll(line.at(3));
    }
    return offsets;
  }
  static Offsets lowest(const std::vector<abi::Event>& deliveries) {
    Offsets offsets;
    for (const abi::Event& delivery : deliveries) {
      if (!delivery) continue;
      const Origin origin = origin_of(delivery);
      const auto at = offsets.emplace(origin.queue, origin.first_offset).first;
      at->second = std::min(at->second, origin.first_offset);
    }
    return offsets;
  }
  void expect_committed_up_to(const Offsets& limits) {
    for (const auto& [queue, offset] : committed()) {
      const auto limit = limits.find(queue);
      EXPECT_TRUE(limit == limits.end() || offset <= limit->second)
          << queue << " is committed up to " << offset << ", past an unanswered message";
    }
  }

  Servers servers = Servers::of_the_fixture();
  JavaPeer peer{servers};
  std::string topic;
  std::string group;
};

TEST_F(Close, ends_each_send_once_and_leaves_unanswered_messages_to_the_next_member) {
  make_topic("pending", 2);
  send(kTaken);
  auto member = join("first");
  const std::vector<abi::Event> unanswered = take(*member, kTaken);
  const abi::EventQueue sends = abi::make_queue(member->runtime.get());
  const abi::Producer producer = abi::make_producer(member->runtime.get(), sends.get());
  ASSERT_EQ(rmq_producer_start(producer.get(), nullptr), RMQ_OK);
  const std::string other = topic + "_sends";
  peer.run("topic " + other + " 2");
  const abi::Message message = make_message(other, "pending");
  for (std::uint64_t token = 0; token < kSends; ++token) {
    ASSERT_EQ(rmq_producer_send_async(producer.get(), message.get(), nullptr, 0, 0, token, nullptr,
                                      nullptr),
              RMQ_OK);
  }
  const auto start = Clock::now();
  std::string words;
  EXPECT_EQ(abi::code_of(
                [&](rmq_error_t** error) {
                  return rmq_runtime_close(member->runtime.get(), kCloseMs, error);
                },
                &words),
            RMQ_ERROR_CLOSE_TIMEOUT);
  const std::int64_t took = ms_since(start);
  EXPECT_LT(took, kCloseMs + kGraceMs);
  EXPECT_NE(words.find(std::to_string(kTaken)), std::string::npos) << words;

  std::map<std::uint64_t, int> events;
  std::size_t stored = 0;
  while (const abi::Event event = abi::poll(sends.get(), 0)) {
    ++events[view_of(event).token];
    stored += abi::code_of(event) == RMQ_OK ? 1 : 0;
  }
  EXPECT_EQ(events.size(), kSends);
  for (const auto& [token, count] : events) EXPECT_EQ(count, 1) << token;
  std::printf("closed in %lld ms with %llu sends (%zu stored) and %zu unanswered: %s\n",
              static_cast<long long>(took), static_cast<unsigned long long>(kSends), stored, kTaken,
              words.c_str());
  EXPECT_EQ(answer(unanswered.front()), RMQ_ERROR_STALE);
  expect_committed_up_to(lowest(unanswered));

  auto next = join("second");
  std::set<std::string> again;
  for (const abi::Event& delivery : take(*next, kTaken)) {
    for (const Received& received : messages_of(delivery)) {
      EXPECT_TRUE(again.insert(received.body).second) << "came twice: " << received.body;
      EXPECT_EQ(received.reconsume_times, 0);
    }
    EXPECT_EQ(answer(delivery), RMQ_OK);
  }
  EXPECT_EQ(again.size(), kTaken);
  EXPECT_EQ(next->close(), RMQ_OK);
  EXPECT_EQ(peer.wait_until_committed(group, topic), kTaken);
}

TEST_F(Close, keeps_every_answer_that_was_given_before) {
  make_topic("answered", 2);
  send(kTaken);
  auto member = join("first");
  for (const abi::Event& delivery : take(*member, kTaken)) EXPECT_EQ(answer(delivery), RMQ_OK);
  EXPECT_EQ(member->close(), RMQ_OK);
  std::size_t sum = 0;
  for (const auto& [queue, offset] : committed()) sum += static_cast<std::size_t>(offset);
  EXPECT_EQ(sum, kTaken);
}

TEST_F(Close, is_not_needed_for_another_member_to_get_what_was_answered_in_reverse_behind_a_gap) {
  make_topic("reverse", 2);
  send(kTaken);
  auto first = join("b");
  std::vector<abi::Event> taken = take(*first, kTaken);
  const Offsets begin = lowest(taken);
  // From the ends of all queues, so that the first message of each is the last to be answered.
  std::sort(taken.begin(), taken.end(), [](const abi::Event& left, const abi::Event& right) {
    return origin_of(left).first_offset > origin_of(right).first_offset;
  });
  std::size_t answered = 0;
  for (; answered < kTaken / 2; ++answered) EXPECT_EQ(answer(taken[answered]), RMQ_OK);
  expect_committed_up_to(begin);

  // The member whose id sorts first takes over the first half of the queues, from their gaps on.
  auto second = join("a");
  Offsets moved;
  std::size_t came = 0;
  for (abi::Event next = second->next(); next; next = second->next(1000)) {
    const Origin origin = origin_of(next);
    moved.emplace(origin.queue, origin.first_offset);
    EXPECT_EQ(answer(next), RMQ_OK);
    ++came;
  }
  ASSERT_EQ(moved.size(), begin.size() / 2);
  for (const auto& [queue, offset] : moved) EXPECT_EQ(offset, begin.at(queue)) << queue;

  Offsets kept = begin;
  for (const auto& [queue, offset] : moved) kept.erase(queue);
  std::size_t stale = 0;
  for (; answered < kTaken; ++answered) {
    const Origin origin = origin_of(taken[answered]);
    if (answered % 10 == 0) expect_committed_up_to(kept);
    const bool has_moved = moved.contains(origin.queue);
    EXPECT_EQ(answer(taken[answered]), has_moved ? RMQ_ERROR_STALE : RMQ_OK) << origin.queue;
    stale += has_moved ? 1 : 0;
    if (kept.contains(origin.queue) && origin.first_offset == kept[origin.queue]) {
      kept.erase(origin.queue);  // its gap is closed
    }
  }
  std::printf("%zu messages moved to the second member, %zu answers were stale\n", came, stale);
  EXPECT_GT(stale, 0U);
  EXPECT_EQ(first->close(), RMQ_OK);
  EXPECT_EQ(second->close(), RMQ_OK);
  EXPECT_EQ(peer.wait_until_committed(group, topic), kTaken);
}

}  // namespace
}  // namespace rmq::test
