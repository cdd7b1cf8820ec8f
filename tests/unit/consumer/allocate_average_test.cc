#include "consumer/allocate_average.h"

#include <gtest/gtest.h>

#include <numeric>

namespace rmq::consumer {
namespace {

std::vector<protocol::MessageQueue> make_queues(std::size_t count) {
  std::vector<protocol::MessageQueue> queues;
  for (std::size_t i = 0; i < count; ++i)
    queues.push_back({"orders", "broker-a", static_cast<std::int32_t>(i)});
  return queues;
}

// How many queues each member gets, in order; fails when a queue is nobody's or two members'.
std::vector<std::size_t> shares_of(std::size_t queue_count, std::size_t client_count) {
  const auto queues = make_queues(queue_count);
  std::vector<std::string> clients;
  for (std::size_t i = 0; i < client_count; ++i) clients.push_back("client-" + std::to_string(i));
  std::vector<std::size_t> shares;
  std::vector<protocol::MessageQueue> all;
  for (const std::string& client : clients) {
    const auto part = AllocateAverage::part_of({"group", client, queues, clients});
    shares.push_back(part.size());
    all.insert(all.end(), part.begin(), part.end());
  }
  EXPECT_EQ(all, queues) << queue_count << " queues, " << client_count << " clients";
  return shares;
}

TEST(AllocateAverage, gives_each_queue_to_one_member_in_stretches_that_differ_by_one_at_most) {
  struct Row {
    std::size_t queues;
    std::size_t clients;
    std::vector<std::size_t> shares;
  };
  const Row rows[] = {
      {0, 1, {0}},          {1, 1, {1}},          {8, 1, {8}},
      {8, 2, {4, 4}},       {8, 3, {3, 3, 2}},    {8, 5, {2, 2, 2, 1, 1}},
      {2, 3, {1, 1, 0}},    {3, 3, {1, 1, 1}},    {0, 3, {0, 0, 0}},
      {5, 4, {2, 1, 1, 1}}, {7, 4, {2, 2, 2, 1}},
  };
  for (const Row& row : rows) EXPECT_EQ(shares_of(row.queues, row.clients), row.shares);
}

TEST(AllocateAverage, gives_nothing_to_a_client_that_is_not_listed) {
  const auto queues = make_queues(4);
  const std::vector<std::string> clients = {"a", "b"};
  EXPECT_TRUE(AllocateAverage::part_of({"group", "c", queues, clients}).empty());
  EXPECT_TRUE(AllocateAverage::part_of({"group", "c", queues, {}}).empty());
}

}  // namespace
}  // namespace rmq::consumer
