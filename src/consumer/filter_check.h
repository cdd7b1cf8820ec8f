// Asks brokers whether they can filter by the SQL92 expressions of this consumer (protocol.md 5.4).
// Each master of a topic is asked once per expression. Java's start fails with the answer. Here the
// start does not wait for the network, and a refusal is told as a trouble.
//
// Loop thread only; owned by GroupMember.
#pragma once

#include <map>
#include <set>
#include <string>

#include "cluster/call_set.h"
#include "consumer/consumer_context.h"

namespace rmq::consumer {

class FilterCheck {
 public:
  explicit FilterCheck(ConsumerContext& context)
      : context_(context), calls_(context.core().decorator()) {}

  // The topic's subscription or its route may be new.
  void look_at(const std::string& topic);
  // What could not be asked before is asked now.
  void look_at_all();
  void forget(const std::string& topic) { asked_.erase(topic); }
  void stop() noexcept { calls_.forget_all(); }

 private:
  struct Asked {
    std::string expression;
    std::set<cluster::EndpointPtr, cluster::ByNumber> brokers;
  };

  void ask(const std::string& topic, const std::string& broker_name,
           const cluster::EndpointPtr& broker, const protocol::SubscriptionData& subscription);
  void take_failure(const std::string& topic, const std::string& broker_name,
                    const cluster::EndpointPtr& broker, base::Error error);

  ConsumerContext& context_;
  std::map<std::string, Asked, std::less<>> asked_;  // by topic
  cluster::CallSet calls_;
};

}  // namespace rmq::consumer
