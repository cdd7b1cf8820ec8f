// What the handlers of one server work on, apart from its sockets: a restart without memory makes a
// new one. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "testbroker/client_table.h"
#include "testbroker/route_table.h"
#include "testbroker/server_options.h"
#include "testbroker/store.h"
#include "testbroker/topic_config.h"
#include "transport/loop.h"

namespace rmq::testbroker {

class ServerState {
 public:
  // `routes` learns of each topic. All three must outlive the state.
  ServerState(const ServerOptions& options, transport::Loop& loop, RouteTable& routes);
  ServerState(const ServerState&) = delete;
  ServerState& operator=(const ServerState&) = delete;

  const TopicConfig* find_topic(std::string_view topic) const;
  void put_topic(const TopicConfig& topic);
  void remove_topic(std::string_view topic);
  // By the rule of TBW102; null when it forbids the topic or the bound is reached.
  const TopicConfig* create_topic(std::string_view topic, std::string_view default_topic,
                                  std::int64_t queues);
  // One queue, as the first send-back makes it; null when the bound is reached.
  const TopicConfig* create_retry_topic(std::string_view topic);
  void forget_topics();  // takes all of them off the routes

  const ServerOptions& options;
  transport::Loop& loop;
  RouteTable& routes;
  Store store;
  ClientTable clients;
  transport::SocketAddress store_host;  // in message ids; set when the port is known

 private:
  std::map<std::string, TopicConfig, std::less<>> topics_;
};

}  // namespace rmq::testbroker
