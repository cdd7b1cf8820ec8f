// What the handlers of one server work on, apart from its sockets: a restart without memory makes a
// new one. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "testbroker/client_table.h"
#include "testbroker/delayed_messages.h"
#include "testbroker/group_table.h"
#include "testbroker/half_messages.h"
#include "testbroker/held_pulls.h"
#include "testbroker/offset_table.h"
#include "testbroker/peers.h"
#include "testbroker/queue_locks.h"
#include "testbroker/quirks.h"
#include "testbroker/replicator.h"
#include "testbroker/route_table.h"
#include "testbroker/server_options.h"
#include "testbroker/silent_clients.h"
#include "testbroker/store.h"
#include "testbroker/timer_messages.h"
#include "testbroker/topic_config.h"
#include "transport/loop.h"

namespace rmq::testbroker {

class ServerState {
 public:
  // `routes` learns of each topic. All five must outlive the state.
  ServerState(const ServerOptions& options, const Quirks& quirks, transport::Loop& loop,
              RouteTable& routes, Peers& peers);
  ServerState(const ServerState&) = delete;
  ServerState& operator=(const ServerState&) = delete;

  const TopicConfig* find_topic(std::string_view topic) const;
  bool may_put_topic(std::string_view topic) const;  // it is there, or the bound is not reached
  void put_topic(const TopicConfig& topic);
  // The same, refused beyond the bound.
  base::Status put_topic_bounded(const TopicConfig& topic);
  void remove_topic(std::string_view topic);
  // Another number of queues; messages beyond stay where they are. False when there is no topic.
  bool resize_topic(std::string_view topic, std::int32_t queues);
  // By the rule of TBW102; null when it forbids the topic or the bound is reached.
  const TopicConfig* create_topic(std::string_view topic, std::string_view default_topic,
                                  std::int64_t queues);
  // A group's topic for retries or dead letters, with one queue; null when the bound is reached.
  const TopicConfig* find_or_create_group_topic(std::string_view topic);
  // All topics off the routes and into them, as a master does when it loses and gets its role.
  void withdraw_topics();
  void publish_topics();

  bool is_master() const { return options.broker && options.broker_id == 0; }
  // What a slave does: takes over one message, all that another state has, or what it had when its
  // commit log ended there.
  void take_copy(const Message& message);
  void copy_from(const ServerState& master);
  void catch_up(const ServerState& master, std::int64_t commit_log_end);

  // False beyond the bound.
  bool commit_offset(std::string_view group, std::string_view topic, std::int32_t queue_id,
                     std::int64_t offset);
  // Keeps the message, for later if it has a delay level or a timer that was checked, and has those
  // woken who wait for it. The reference is valid until the next one.
  const Message& append(Message message);
  // The same without looking at its delay level, and without waking anybody.
  const Message& store_message(Message message);
  // The same for one whose time has come.
  const Message& append_now(Message message);
  void remove_connection(std::uint64_t connection);
  // Tells the members of the groups that changed. A connection may end by that.
  void notify_groups();
  // Tells groups that their members changed, and wakes long polls.
  void run_turn_end();
  // While the process is stopped or down nothing happens by itself.
  void set_asleep(bool asleep);
  bool is_asleep() const { return asleep_; }
  // The process's wall clock.
  std::int64_t wall_ms() const { return loop.wall_ms() + quirks.wall_offset_ms; }

  const ServerOptions& options;
  const Quirks& quirks;
  transport::Loop& loop;
  RouteTable& routes;
  Peers& peers;
  Replicator* replicator = nullptr;  // hears of the changes of a master
  Store store;
  ClientTable clients;
  GroupTable groups;
  OffsetTable offsets;
  QueueLocks locks;
  HeldPulls held_pulls;
  DelayedMessages delayed;
  TimerMessages timers;
  HalfMessages half_messages;
  SilentClients silent_clients;
  transport::SocketAddress store_host;  // in message ids; set when the port is known

 private:
  bool asleep_ = false;
  std::map<std::string, TopicConfig, std::less<>> topics_;
};

}  // namespace rmq::testbroker
