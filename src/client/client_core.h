// What all producers and consumers of one runtime share on the loop: deadlines, connections,
// routes, heartbeats, the way in (inbox) and the way out (events). Runs on any transport::Loop, so
// that fault tests and simulations drive it with a hand-turned clock.
//
// Owned by Runtime, or by a test. Loop thread only, except post() and the parts marked so.
#pragma once

#include <list>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/inbox.h"
#include "base/mutex.h"
#include "client/connection_news.h"
#include "client/core_options.h"
#include "client/event_outbox.h"
#include "client/heartbeats.h"
#include "client/logger.h"
#include "client/served_request.h"
#include "cluster/endpoints.h"
#include "cluster/name_servers.h"
#include "cluster/request_decorator.h"
#include "cluster/route_table.h"
#include "event/woken_callers.h"
#include "remoting/deadlines.h"
#include "transport/loop.h"

namespace rmq::client {

// A producer or consumer, as the core sees it.
class Member {
 public:
  using List = std::list<std::shared_ptr<Member>>;

  // A list of one that holds nothing, once: made with the member, so that joining the core needs no
  // memory.
  List take_place() noexcept { return std::move(place_); }

  // Accepts nothing new; calls ClientCore::on_member_closed once nothing is pending and nothing
  // that it accepted is in the inbox, soon after `deadline` at the latest. Called again with an
  // earlier deadline.
  virtual void begin_close(base::Instant deadline) noexcept = 0;

  // Its group, unless it has left that.
  virtual void add_to_heartbeat(protocol::HeartbeatData*) const {}
  // A broker has taken a heartbeat that was news to it: a first one, or one with a change.
  virtual void on_registered() {}
  // As of HeartbeatHandler: a broker can be worked with from now on, or cannot.
  virtual void on_broker_back(cluster::Endpoint& /*broker*/) {}
  virtual void on_broker_missed(cluster::Endpoint& /*broker*/) {}
  // A broker does not take the heartbeat that names this member; told for each one.
  virtual void on_heartbeat_refused(cluster::Endpoint& /*broker*/, const base::Error& /*error*/) {}
  // A broker says that the members of this consumer group have changed.
  virtual void on_consumer_ids_changed(std::string_view /*group*/) {}
  // What brokers may ask of it. A line's `serve` may close the member.
  virtual ServedRequests served_requests() const { return {}; }

 protected:
  ~Member() = default;

 private:
  List place_ = List(1);
};

class ClientCore final : private transport::WakeUpHandler,
                         private transport::TurnEndHandler,
                         private cluster::EndpointHandler,
                         private remoting::DeadlineHandler,
                         private HeartbeatHandler {
 public:
  ClientCore(transport::Loop& loop, remoting::StreamFactory& streams, CoreOptions options,
             Logger& logger);
  ~ClientCore();

  transport::Loop& loop() { return loop_; }
  remoting::Deadlines& deadlines() { return deadlines_; }
  cluster::Endpoints& endpoints() { return endpoints_; }  // of brokers
  cluster::NameServers& name_servers() { return name_servers_; }
  cluster::RouteTable& routes() { return routes_; }
  Heartbeats& heartbeats() { return heartbeats_; }
  const CoreOptions& options() const { return options_; }
  // Any thread.
  const cluster::RequestDecorator& decorator() const { return decorator_; }
  Logger& logger() { return logger_; }

  // Before the loop runs: where the runtime's own background errors go.
  void set_error_door(ErrorDoor door) { connection_news_.set_door(std::move(door)); }

  // Any thread. False: the core is closed, and the item stays with the caller.
  [[nodiscard]] bool post(base::InboxItem& item) noexcept;
  // Loop thread, in a callback of the loop: posts and runs what was posted so far. False: as above.
  [[nodiscard]] bool post_and_run(base::InboxItem& item) noexcept;
  // Loop thread. Something comes from the network soon, or the end is near: the loop has to go on.
  bool is_busy() const {
    return endpoints_.pending() + name_server_endpoints_.pending() > 0 || closing_;
  }

  // Hands an event to the user at the end of this turn.
  void deliver(const std::shared_ptr<event::EventQueue>& queue, event::Event* event) noexcept;

  // One consumer group has one member per client id, because brokers key members by that. False:
  // the group is taken. Any thread.
  [[nodiscard]] bool claim_consumer_group(const std::string& group);
  void release_consumer_group(const std::string& group) noexcept;

  // Members are shared with the user's handle and kept here until they are closed. Once each.
  void add_member(const std::shared_ptr<Member>& member) noexcept;
  // `cut_short`: how many of the member's operations were aborted by the runtime's time limit.
  void on_member_closed(Member& member, std::size_t cut_short) noexcept;

  // Closes the members, then the connections, then the inbox; `done` is called once, last of all,
  // at the end of a turn. What is pending at `deadline` is cut short. Called again, only an earlier
  // deadline counts.
  void begin_close(base::Instant deadline, std::function<void()> done) noexcept;
  bool is_closing() const { return closing_; }
  std::size_t cut_short() const { return cut_short_; }

  // Whoever runs the loop wakes them after each turn.
  event::WokenCallers& woken_callers() { return woken_callers_; }

  // Hands over what deliver() collected, without waiting for the end of the turn.
  void flush_events() noexcept { outbox_.flush(); }

 private:
  void on_wake_up() override;
  void on_turn_end() override;
  void on_state_changed(cluster::Endpoint& endpoint, remoting::Connection& connection,
                        remoting::ConnectionState from, remoting::ConnectionState to,
                        const base::Error* cause) override;
  void on_server_request(const wire::CommandView& request, const base::SlabRef& slab,
                         remoting::Connection& connection) override;
  struct OwnRequest;
  void notify_members_changed(const wire::CommandView& command, ServerRequest& request);
  void on_silence(remoting::Connection& connection, base::Instant due) override;
  void on_deadline(remoting::Deadline& deadline) override;
  void cut_connections();
  void compose(protocol::HeartbeatData* heartbeat) override;
  void on_registered() override;
  void on_broker_back(cluster::Endpoint& broker) override;
  void on_broker_missed(cluster::Endpoint& broker) override;
  void on_refused(cluster::Endpoint& broker, const base::Error& error) override;
  void tell_heartbeats(cluster::Endpoint& endpoint, const remoting::Connection& connection,
                       remoting::ConnectionState from, remoting::ConnectionState to, bool by_fault);
  void finish_close();
  void give_back_soon() noexcept;
  void give_back_connections() noexcept;
  static remoting::ConnectionOptions for_servers(remoting::ConnectionOptions options,
                                                 base::ServerRole role);
  template <typename Tell>
  void tell_members(Tell tell);

  transport::Loop& loop_;
  Logger& logger_;
  const CoreOptions options_;
  const cluster::RequestDecorator decorator_{};
  remoting::Deadlines deadlines_;
  cluster::Endpoints name_server_endpoints_;
  cluster::Endpoints endpoints_;  // of brokers
  cluster::NameServers name_servers_;
  cluster::RouteTable routes_;
  Heartbeats heartbeats_;
  cluster::CallSet signs_of_life_;
  EventOutbox outbox_;
  event::WokenCallers woken_callers_;
  ConnectionNews connection_news_;
  std::unique_ptr<transport::TurnEndTask> turn_end_;
  Member::List members_;
  bool closing_ = false;
  std::size_t cut_short_ = 0;
  std::function<void()> close_done_;
  remoting::Deadline close_due_;
  bool is_cut_due_ = false;  // the time limit has come
  bool has_last_words_written_ =
      false;  // connections had a round since there was nothing to wait for
  remoting::Deadline give_back_due_;

  base::Mutex groups_mutex_;
  std::set<std::string> consumer_groups_ RMQ_GUARDED_BY(groups_mutex_);

  base::Inbox inbox_;       // any thread
  base::Mutex wake_mutex_;  // a poster may be about to wake a loop that closes
  std::unique_ptr<transport::WakeUp> wake_up_ RMQ_GUARDED_BY(wake_mutex_);
};

}  // namespace rmq::client
