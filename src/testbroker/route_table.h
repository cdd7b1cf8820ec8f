// What a NameServer knows: which broker has which topic, and where the brokers are. Brokers of one
// simulated cluster share a table; a NameServer with an outdated view has one of its own. It holds
// what was put into it until that is removed: a dead broker stays, as it does in a real NameServer
// for two minutes. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "testbroker/topic_config.h"

namespace rmq::testbroker {

struct BrokerAddress {
  std::string cluster_name;
  std::string broker_name;
  std::int64_t broker_id = 0;  // 0 is the master
  std::string address;         // host:port as clients see it
};

class RouteTable {
 public:
  // `standard` quotes number keys. The other form is what clients before 4.9.4 are sent.
  enum class JsonForm : std::uint8_t { number_keys, standard };

  void put_broker(const BrokerAddress& broker);  // replaces name and id
  void remove_broker(std::string_view broker_name, std::int64_t broker_id);
  void put_topic(std::string_view broker_name, const TopicConfig& topic);
  void remove_topic(std::string_view broker_name, std::string_view topic);
  void set_order_conf(std::string_view topic, std::string_view conf);  // "broker:queues;…"

  // A static topic: the value of topicQueueMappingByBroker, as JSON.
  void set_queue_mappings(std::string_view topic, std::string_view json);

  // TopicRouteData as a body. Empty when no living broker has the topic. `acting_master` adds the
  // member that servers from 5.0 on write.
  std::optional<std::string> render(std::string_view topic, JsonForm form,
                                    bool acting_master) const;
  // ClusterInfo as a body, of which there is one form only.
  std::string render_cluster(bool acting_master) const;

 private:
  struct Broker {
    std::string cluster_name;
    std::map<std::int64_t, std::string> addresses;
  };
  static std::string render_broker(std::string_view name, const Broker& broker, JsonForm form,
                                   bool acting_master);

  template <typename T>
  using ByName = std::map<std::string, T, std::less<>>;

  ByName<Broker> brokers_;
  ByName<ByName<TopicConfig>> topics_;  // topic, broker name
  ByName<std::string> order_confs_;
  ByName<std::string> queue_mappings_;
};

}  // namespace rmq::testbroker
