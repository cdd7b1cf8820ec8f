#include "producer/publish_route.h"

#include <algorithm>

#include "producer/latency_table.h"
#include "protocol/route_queues.h"

namespace rmq::producer {

std::shared_ptr<const PublishRoute> PublishRoute::make(const cluster::Route& route,
                                                       const Config& config) {
  std::shared_ptr<PublishRoute> made(new PublishRoute);
  made->is_default_ = route.is_default;
  made->is_static_ = !route.data.order_topic_conf && protocol::is_static_topic(route.data);
  // Keep brokers without writable queues: a send that names one should get that broker's own error.
  for (std::size_t i = 0; i < route.brokers.size(); ++i) {
    cluster::Endpoint* const master = route.brokers[i].find();
    if (master) made->add_broker(route.data.brokers[i].broker_name, *master, config.latencies);
  }
  made->add_queues(route, config);
  if (config.rooms) made->choose_room(*config.rooms);
  made->has_several_brokers_ =
      std::count_if(made->brokers_.begin(), made->brokers_.end(),
                    [](const Broker& broker) { return !broker.queue_ids.empty(); }) > 1;
  const bool is_as_before = config.former && made->has_queues_of(*config.former);
  made->mapping_ = is_as_before ? config.former->mapping() : config.mapping_next;
  return made;
}

void PublishRoute::add_queues(const cluster::Route& route, const Config& config) {
  std::vector<Choice> numbered;
  for (const protocol::MessageQueue& queue : protocol::publish_queues(route.data, route.topic)) {
    if (route.is_default && queue.queue_id >= config.default_queues_max) continue;
    cluster::Endpoint* const master = route.find_endpoint(queue);
    if (master == nullptr) {
      numbered.push_back({add_absent(queue.broker_name), queue.queue_id});
      continue;
    }
    const Choice choice{add_broker(queue.broker_name, *master, config.latencies), queue.queue_id};
    brokers_[choice.broker].queue_ids.push_back(queue.queue_id);
    queues_.push_back(choice);
    numbered.push_back(choice);
  }
  if (numbered.size() != queues_.size()) numbered_ = std::move(numbered);
}

std::uint32_t PublishRoute::add_absent(std::string_view name) {
  const auto known = std::find(absent_.begin(), absent_.end(), name);
  const auto index = static_cast<std::uint32_t>(known - absent_.begin());
  if (known == absent_.end()) absent_.emplace_back(name);
  return kAbsent + index;
}

std::string_view PublishRoute::room_of(std::string_view broker_name) {
  const std::size_t at = broker_name.find('@');
  const bool is_one = at != std::string_view::npos && broker_name.rfind('@') == at;
  return is_one ? broker_name.substr(0, at) : std::string_view();
}

void PublishRoute::choose_room(const std::vector<std::string>& rooms) {
  for (const std::string& room : rooms) {
    for (const Choice& queue : queues_) {
      if (room_of(broker_name(queue)) == room) room_queues_.push_back(queue);
    }
    room_ = room;
    if (!room_queues_.empty()) return;
  }
}

bool PublishRoute::has_queues_of(const PublishRoute& other) const {
  return std::equal(numbered().begin(), numbered().end(), other.numbered().begin(),
                    other.numbered().end(), [&](const Choice& own, const Choice& others) {
                      return own.queue_id == others.queue_id &&
                             broker_name(own) == other.broker_name(others);
                    });
}

std::uint32_t PublishRoute::add_broker(std::string_view name, cluster::Endpoint& master,
                                       LatencyTable* latencies) {
  const auto known = std::find_if(brokers_.begin(), brokers_.end(), [&](const Broker& broker) {
    return broker.master.get() == &master && broker.name == name;
  });
  if (known == brokers_.end()) {
    brokers_.push_back({std::string(name),
                        master.shared_from_this(),
                        {},
                        latencies ? latencies->item(name, master) : nullptr});
    return static_cast<std::uint32_t>(brokers_.size() - 1);
  }
  return static_cast<std::uint32_t>(known - brokers_.begin());
}

// Counts the good ones and takes the n-th, so that the queues behind bad ones get no more than
// others. Empty: there is none, or the last one went bad meanwhile.
template <typename IsGood>
std::optional<PublishRoute::Choice> PublishRoute::choose_queue_where(IsGood is_good,
                                                                     std::uint32_t n) const {
  std::size_t count = 0;
  for (const Broker& broker : brokers_) count += is_good(broker) ? broker.queue_ids.size() : 0;
  if (count == 0) return std::nullopt;
  std::size_t left = n % count;
  for (std::uint32_t index = 0; index < brokers_.size(); ++index) {
    const Broker& broker = brokers_[index];
    if (broker.queue_ids.empty() || !is_good(broker)) continue;
    if (left < broker.queue_ids.size()) return Choice{index, broker.queue_ids[left]};
    left -= broker.queue_ids.size();
  }
  return std::nullopt;
}

PublishRoute::Choice PublishRoute::choose_well(std::uint32_t n, base::Instant now) const {
  const auto is_available = [now](const Broker& broker) { return broker.is_available(now); };
  if (const auto available = choose_queue_where(is_available, n)) return *available;
  const auto is_reachable = [](const Broker& broker) { return broker.is_reachable(); };
  if (const auto reachable = choose_queue_where(is_reachable, n)) return *reachable;
  return choose(n);
}

std::optional<PublishRoute::Choice> PublishRoute::choose_on(std::string_view broker_name,
                                                            std::int32_t queue_id,
                                                            std::uint32_t n) const {
  if (is_static_ && queue_id >= 0) {
    const auto known = std::find_if(queues_.begin(), queues_.end(), [&](const Choice& queue) {
      return queue.queue_id == queue_id && brokers_[queue.broker].name == broker_name;
    });
    if (known != queues_.end()) return *known;
  }
  const auto broker = std::find_if(brokers_.begin(), brokers_.end(),
                                   [&](const Broker& each) { return each.name == broker_name; });
  if (broker == brokers_.end()) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(broker - brokers_.begin());
  if (queue_id >= 0 || broker->queue_ids.empty()) return Choice{index, queue_id};
  return Choice{index, broker->queue_ids[n % broker->queue_ids.size()]};
}

}  // namespace rmq::producer
