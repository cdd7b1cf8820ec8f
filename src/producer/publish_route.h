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
#include "producer/fault_item.h"

namespace rmq::producer {

class LatencyTable;

class PublishRoute : public std::enable_shared_from_this<PublishRoute> {
 public:
  struct Broker {
    std::string name;
    cluster::EndpointPtr master;
    std::vector<std::int32_t> queue_ids;  // that may be written to
    std::shared_ptr<FaultItem> fault;     // null: nobody watches the broker

    bool is_available(base::Instant now) const { return !fault || fault->is_available(now); }
    bool is_reachable() const { return !fault || fault->is_reachable(); }
  };
  struct Choice {
    std::uint32_t broker = 0;  // index into brokers()
    std::int32_t queue_id = 0;
  };

  struct Config {
    std::int32_t default_queues_max = 4;  // that a topic gets which the first message creates
    const std::vector<std::string>* rooms = nullptr;  // the producer's machine rooms
    const PublishRoute* former = nullptr;             // what this route takes the place of
    LatencyTable* latencies = nullptr;                // watches the brokers; null: nobody
    std::uint32_t mapping_next = 0;  // for mapping(), when the queues are not those of `former`
  };
  static std::shared_ptr<const PublishRoute> make(const cluster::Route& route,
                                                  const Config& config);

  // False: nothing can be sent to the topic now.
  bool is_usable() const { return !queues_.empty(); }
  // The topic does not exist yet; a broker of this route creates it.
  bool is_default() const { return is_default_; }
  const std::vector<Broker>& brokers() const { return brokers_; }
  // That may be written to.
  bool has_several_brokers() const { return has_several_brokers_; }

  // All queues, in RocketMQ's order: by broker name and queue id, or as the topic's order
  // configuration names them. Those of that configuration count even while their broker has no
  // master, so that a key keeps its queue. See is_present().
  const std::vector<Choice>& numbered() const { return numbered_.empty() ? queues_ : numbered_; }
  bool is_present(Choice choice) const { return choice.broker < kAbsent; }
  std::string_view broker_name(Choice choice) const {
    return is_present(choice) ? std::string_view(brokers_[choice.broker].name)
                              : std::string_view(absent_[choice.broker - kAbsent]);
  }
  // Two routes have the same number when a key or an index means the same queue in both.
  std::uint32_t mapping() const { return mapping_; }
  Choice choose_by_hash(std::uint64_t hash) const { return numbered()[hash % numbered().size()]; }
  // By turns in the first of the producer's rooms that has queues. Empty: none has.
  std::optional<Choice> choose_in_room(std::uint32_t n) const {
    if (room_queues_.empty()) return std::nullopt;
    return room_queues_[n % room_queues_.size()];
  }
  bool is_in_room(std::string_view broker_name) const { return room_of(broker_name) == room_; }
  // Of a broker "room@name"; empty for others.
  static std::string_view room_of(std::string_view broker_name);

  // Round robin over all queues: the n-th choice.
  Choice choose(std::uint32_t n) const { return queues_[n % queues_.size()]; }
  // Round robin over the queues of brokers that are available; else of those that are reachable;
  // else over all.
  Choice choose_well(std::uint32_t n, base::Instant now) const;
  // On that broker: the queue that is named, or for -1 the n-th. Empty: the route does not have the
  // broker.
  std::optional<Choice> choose_on(std::string_view broker_name, std::int32_t queue_id,
                                  std::uint32_t n) const;
  // A queue that may be written to, of the n-th broker for which `is_good(Choice)` holds.
  template <typename IsGood>
  std::optional<Choice> choose_where(IsGood is_good, std::uint32_t n) const;
  // As choose_elsewhere(), in the producer's room. Empty: there is no queue in it.
  template <typename IsTried>
  std::optional<Choice> choose_in_room_elsewhere(std::string_view last, IsTried is_tried,
                                                 std::uint32_t n) const;
  // A queue of a broker that `is_tried` does not know. Available ones come first, then reachable
  // ones. Else of another one than `last`; else any.
  template <typename IsTried>
  Choice choose_elsewhere(std::string_view last, IsTried is_tried, std::uint32_t n,
                          base::Instant now) const;

  // Loop thread. The connection for a queue: one queue always has the same, which keeps its order.
  remoting::Connection& connection(Choice choice) const {
    return brokers_[choice.broker].master->connection(
        static_cast<std::uint32_t>(std::max(choice.queue_id, 0)));
  }

 private:
  static constexpr std::uint32_t kAbsent = 1U << 31;  // and above: an index into absent_

  PublishRoute() = default;
  std::uint32_t add_absent(std::string_view name);
  void add_queues(const cluster::Route& route, const Config& config);
  void choose_room(const std::vector<std::string>& rooms);
  bool has_queues_of(const PublishRoute& other) const;
  std::uint32_t add_broker(std::string_view name, cluster::Endpoint& master,
                           LatencyTable* latencies);
  template <typename IsGood>
  std::optional<Choice> choose_queue_where(IsGood is_good, std::uint32_t n) const;

  std::vector<Broker> brokers_;
  std::vector<Choice> queues_;
  std::vector<Choice> numbered_;     // when not all of them are in queues_
  std::vector<std::string> absent_;  // brokers of these without a master
  std::string room_;
  std::vector<Choice> room_queues_;
  std::uint32_t mapping_ = 0;
  bool is_default_ = false;
  bool is_static_ = false;  // a queue belongs to another broker than the one it is named after
  bool has_several_brokers_ = false;
};

// Each good broker is as likely as the next one, also beside many bad ones.
template <typename IsGood>
std::optional<PublishRoute::Choice> PublishRoute::choose_where(IsGood is_good,
                                                               std::uint32_t n) const {
  const auto visit = [&](auto&& take) {
    for (std::uint32_t index = 0; index < brokers_.size(); ++index) {
      const auto& queue_ids = brokers_[index].queue_ids;
      if (queue_ids.empty()) continue;
      const Choice choice{index, queue_ids[n / brokers_.size() % queue_ids.size()]};
      if (is_good(choice) && take(choice)) return;
    }
  };
  std::uint32_t count = 0;
  visit([&](Choice) { return ++count, false; });
  if (count == 0) return std::nullopt;
  std::optional<Choice> chosen;
  visit([&, left = n % count](Choice choice) mutable {
    chosen = choice;
    return left-- == 0;
  });
  return chosen;
}

template <typename IsTried>
PublishRoute::Choice PublishRoute::choose_elsewhere(std::string_view last, IsTried is_tried,
                                                    std::uint32_t n, base::Instant now) const {
  const auto name_of = [this](Choice choice) -> const std::string& {
    return brokers_[choice.broker].name;
  };
  const auto is_available = [&](Choice each) {
    return !is_tried(name_of(each)) && brokers_[each.broker].is_available(now);
  };
  if (auto available = choose_where(is_available, n)) return *available;
  const auto is_reachable = [&](Choice each) {
    return !is_tried(name_of(each)) && brokers_[each.broker].is_reachable();
  };
  if (auto reachable = choose_where(is_reachable, n)) return *reachable;
  if (auto untried = choose_where([&](Choice each) { return !is_tried(name_of(each)); }, n)) {
    return *untried;
  }
  if (auto other = choose_where([&](Choice each) { return name_of(each) != last; }, n)) {
    return *other;
  }
  return choose(n);
}

template <typename IsTried>
std::optional<PublishRoute::Choice> PublishRoute::choose_in_room_elsewhere(std::string_view last,
                                                                           IsTried is_tried,
                                                                           std::uint32_t n) const {
  const auto find = [&](auto is_good) {
    return choose_where(
        [&](Choice each) {
          return is_in_room(brokers_[each.broker].name) && is_good(brokers_[each.broker].name);
        },
        n);
  };
  if (auto untried = find([&](std::string_view name) { return !is_tried(name); })) return untried;
  if (auto other = find([&](std::string_view name) { return name != last; })) return other;
  return choose_in_room(n);
}

}  // namespace rmq::producer
