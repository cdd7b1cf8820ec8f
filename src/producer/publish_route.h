// Where messages to one topic may go, worked out once from the topic's route. So a sending thread
// chooses a queue with an index and nothing else. Never changed; any thread, except connection().
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/route.h"
#include "producer/destination.h"

namespace rmq::producer {

class PublishRoute : public std::enable_shared_from_this<PublishRoute> {
 public:
  struct Broker {
    std::string name;
    cluster::EndpointPtr master;
    std::vector<std::int32_t> queue_ids;  // that may be written to
  };
  struct Choice {
    std::uint32_t broker = 0;  // index into brokers()
    std::int32_t queue_id = 0;
  };

  // `default_queues_max`: how many queues a topic gets that the first message creates.
  static std::shared_ptr<const PublishRoute> make(const cluster::Route& route,
                                                  std::int32_t default_queues_max);

  // False: nothing can be sent to the topic now.
  bool is_usable() const { return !queues_.empty(); }
  // The topic does not exist yet; a broker of this route creates it.
  bool is_default() const { return is_default_; }
  const std::vector<Broker>& brokers() const { return brokers_; }
  // That may be written to.
  bool has_several_brokers() const { return has_several_brokers_; }

  // Round robin over all queues: the n-th choice.
  Choice choose(std::uint32_t n) const { return queues_[n % queues_.size()]; }
  // On that broker: the queue that is named, or for -1 the n-th. Empty: the route does not have the
  // broker.
  std::optional<Choice> choose_on(std::string_view broker_name, std::int32_t queue_id,
                                  std::uint32_t n) const;
  // A queue that may be written to, of the n-th broker for which `is_good(Choice)` holds.
  template <typename IsGood>
  std::optional<Choice> choose_where(IsGood is_good, std::uint32_t n) const;
  // A queue of a broker that `is_tried` does not know; else of another one than `last`; else any.
  template <typename IsTried>
  Choice choose_elsewhere(std::string_view last, IsTried is_tried, std::uint32_t n) const;

  // Loop thread. The connection for a queue: one queue always has the same, which keeps its order.
  remoting::Connection& connection(Choice choice) const {
    return brokers_[choice.broker].master->connection(
        static_cast<std::uint32_t>(std::max(choice.queue_id, 0)));
  }

 private:
  PublishRoute() = default;
  std::uint32_t add_broker(std::string_view name, cluster::Endpoint& master);

  std::vector<Broker> brokers_;
  std::vector<Choice> queues_;
  bool is_default_ = false;
  bool is_static_ = false;  // a queue belongs to another broker than the one it is named after
  bool has_several_brokers_ = false;
};

template <typename IsGood>
std::optional<PublishRoute::Choice> PublishRoute::choose_where(IsGood is_good,
                                                               std::uint32_t n) const {
  for (std::uint32_t i = 0; i < brokers_.size(); ++i) {
    const auto index = static_cast<std::uint32_t>((n + i) % brokers_.size());
    const auto& queue_ids = brokers_[index].queue_ids;
    if (queue_ids.empty()) continue;
    const Choice choice{index, queue_ids[n % queue_ids.size()]};
    if (is_good(choice)) return choice;
  }
  return std::nullopt;
}

template <typename IsTried>
PublishRoute::Choice PublishRoute::choose_elsewhere(std::string_view last, IsTried is_tried,
                                                    std::uint32_t n) const {
  const auto name_of = [this](Choice choice) -> const std::string& {
    return brokers_[choice.broker].name;
  };
  if (auto untried = choose_where([&](Choice each) { return !is_tried(name_of(each)); }, n)) {
    return *untried;
  }
  if (auto other = choose_where([&](Choice each) { return name_of(each) != last; }, n)) {
    return *other;
  }
  return choose(n);
}

}  // namespace rmq::producer
