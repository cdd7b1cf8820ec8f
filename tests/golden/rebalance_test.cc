// The queues that each member of a group gets, as Java's strategies divide them. Vectors of
// strategies that do not exist here yet are counted.
#include <algorithm>
#include <iostream>

#include "base/java_string_hash.h"
#include "consumer/allocate_average.h"
#include "tests/golden/golden_file.h"

namespace rmq::golden {
namespace {

using Queues = std::vector<protocol::MessageQueue>;

Queues read_queues(const Json& pairs, const std::string& topic) {
  Queues queues;
  for (const Json& pair : pairs)
    queues.push_back({topic, pair[0].get<std::string>(), pair[1].get<std::int32_t>()});
  return queues;
}

struct Group {
  Queues queues;
  std::vector<std::string> clients;
};

Queues pick(const Queues& queues, const Json& indexes) {
  Queues picked;
  for (const Json& index : indexes) picked.push_back(queues[index.get<std::size_t>()]);
  return picked;
}

void expect_part(consumer::AllocateStrategy& strategy, const Group& group,
                 const std::string& client, const Json& indexes) {
  const auto division = std::make_shared<const consumer::Division>(
      consumer::Division{"group", client, group.queues, group.clients});
  int answers = 0;
  strategy.allocate(division, 0, [&](base::Result<Queues> part) {
    ++answers;
    EXPECT_EQ(part.take_value(), pick(group.queues, indexes))
        << strategy.name() << " for " << client;
  });
  EXPECT_EQ(answers, 1);
}

void check_result(consumer::AllocateStrategy& strategy, const Group& group, const Json& vector,
                  const Json& result) {
  if (vector.contains("current_id")) {
    expect_part(strategy, group, vector["current_id"], result["allocation_for_current"]);
    return;
  }
  for (std::size_t i = 0; i < group.clients.size(); ++i)
    expect_part(strategy, group, group.clients[i], result["allocation"][i]);
}

void check_order(const Json& vector, const Group& group) {
  if (vector.contains("queues_unsorted")) {
    Queues queues = read_queues(vector["queues_unsorted"], vector["topic"]);
    std::sort(queues.begin(), queues.end());
    EXPECT_EQ(queues, group.queues);
  }
  if (vector.contains("client_ids_unsorted")) {
    auto clients = vector["client_ids_unsorted"].get<std::vector<std::string>>();
    std::sort(clients.begin(), clients.end(), base::less_in_java);
    EXPECT_EQ(clients, group.clients);
  }
}

TEST(Rebalance, divides_the_queues_as_java_does) {
  std::map<std::string, std::size_t> awaiting;
  for_each_case("rebalance.json", [&](const Json& vector) {
    const Group group = {read_queues(vector["queues_sorted"], vector["topic"]),
                         vector["client_ids_sorted"].get<std::vector<std::string>>()};
    check_order(vector, group);
    for (const Json& result : vector["results"]) {
      const auto strategy = result["strategy"].get<std::string>();
      if (strategy == "AVG") {
        consumer::AllocateAverage average;
        check_result(average, group, vector, result);
      } else {
        ++awaiting[strategy];
      }
    }
  });
  for (const auto& [strategy, count] : awaiting) {
    std::cout << "golden: rebalance.json: " << count << " cases await " << strategy << "\n";
  }
}

}  // namespace
}  // namespace rmq::golden
