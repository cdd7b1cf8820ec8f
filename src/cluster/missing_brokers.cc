#include "cluster/missing_brokers.h"

#include <algorithm>

namespace rmq::cluster {
namespace {

constexpr base::Duration kHaste = std::chrono::seconds(30);
constexpr base::Duration kMissedFor = std::chrono::minutes(15);

}  // namespace

const MissingBrokers::Broker* MissingBrokers::find(std::string_view name) const noexcept {
  const auto found = std::find_if(brokers_.begin(), brokers_.end(),
                                  [&](const Broker& broker) { return broker.name == name; });
  return found == brokers_.end() ? nullptr : &*found;
}

MissingBrokers::Change MissingBrokers::follow(const protocol::TopicRoute& earlier,
                                              const protocol::TopicRoute& later,
                                              base::Instant now) {
  std::vector<Broker> missing;
  for (const Broker& broker : brokers_) {
    if (later.find_broker(broker.name) == nullptr) missing.push_back(broker);
  }
  Change change;
  change.is_one_back = missing.size() < brokers_.size();
  for (const protocol::BrokerData& broker : earlier.brokers) {
    if (later.find_broker(broker.broker_name) != nullptr || find(broker.broker_name) != nullptr)
      continue;
    missing.push_back({broker.broker_name, now});
    change.has_new = true;
  }
  brokers_ = std::move(missing);
  return change;
}

void MissingBrokers::forget_old(base::Instant now) noexcept {
  std::erase_if(brokers_, [now](const Broker& broker) { return now - broker.since > kMissedFor; });
}

bool MissingBrokers::is_in_haste(std::string_view name, base::Instant now) const noexcept {
  const Broker* broker = find(name);
  return broker != nullptr && now - broker->since < kHaste;
}

}  // namespace rmq::cluster
