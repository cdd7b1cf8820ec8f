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

void check_strategy(const consumer::AllocateStrategy& strategy, const Json& allocation,
                    const Queues& queues, const std::vector<std::string>& clients) {
  for (std::size_t i = 0; i < clients.size(); ++i) {
    Queues expected;
    for (const Json& index : allocation[i]) expected.push_back(queues[index.get<std::size_t>()]);
    EXPECT_EQ(strategy.allocate({"group", clients[i], queues, clients}).take_value(), expected)
        << strategy.name() << " for " << clients[i];
  }
}

TEST(Rebalance, divides_the_queues_as_java_does) {
  std::map<std::string, std::size_t> awaiting;
  for_each_case("rebalance.json", [&](const Json& vector) {
    const auto topic = vector["topic"].get<std::string>();
    const Queues queues = read_queues(vector["queues_sorted"], topic);
    Queues sorted = read_queues(vector["queues_unsorted"], topic);
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, queues);
    const auto clients = vector["client_ids_sorted"].get<std::vector<std::string>>();
    auto sorted_clients = vector["client_ids_unsorted"].get<std::vector<std::string>>();
    std::sort(sorted_clients.begin(), sorted_clients.end(), base::less_in_java);
    EXPECT_EQ(sorted_clients, clients);
    for (const Json& result : vector["results"]) {
      const auto strategy = result["strategy"].get<std::string>();
      if (strategy == "AVG") {
        check_strategy(consumer::AllocateAverage(), result["allocation"], queues, clients);
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
