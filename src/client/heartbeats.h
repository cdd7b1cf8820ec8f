// Tells every known broker which groups live behind this client, so that brokers do not forget
// (protocol.md 5.4, 8.7). It does so when something changes, on a fresh connection, and every
// heartbeat_broker_interval. Heartbeats travel on the primary connection of each broker, because
// brokers key members by connection. While there are consumers, a broker that cannot be reached is
// called again and again. Its members have to come back to it soon and together.
//
// Loop thread only; owned by ClientCore.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/intrusive_list.h"
#include "client/heartbeat_text.h"
#include "cluster/call_set.h"
#include "cluster/route_table.h"
#include "protocol/heartbeat.h"

namespace rmq::client {

// Who may go on once a broker knows this client.
class RegistrationWaiter : public base::ListNode<RegistrationWaiter> {
 public:
  virtual void on_broker_ready() noexcept = 0;

 protected:
  ~RegistrationWaiter() = default;
};

class HeartbeatHandler {
 public:
  // Fills in the groups of all members.
  virtual void compose(protocol::HeartbeatData* heartbeat) = 0;
  // A broker has taken a heartbeat that said something new to it.
  virtual void on_registered() = 0;
  // A broker has answered the first heartbeat on its connection.
  virtual void on_broker_back(cluster::Endpoint& broker) = 0;
  // A broker answered that it does not take the heartbeat.
  virtual void on_refused(cluster::Endpoint& broker, const base::Error& error) = 0;
  // The connection to a broker ended, or a call to it failed, or no route names it although it
  // answers. Told at once and then ever more seldom while it goes on.
  virtual void on_broker_missed(cluster::Endpoint& broker) = 0;

 protected:
  ~HeartbeatHandler() = default;
};

class Heartbeats final : private remoting::DeadlineHandler, private transport::TurnEndHandler {
 public:
  struct Options {
    std::string client_id;
    base::Duration interval = std::chrono::seconds(30);
    base::Duration timeout = std::chrono::seconds(3);
    bool v2 = false;
  };

  Heartbeats(transport::Loop& loop, remoting::Deadlines& deadlines,
             const cluster::RequestDecorator& decorator, cluster::RouteTable& routes,
             Options options, HeartbeatHandler& handler);
  ~Heartbeats();

  // Groups or subscriptions changed: all brokers hear of it at the end of this turn.
  void announce_change();
  // The known brokers may have changed: new ones hear of us.
  void greet_new_brokers();
  // A primary connection was opened: whoever listens there knows nothing of us yet.
  void on_connected(const cluster::Endpoint& endpoint);
  // A primary connection ended, and with it all that the broker knew of us. `by_fault`: neither
  // side meant it to.
  void on_lost(cluster::Endpoint& endpoint, bool by_fault);
  // The broker said that it does not know us, or did not answer. It hears of us at once, and counts
  // as one that does not know us until it has answered.
  void renew(const cluster::Endpoint& endpoint);
  void renew_all() noexcept;

  // Since when the broker knows us without a break; nothing while it may not.
  std::optional<base::Instant> registered_since(const cluster::Endpoint& endpoint) const;
  bool knows(const cluster::Endpoint& endpoint) const { return brokers_.contains(endpoint); }
  // When the connection to it was lost; nothing when it knows us, or never did.
  std::optional<base::Instant> lost_at(const cluster::Endpoint& endpoint) const;
  // on_broker_ready() is called when the broker next answers the first heartbeat on a connection,
  // or is forgotten. The waiter may leave the list before.
  void wait(cluster::Endpoint& endpoint, RegistrationWaiter& waiter);

  // Takes a group off every broker that may know it. `done` (may be empty) is called once, when all
  // have answered or failed, perhaps in here.
  void unregister(std::string_view producer_group, std::string_view consumer_group,
                  base::Instant deadline, std::function<void()> done);

  // A member still has it.
  bool has_producer_group(std::string_view group) const;

  std::uint64_t texts_written() const { return text_.written(); }  // for tests

 private:
  using Waiters = base::IntrusiveList<RegistrationWaiter, RegistrationWaiter>;
  struct Broker {
    explicit Broker(const cluster::RequestDecorator& decorator) : calls(decorator) {}

    std::uint64_t told = 0;        // the change that the last heartbeat told; 0: none
    std::uint64_t answered = 0;    // the change that it has taken on this connection; 0: none
    std::int32_t fingerprint = 0;  // that it holds; 0: it wants all
    bool is_asked = false;         // a heartbeat is under way
    std::size_t misses = 0;        // in a row
    std::size_t refusals = 0;      // those of them over a good connection
    base::Instant retry_at{base::kNever};
    base::Instant registered_at{};
    base::Instant lost_at{base::kNever};
    base::Instant unnamed_since{base::kNever};  // by any route
    cluster::CallSet calls;
    Waiters waiters;
  };
  using Brokers = std::map<cluster::EndpointPtr, Broker, cluster::ByNumber>;

  void on_deadline(remoting::Deadline& deadline) override;
  void on_turn_end() override;
  void send(bool to_all);
  void follow_routes();
  void forget(Brokers::iterator place, Waiters* orphans);
  bool is_wanted(const Broker& broker, bool to_all) const;
  void send_to(const cluster::EndpointPtr& endpoint, Broker& broker);
  void take_answer(cluster::Endpoint& endpoint, std::uint64_t change, std::int32_t fingerprint,
                   const base::Result<protocol::HeartbeatResponse>& answer);
  void take_success(cluster::Endpoint& endpoint, Broker& broker, std::uint64_t change,
                    std::int32_t fingerprint, const protocol::HeartbeatResponse& response);
  void take_failure(cluster::Endpoint& endpoint, Broker& broker);
  void try_again_soon() noexcept;
  void ask_for_routes();
  static void reset(Broker& broker) noexcept;
  void plan_retry();
  static void wake(Waiters& waiters);
  Broker* find(const cluster::Endpoint& endpoint);
  const Broker* find(const cluster::Endpoint& endpoint) const;

  transport::Loop& loop_;
  remoting::Deadlines& deadlines_;
  const cluster::RequestDecorator& decorator_;
  cluster::RouteTable& routes_;
  const Options options_;
  HeartbeatHandler& handler_;
  Brokers brokers_;
  std::uint64_t change_ = 1;  // counts what was announced
  HeartbeatText text_;
  bool has_consumers_ = false;
  std::unique_ptr<transport::TurnEndTask> turn_end_;
  remoting::Deadline due_;
  remoting::Deadline retry_due_;
  remoting::Deadline again_due_;  // after exhausted memory
  cluster::CallSet farewells_;
};

}  // namespace rmq::client
