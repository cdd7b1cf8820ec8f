#include "cluster/route_table.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "cluster/missing_brokers.h"
#include "protocol/response_code.h"
#include "protocol/send_message.h"

namespace rmq::cluster {
namespace {

using base::ErrorCode;

constexpr base::Duration kRefreshIntervalMin = std::chrono::seconds(1);
constexpr std::size_t kAskingMax = 64;

std::vector<NamedEndpoint> endpoints_of(const Route& route) {
  std::vector<NamedEndpoint> named;
  for (const RouteBroker& broker : route.brokers) {
    for (const RouteBroker::Process& process : broker.processes)
      named.emplace_back(process.endpoint);
  }
  return named;
}

}  // namespace

struct RouteTable::Entry final : remoting::DeadlineHandler {
  Entry(RouteTable& owner, std::string name) : table(owner), topic(std::move(name)), retry(*this) {}
  ~Entry() { table.deadlines_.clear(retry); }
  void on_deadline(remoting::Deadline&) override { table.ask(*this); }

  struct Watch {
    RouteWatcher* watcher;
    Missing missing;
  };

  RouteTable& table;
  const std::string topic;
  RoutePtr route;
  std::vector<NamedEndpoint> endpoints;  // of `route`: they are in use
  std::vector<Watch> watches;
  bool is_asking = false;   // a query is under way
  bool is_waiting = false;  // in waiting_
  base::Instant asked_at{};
  base::Instant answered_at{};
  bool is_told = true;  // of `route`, all watchers
  int failures = 0;     // in a row; a default route counts as one
  MissingBrokers missing_brokers;
  base::Duration missing_pause{};  // before the next look for them
  remoting::Deadline retry;
};

class RouteTable::PollTimer final : private remoting::DeadlineHandler {
 public:
  explicit PollTimer(RouteTable& table) : table_(table), due_(*this) {}
  ~PollTimer() { table_.deadlines_.clear(due_); }
  void start() {
    if (!due_.is_queued())
      table_.deadlines_.set(due_, table_.loop_.now() + table_.options_.poll_interval);
  }

 private:
  void on_deadline(remoting::Deadline&) override {
    if (table_.entries_.empty()) return;
    start();
    table_.refresh_all();
  }

  RouteTable& table_;
  remoting::Deadline due_;
};

RouteTable::RouteTable(transport::Loop& loop, remoting::Deadlines& deadlines,
                       NameServers& name_servers, Endpoints& endpoints, const Options& options,
                       std::function<void()> on_brokers_changed)
    : loop_(loop),
      deadlines_(deadlines),
      name_servers_(name_servers),
      endpoints_(endpoints),
      options_(options),
      on_brokers_changed_(std::move(on_brokers_changed)),
      poll_timer_(std::make_unique<PollTimer>(*this)) {}

RouteTable::~RouteTable() = default;

RouteTable::Entry* RouteTable::find_entry(std::string_view topic) {
  const auto found = entries_.find(topic);
  return found == entries_.end() ? nullptr : found->second.get();
}

RoutePtr RouteTable::find(std::string_view topic) const {
  const auto found = entries_.find(topic);
  return found == entries_.end() ? nullptr : found->second->route;
}

RoutePtr RouteTable::watch(const std::string& topic, RouteWatcher& watcher, Missing missing) {
  auto found = entries_.find(topic);
  if (found == entries_.end()) {
    // Has room for its first watcher before it is in the table: none is there without one.
    auto made = std::make_unique<Entry>(*this, topic);
    made->watches.reserve(1);
    found = entries_.emplace(topic, std::move(made)).first;
  }
  Entry& entry = *found->second;
  entry.watches.push_back({&watcher, missing});
  poll_timer_->start();
  if (!entry.route || loop_.now() - entry.answered_at >= options_.ttl) schedule(entry, loop_.now());
  return entry.route;
}

void RouteTable::unwatch(std::string_view topic, RouteWatcher& watcher) noexcept {
  Entry* entry = find_entry(topic);
  if (entry == nullptr) return;
  std::erase_if(entry->watches,
                [&](const Entry::Watch& watch) { return watch.watcher == &watcher; });
  if (!entry->watches.empty()) return;
  note_change();
  entries_.erase(entries_.find(topic));
  if (scout_ == topic) choose_scout();
}

void RouteTable::refresh(std::string_view topic) {
  if (Entry* entry = find_entry(topic)) {
    schedule(*entry, std::max(loop_.now(), entry->asked_at + kRefreshIntervalMin));
  }
}

void RouteTable::refresh_all() {
  for (auto& [topic, entry] : entries_) schedule(*entry, loop_.now());
}

void RouteTable::schedule(Entry& entry, base::Instant due) noexcept {
  if (entry.is_asking || entry.is_waiting) return;
  if (entry.retry.is_queued() && entry.retry.due() <= due) return;
  deadlines_.set(entry.retry, due);
}

void RouteTable::ask(Entry& entry) noexcept {
  if (entry.is_asking || entry.is_waiting) return;
  try {
    waiting_.push_back(entry.topic);
  } catch (const std::bad_alloc&) {
    give_up(entry);
    return;
  }
  entry.is_waiting = true;
  ask_waiting();
}

void RouteTable::ask_waiting() noexcept {
  while (asking_ < kAskingMax && !waiting_.empty()) {
    const std::string topic = std::move(waiting_.front());
    waiting_.pop_front();
    Entry* entry = find_entry(topic);
    if (entry == nullptr || !entry->is_waiting) continue;
    entry->is_waiting = false;
    entry->is_asking = true;
    entry->asked_at = loop_.now();
    ++asking_;
    try {
      name_servers_.ask(protocol::GetRouteRequest{.topic = topic},
                        loop_.now() + options_.request_timeout, [this, topic](Answer answer) {
                          assert(asking_ > 0);
                          --asking_;
                          take_answer_or_give_up(topic, std::move(answer));
                          ask_waiting();
                        });
    } catch (const std::bad_alloc&) {
      --asking_;
      give_up(*entry);
    }
  }
}

// As a part of the query for `topic`, which has no route of its own. One answer serves all topics
// that wait for it.
void RouteTable::ask_default(const std::string& topic) {
  default_wanted_.push_back(topic);
  if (default_wanted_.size() > 1) return;
  try {
    name_servers_.ask(protocol::GetRouteRequest{.topic = protocol::kAutoCreateTopic},
                      loop_.now() + options_.request_timeout,
                      [this](const Answer& answer) { take_default_answer(answer); });
  } catch (const std::bad_alloc&) {
    default_wanted_.pop_back();
    throw;
  }
}

void RouteTable::take_default_answer(const Answer& answer) noexcept {
  const std::vector<std::string> wanted = std::exchange(default_wanted_, {});
  for (const std::string& topic : wanted) {
    try {
      if (!answer.ok()) {
        take_failure(topic, true, answer.error());
      } else if (Entry* entry = find_entry(topic)) {
        take_route(*entry, answer.value(), true);
      }
    } catch (const std::bad_alloc&) {
      if (Entry* still = find_entry(topic)) give_up(*still);
    }
  }
}

void RouteTable::take_answer_or_give_up(const std::string& topic, Answer answer) noexcept {
  try {
    if (!answer.ok()) {
      take_failure(topic, false, answer.take_error());
      return;
    }
    dismiss_scout();
    if (Entry* entry = find_entry(topic)) take_route(*entry, answer.take_value(), false);
  } catch (const std::bad_alloc&) {
    if (Entry* still = find_entry(topic)) give_up(*still);
  }
}

void RouteTable::take_failure(const std::string& topic, bool is_default, base::Error error) {
  const bool is_answer = has_answered(error);
  if (is_answer) dismiss_scout();
  Entry* entry = find_entry(topic);
  if (entry == nullptr) return;
  if (!is_answer && scout_.empty() && !entry->route) scout_ = topic;
  throw_if_unread(error);
  if (error.response_code != static_cast<std::int32_t>(protocol::ResponseCode::TOPIC_NOT_EXIST)) {
    fail(*entry, std::move(error));
    return;
  }
  const bool wants_default = std::any_of(
      entry->watches.begin(), entry->watches.end(),
      [](const Entry::Watch& watch) { return watch.missing == Missing::takes_default; });
  base::Error missing =
      base::make_error(ErrorCode::NO_ROUTE, "the NameServer knows no topic " + topic,
                       "create the topic, or allow the brokers to (autoCreateTopicEnable)");
  missing.response_code = error.response_code;
  missing.remark = std::move(error.remark);
  if (!is_default && wants_default && (!entry->route || entry->route->is_default)) {
    ask_default(topic);
    tell_missing(topic, describe(std::move(missing), topic));
    return;
  }
  fail(*entry, std::move(missing));
}

// Those who can do nothing with the default route, while it is asked for on behalf of others.
void RouteTable::tell_missing(const std::string& topic, const base::Error& missing) {
  tell(topic, [&](const Entry::Watch& watch) {
    if (watch.missing == Missing::is_failure)
      watch.watcher->on_route_failure(topic, nullptr, missing);
  });
}

void RouteTable::take_route(Entry& entry, protocol::TopicRoute data, bool is_default) {
  const auto route = Route::make(endpoints_, entry.topic, std::move(data), is_default);
  entry.failures = is_default ? entry.failures + 1 : 0;
  entry.answered_at = loop_.now();
  finish(entry);
  if (entry.is_told && entry.route && entry.route->says_the_same(*route)) {
    ask_again_if_wanted(entry);
    look_for_missing(entry);
    return;
  }
  std::vector<NamedEndpoint> endpoints = endpoints_of(*route);
  if (entry.route && !entry.route->is_default && !is_default) note_missing(entry, route->data);
  const std::string topic = entry.topic;  // the entry may go
  entry.route = route;
  entry.endpoints.swap(endpoints);
  entry.is_told = false;
  note_change();
  const bool is_told = tell(topic, [&](const Entry::Watch& watch) {
    if (!is_default || watch.missing == Missing::takes_default) watch.watcher->on_route(route);
  });
  if (on_brokers_changed_) on_brokers_changed_();
  Entry* still = find_entry(topic);
  if (still == nullptr) return;
  if (is_told) {
    still->is_told = true;
    ask_again_if_wanted(*still);
    look_for_missing(*still);
  } else {
    schedule(*still, loop_.now() + kRefreshIntervalMin);
  }
}

void RouteTable::ask_again_if_wanted(Entry& entry) {
  const bool is_wanted = std::any_of(
      entry.watches.begin(), entry.watches.end(),
      [&](const Entry::Watch& watch) { return watch.watcher->wants_other_route(entry.topic); });
  if (is_wanted) schedule(entry, loop_.now() + kRefreshIntervalMin);
}

void RouteTable::note_missing(Entry& entry, const protocol::TopicRoute& later) {
  const MissingBrokers::Change change =
      entry.missing_brokers.follow(entry.route->data, later, loop_.now());
  if (change.has_new) entry.missing_pause = kRefreshIntervalMin;
  if (!change.is_one_back) return;
  for (auto& [topic, other] : entries_) {
    if (!other->missing_brokers.empty()) schedule(*other, loop_.now());
  }
}

// One topic looks for a broker in haste, for all that miss it. The pauses of the others double, so
// that many topics cost few queries.
void RouteTable::look_for_missing(Entry& entry) {
  entry.missing_brokers.forget_old(loop_.now());
  if (entry.missing_brokers.empty()) return;
  if (looks_for_all(entry)) {
    schedule(entry, loop_.now() + kRefreshIntervalMin);
  } else if (entry.missing_pause < options_.poll_interval) {
    schedule(entry, loop_.now() + entry.missing_pause);
    entry.missing_pause *= 2;
  }
}

// The first topic in the table that is in haste for some broker.
bool RouteTable::looks_for_all(const Entry& entry) const {
  const auto& missing = entry.missing_brokers.all();
  return std::any_of(missing.begin(), missing.end(), [&](const MissingBrokers::Broker& broker) {
    const auto first = std::find_if(entries_.begin(), entries_.end(), [&](const auto& place) {
      return place.second->missing_brokers.is_in_haste(broker.name, loop_.now());
    });
    return first != entries_.end() && first->second.get() == &entry;
  });
}

void RouteTable::fail(Entry& entry, base::Error error) {
  ++entry.failures;
  finish(entry);
  const base::Error described = describe(std::move(error), entry.topic);
  const RoutePtr known = entry.route;
  const std::string topic = entry.topic;
  tell(topic, [&](const Entry::Watch& watch) {
    watch.watcher->on_route_failure(topic, known, described);
  });
}

// Memory is exhausted: the topic is asked for again later.
void RouteTable::give_up(Entry& entry) noexcept {
  ++entry.failures;
  finish(entry);
}

// While no NameServer answers, one topic of those without a route is asked for every second, and
// the others wait for its answer. So their pauses may grow without holding up anybody.
void RouteTable::choose_scout() noexcept {
  scout_.clear();
  for (auto& [topic, entry] : entries_) {
    if (entry->failures == 0 || entry->route) continue;
    try {
      scout_ = topic;
    } catch (const std::bad_alloc&) {
      // The pauses stay as long as they are.
    }
    schedule(*entry, loop_.now() + kRefreshIntervalMin);
    return;
  }
}

void RouteTable::dismiss_scout() noexcept {
  if (scout_.empty()) return;
  scout_.clear();
  for (auto& [topic, entry] : entries_) {
    if (entry->failures > 0 && !entry->route) schedule(*entry, loop_.now());
  }
}

// A query is over; what is not as it should be is looked at again sooner than the rest.
void RouteTable::finish(Entry& entry) noexcept {
  entry.is_asking = false;
  if (entry.failures == 0) return;
  const bool is_scout = entry.topic == scout_;
  const base::Duration delay =
      kRefreshIntervalMin * (is_scout ? 1 : 1 << std::min(entry.failures - 1, 10));
  schedule(entry, loop_.now() + std::min(delay, options_.poll_interval));
}

// Watchers may come and go while they are told. False: one of them had no memory to take it.
template <typename Tell>
bool RouteTable::tell(const std::string& topic, Tell tell_one) {
  const Entry* entry = find_entry(topic);
  if (entry == nullptr) return true;
  bool is_told = true;
  const std::vector<Entry::Watch> watches = entry->watches;
  for (const Entry::Watch& watch : watches) {
    entry = find_entry(topic);
    if (entry == nullptr) return is_told;
    const bool is_still_there =
        std::any_of(entry->watches.begin(), entry->watches.end(),
                    [&](const Entry::Watch& other) { return other.watcher == watch.watcher; });
    if (!is_still_there) continue;
    try {
      tell_one(watch);
    } catch (const std::bad_alloc&) {
      is_told = false;
    }
  }
  return is_told;
}

base::Error RouteTable::describe(base::Error error, const std::string& topic) const {
  error.topic = topic;
  error.server_role = base::ServerRole::nameserver;
  return error;
}

void RouteTable::note_change() noexcept {
  ++generation_;
  brokers_are_fresh_ = false;
}

const std::vector<KnownBroker>& RouteTable::known_brokers() {
  if (brokers_are_fresh_) return brokers_;
  brokers_.clear();
  ++listing_;
  for (const auto& [topic, entry] : entries_) {
    if (!entry->route) continue;
    const Route& route = *entry->route;
    for (std::size_t i = 0; i < route.brokers.size(); ++i) {
      for (const auto& [id, endpoint] : route.brokers[i].processes) {
        if (endpoint->is_new_in(listing_))
          brokers_.push_back({route.data.brokers[i].broker_name, id, endpoint});
      }
    }
  }
  std::sort(brokers_.begin(), brokers_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.broker_name, a.broker_id) < std::tie(b.broker_name, b.broker_id);
  });
  brokers_are_fresh_ = true;
  return brokers_;
}

}  // namespace rmq::cluster
