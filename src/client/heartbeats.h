// Tells every known broker which groups live behind this client: when something changes, on a fresh
// connection, and every heartbeat_broker_interval, so that brokers do not forget (protocol.md 5.4,
// 8.7). All of it travels on the primary connection of each broker, which is what brokers key
// members by.
//
// Loop thread only; owned by ClientCore.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "cluster/call_set.h"
#include "cluster/connections.h"
#include "cluster/route_table.h"
#include "protocol/heartbeat.h"

namespace rmq::client {

class Heartbeats final : private remoting::DeadlineHandler, private transport::TurnEndHandler {
 public:
  struct Options {
    std::string client_id;
    base::Duration interval = std::chrono::seconds(30);
    base::Duration timeout = std::chrono::seconds(3);
    bool v2 = false;
  };
  // `compose` fills in the groups of all members; `on_registered` hears that a broker has taken a
  // heartbeat that said something new to it.
  using Compose = std::function<void(protocol::HeartbeatData*)>;

  Heartbeats(transport::Loop& loop, remoting::Deadlines& deadlines,
             cluster::Connections& connections, cluster::RouteTable& routes, Options options,
             Compose compose, std::function<void()> on_registered);
  ~Heartbeats();

  // Groups or subscriptions changed: all brokers hear of it at the end of this turn.
  void announce_change();
  // The known brokers may have changed: new ones hear of us.
  void greet_new_brokers();
  // A connection to this address was opened: whoever listens there knows nothing of us yet.
  void on_connected(std::string_view address);

  // Takes a group off every broker that may know it. `done` (may be empty) is called once, when all
  // have answered or failed, perhaps in here.
  void unregister(std::string_view producer_group, std::string_view consumer_group,
                  base::Instant deadline, std::function<void()> done);

  // A member still has it.
  bool has_producer_group(std::string_view group) const;

 private:
  struct Broker {
    std::uint64_t told = 0;        // the change that it was told, 0: none
    std::uint64_t answered = 0;    // the change that it has taken
    std::int32_t fingerprint = 0;  // that it holds; 0: it wants all
  };

  void on_deadline(remoting::Deadline& deadline) override;
  void on_turn_end() override;
  void send(bool to_all);
  void send_to(const std::string& address, Broker& broker,
               const protocol::HeartbeatData& heartbeat);
  void take_answer(const std::string& address, std::uint64_t change, std::int32_t fingerprint,
                   base::Result<cluster::CallAnswer> answer);

  transport::Loop& loop_;
  remoting::Deadlines& deadlines_;
  cluster::Connections& connections_;
  cluster::RouteTable& routes_;
  const Options options_;
  const Compose compose_;
  const std::function<void()> on_registered_;
  std::map<std::string, Broker, std::less<>> brokers_;  // by address
  std::uint64_t change_ = 1;                            // counts what was announced
  std::unique_ptr<transport::TurnEndTask> turn_end_;
  remoting::Deadline due_;
  cluster::CallSet calls_;
};

}  // namespace rmq::client
