// The routes of all topics in use: asked for at first use, again every poll_name_server_interval,
// and at once when somebody saw that one is wrong. What is known stays until something better
// comes: neither an unreachable NameServer nor one that has forgotten a topic takes a route away.
// After a broker has left routes, one topic that lost it is asked for every second for a while. The
// other topics are asked for after 1, 2, 4 seconds and so on, and at once when that one has it.
//
// Loop thread only; owned by client::ClientCore.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/endpoints.h"
#include "cluster/name_servers.h"
#include "cluster/route.h"
#include "remoting/deadlines.h"

namespace rmq::cluster {

class RouteWatcher {
 public:
  // A first route or a changed one. May watch, unwatch and refresh. If std::bad_alloc leaves it,
  // the route comes again.
  virtual void on_route(const RoutePtr& route) = 0;
  // A query failed: NO_NAMESERVER, NO_ROUTE (the topic does not exist), NAMESERVER_ANSWER, MEMORY,
  // or what the NameServer answered. It is asked again by itself. `known`: the route that stays;
  // may be null.
  virtual void on_route_failure(std::string_view topic, const RoutePtr& known,
                                const base::Error& error) = 0;
  // True: the route that is known will not do, and something waits for another one. It is asked for
  // every second then. Asked after each answer.
  virtual bool wants_other_route(std::string_view) const { return false; }

 protected:
  ~RouteWatcher() = default;
};

// A broker process that some route names.
struct KnownBroker {
  std::string broker_name;
  std::int64_t broker_id = 0;
  EndpointPtr endpoint;
};

class RouteTable {
 public:
  struct Options {
    base::Duration poll_interval = std::chrono::seconds(30);
    base::Duration ttl = std::chrono::seconds(30);
    base::Duration request_timeout = std::chrono::seconds(3);
  };
  // What a watcher does with a topic that does not exist: senders have it created. The others hear
  // NO_ROUTE, also while a default route serves the senders.
  enum class Missing { is_failure, takes_default };

  // `endpoints` are those of brokers. `on_brokers_changed` is called when known_brokers() may have
  // changed.
  RouteTable(transport::Loop& loop, remoting::Deadlines& deadlines, NameServers& name_servers,
             Endpoints& endpoints, const Options& options,
             std::function<void()> on_brokers_changed);
  ~RouteTable();

  // Keeps the topic's route fresh for the watcher, from now until unwatch(). Returns what is known,
  // or null, in which case the watcher is told what comes of asking. Throws std::bad_alloc, and has
  // done nothing then.
  RoutePtr watch(const std::string& topic, RouteWatcher& watcher, Missing missing);
  void unwatch(std::string_view topic, RouteWatcher& watcher) noexcept;
  RoutePtr find(std::string_view topic) const;

  // The route seems wrong, or a default one may have become real: asks again, at most once a
  // second.
  void refresh(std::string_view topic);
  // All of them: after the NameServers changed.
  void refresh_all();

  // Counts up when find() may have another answer for any topic.
  std::uint64_t generation() const { return generation_; }

  // Of all routes, each endpoint once, in the order of the names.
  const std::vector<KnownBroker>& known_brokers();

 private:
  struct Entry;
  class PollTimer;

  void schedule(Entry& entry, base::Instant due) noexcept;
  void ask(Entry& entry) noexcept;
  void ask_waiting() noexcept;
  void ask_default(const std::string& topic);
  using Answer = base::Result<protocol::TopicRoute>;
  void take_default_answer(const Answer& answer) noexcept;
  void take_answer_or_give_up(const std::string& topic, Answer answer) noexcept;
  void take_failure(const std::string& topic, bool is_default, base::Error error);
  void tell_missing(const std::string& topic, const base::Error& missing);
  void take_route(Entry& entry, protocol::TopicRoute data, bool is_default);
  void ask_again_if_wanted(Entry& entry);
  void note_missing(Entry& entry, const protocol::TopicRoute& later);
  void look_for_missing(Entry& entry);
  bool looks_for_all(const Entry& entry) const;
  void fail(Entry& entry, base::Error error);
  void give_up(Entry& entry) noexcept;
  void finish(Entry& entry) noexcept;
  void note_change() noexcept;
  void choose_scout() noexcept;
  void dismiss_scout() noexcept;
  Entry* find_entry(std::string_view topic);
  template <typename Tell>
  bool tell(const std::string& topic, Tell tell_one);
  base::Error describe(base::Error error, const std::string& topic) const;

  transport::Loop& loop_;
  remoting::Deadlines& deadlines_;
  NameServers& name_servers_;
  Endpoints& endpoints_;
  const Options options_;
  const std::function<void()> on_brokers_changed_;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
  std::deque<std::string> waiting_;  // topics to be asked for when there is room
  std::size_t asking_ = 0;
  std::string scout_;  // the topic that is asked for while no NameServer answers; empty: one does
  // Topics that do not exist and wait for the default route; not empty while that is asked for.
  std::vector<std::string> default_wanted_;
  std::unique_ptr<PollTimer> poll_timer_;
  bool brokers_are_fresh_ = false;
  std::vector<KnownBroker> brokers_;
  std::uint64_t listing_ = 0;  // the listing that made brokers_, or could not
  std::uint64_t generation_ = 1;
};

}  // namespace rmq::cluster
