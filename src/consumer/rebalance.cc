#include "consumer/rebalance.h"

#include <algorithm>
#include <cassert>

#include "base/java_string_hash.h"
#include "protocol/consumer_list.h"
#include "protocol/response_code.h"
#include "protocol/route_queues.h"

namespace rmq::consumer {
namespace {

constexpr base::Duration kInterval = std::chrono::seconds(20);
constexpr base::Duration kIntervalMin = std::chrono::seconds(1);
constexpr base::Duration kRetryInterval = std::chrono::seconds(3);
// In this time after it has learned of this client, a broker has learned of the other members too.
// A list that lacks a member for longer is believed.
constexpr base::Duration kGatherTime = std::chrono::seconds(5);
// Brokers of a topic that are asked in one round while their lists are odd.
constexpr std::size_t kAskedMax = 8;

// Both are sorted.
bool has_all(const std::vector<std::string>& ids, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& id) {
    return std::binary_search(ids.begin(), ids.end(), id, base::less_in_java);
  });
}

}  // namespace

Rebalance::~Rebalance() { context_.core().deadlines().clear(due_); }

void Rebalance::request(Cause cause) {
  if (cause == Cause::registered) is_registered_ = true;
  if (is_registered_ || cause == Cause::members_changed) run_soon();
}

void Rebalance::run_soon() {
  if (asked_ > 0) {
    is_wanted_again_ = true;
  } else if (last_run_ == base::Instant::min()) {
    set_due(context_.now());
  } else {
    set_due(std::max(context_.now(), last_run_ + kIntervalMin));
  }
}

void Rebalance::set_due(base::Instant due) noexcept {
  if (due_.is_queued() && due_.due() <= due) return;
  context_.core().deadlines().set(due_, due);
}

void Rebalance::on_deadline(remoting::Deadline&) {
  try {
    run();
  } catch (const std::bad_alloc&) {
    begin_again_soon();
  }
}

// Memory is exhausted. No broker is to blame, so the next round asks the same ones.
void Rebalance::begin_again_soon() noexcept {
  calls_.forget_all();
  asked_ = 0;
  set_due(last_run_ + kIntervalMin);
}

void Rebalance::run() {
  calls_.forget_all();  // a round that has not come to its end by now never will
  end_round();
  last_run_ = context_.now();
  set_due(last_run_ + kInterval);
  has_failed_ = false;
  absent_brokers_.keep_only(
      [this](const std::string& topic) { return context_.find_subscription(topic) != nullptr; });
  // One question per broker serves all topics that it was chosen for.
  Questions questions;
  for (const auto& [topic, subscription] : context_.subscriptions) {
    const cluster::RoutePtr route = context_.core().routes().find(topic);
    if (!route || route->is_default) continue;
    cluster::Endpoint* const broker = choose_broker(*route);
    if (broker) questions[broker->shared_from_this()].push_back({topic, route});
  }
  asked_ = 0;
  ask_all(std::move(questions));
}

void Rebalance::ask_all(Questions questions) {
  asked_ += questions.size();
  for (auto& [broker, topics] : questions) ask(broker, std::move(topics));
}

// Every broker of a topic knows the whole group, for members register with all of them. While a
// broker has not noticed that an older connection is dead, its list names that member twice.
// Members that divide by different lists hold queues together. So all members ask the same broker:
// the one whose name comes first under a hash with the group's. A broker that has learned of this
// client a moment ago comes behind all others. After a failure the next one is asked.
cluster::Endpoint* Rebalance::choose_broker(const cluster::Route& route) {
  choices_.clear();
  for (std::size_t i = 0; i < route.brokers.size(); ++i) {
    cluster::Endpoint* const endpoint = route.brokers[i].find(protocol::kMasterId, true);
    if (endpoint == nullptr) continue;
    const std::string& name = route.data.brokers[i].broker_name;
    const auto since = context_.core().heartbeats().registered_since(*endpoint);
    const bool is_settled = since && *since + kGatherTime <= context_.now();
    choices_.push_back({is_settled ? base::Instant::min() : since.value_or(base::kNever),
                        base::java_string_hash(context_.options.group + name), endpoint->name(),
                        endpoint});
  }
  if (choices_.empty()) return nullptr;
  const auto choice = choices_.begin() + static_cast<std::ptrdiff_t>(failures_ % choices_.size());
  std::nth_element(choices_.begin(), choice, choices_.end());
  return choice->endpoint;
}

void Rebalance::ask(const cluster::EndpointPtr& broker, std::vector<Topic> topics) {
  protocol::GetConsumerListRequest request;
  request.consumer_group = context_.options.group;
  calls_.ask({broker->connection()}, request, {}, context_.now() + context_.options.request_timeout,
             [this, broker, topics = std::move(topics)](Answer answer) mutable {
               try {
                 take_answer(*broker, topics, std::move(answer));
               } catch (const std::bad_alloc&) {
                 begin_again_soon();
               }
             });
}

void Rebalance::take_answer(cluster::Endpoint& broker, std::vector<Topic>& topics, Answer answer) {
  const auto ids = read_list(broker, topics.front().name, std::move(answer));
  const bool looks_odd = ids && is_odd(broker, *ids);
  Questions questions;
  for (Topic& topic : topics) {
    topic.asked.push_back(&broker);
    if (looks_odd) take_odd(broker, *ids, topic);
    if (ids && !looks_odd) {
      divide(topic, *ids);
    } else if (!topic.odd_list.empty()) {
      cluster::Endpoint* const next = choose_next(topic);
      if (next == nullptr) {
        divide(topic, topic.odd_list);
      } else {
        questions[next->shared_from_this()].push_back(std::move(topic));
      }
    }
  }
  ask_all(std::move(questions));
  finish_one();
}

std::optional<std::vector<std::string>> Rebalance::read_list(cluster::Endpoint& broker,
                                                             const std::string& topic,
                                                             Answer members) {
  if (!members.ok()) {
    cluster::throw_if_unread(members.error());
    // A broker that knows no member of the group answers so. It may have yet to hear of this one.
    const bool knows_nobody =
        members.error().response_code == static_cast<int>(protocol::ResponseCode::SYSTEM_ERROR);
    if (knows_nobody && is_first_time_forgotten(broker)) return std::nullopt;
    has_failed_ = true;
    // What is held stays.
    context_.troubles().note("rebalance", {topic, "", -1}, &members.error());
    return std::nullopt;
  }
  std::vector<std::string>& ids = members.value();
  // A member that is listed twice stays so: all members divide by the same list.
  std::sort(ids.begin(), ids.end(), base::less_in_java);
  const bool is_member = std::find(ids.begin(), ids.end(), context_.host.client_id()) != ids.end();
  const bool is_doubtful = is_member ? knows_too_few(broker, ids) : is_first_time_forgotten(broker);
  if (is_doubtful) return std::nullopt;
  return std::move(ids);
}

// What members remember differs, so that a list may lack somebody for a short time only.
bool Rebalance::is_odd(cluster::Endpoint& broker, const std::vector<std::string>& client_ids) {
  std::erase_if(lacking_since_, [this](const auto& entry) {
    return !context_.core().heartbeats().knows(*entry.first);
  });
  const bool names_twice =
      std::adjacent_find(client_ids.begin(), client_ids.end()) != client_ids.end();
  if (has_all(client_ids, members_)) {
    lacking_since_.erase(broker.shared_from_this());
    return names_twice;
  }
  const auto since =
      lacking_since_.try_emplace(broker.shared_from_this(), context_.now()).first->second;
  return is_early_to_believe(since) || names_twice;
}

void Rebalance::take_odd(const cluster::Endpoint& broker,
                         const std::vector<std::string>& client_ids, Topic& topic) {
  const cluster::Route& route = *topic.route;
  for (std::size_t i = 0; i < route.brokers.size(); ++i) {
    if (route.brokers[i].find(protocol::kMasterId, true) != &broker) continue;
    const std::string& name = route.data.brokers[i].broker_name;
    if (!topic.odd_list.empty() && topic.odd_list_by < name) continue;
    topic.odd_list = client_ids;
    topic.odd_list_by = name;
  }
}

// The first by name that knows this client and was not asked; null: there is none, or enough were.
cluster::Endpoint* Rebalance::choose_next(const Topic& topic) {
  if (topic.asked.size() >= kAskedMax) return nullptr;
  std::pair<std::string_view, cluster::Endpoint*> first{};  // by name
  const cluster::Route& route = *topic.route;
  for (std::size_t i = 0; i < route.brokers.size(); ++i) {
    cluster::Endpoint* const endpoint = route.brokers[i].find(protocol::kMasterId, true);
    if (endpoint == nullptr || !context_.core().heartbeats().registered_since(*endpoint) ||
        std::find(topic.asked.begin(), topic.asked.end(), endpoint) != topic.asked.end()) {
      continue;
    }
    const std::string& name = route.data.brokers[i].broker_name;
    if (first.second == nullptr || name < first.first) first = {name, endpoint};
  }
  return first.second;
}

// The broker may have restarted, or is yet to hear of us: it hears now, and is asked again before
// anything is given up.
bool Rebalance::is_first_time_forgotten(cluster::Endpoint& broker) {
  std::erase_if(forgotten_by_, [this](const cluster::EndpointPtr& known) {
    return !context_.core().heartbeats().knows(*known);
  });
  if (!forgotten_by_.insert(broker.shared_from_this()).second) return false;
  context_.core().heartbeats().renew(broker);
  is_wanted_again_ = true;
  return true;
}

// A broker that has learned of us a moment ago may be yet to hear of members that we know.
bool Rebalance::knows_too_few(cluster::Endpoint& broker,
                              const std::vector<std::string>& client_ids) {
  forgotten_by_.erase(broker.shared_from_this());
  if (has_all(client_ids, members_)) return false;
  const auto since = context_.core().heartbeats().registered_since(broker);
  return is_early_to_believe(since.value_or(context_.now()));
}

// A list lacks members that we know. True: its broker may hear of them yet, and is asked again when
// it is sure.
bool Rebalance::is_early_to_believe(base::Instant since) {
  const base::Instant sure_at = since + kGatherTime;
  if (context_.now() >= sure_at) return false;
  set_due(sure_at);
  return true;
}

void Rebalance::divide(const Topic& topic, const std::vector<std::string>& client_ids) {
  members_of_this_round_ = client_ids;
  if (context_.find_subscription(topic.name) == nullptr) return;  // ended meanwhile
  const std::string& own_id = context_.host.client_id();
  const auto places =
      static_cast<std::size_t>(std::count(client_ids.begin(), client_ids.end(), own_id));
  const auto division = std::make_shared<const Division>(Division{
      .group = context_.options.group,
      .own_client_id = own_id,
      .queues =
          absent_brokers_.queues_of(topic.route, context_.core().heartbeats(), context_.now()),
      .client_ids = client_ids});
  const auto sharing = std::make_shared<Sharing>(
      Sharing{.missing = places, .has_others = client_ids.size() > places});
  sharings_[topic.name] = sharing;
  set_due(std::max(absent_brokers_.next_end(), last_run_ + kIntervalMin));
  if (places == 0) assign(topic.name, *sharing);
  // A list that names us twice gives us two parts. Java takes the first alone, and nobody has the
  // other until the broker notices that the older connection is dead.
  for (std::size_t place = 0; place < places; ++place) {
    strategy_->allocate(division, place,
                        [this, name = topic.name, weak = std::weak_ptr<Sharing>(sharing)](
                            base::Result<AllocateStrategy::Queues> part) {
                          const auto current = weak.lock();
                          if (current) take_part(name, *current, std::move(part));
                        });
  }
}

void Rebalance::take_part(const std::string& topic, Sharing& sharing,
                          base::Result<AllocateStrategy::Queues> part) {
  if (!part.ok()) {
    context_.troubles().note("allocate", {topic, "", -1}, &part.error());
    sharings_.erase(topic);
    return;
  }
  sharing.assigned.insert(sharing.assigned.end(), part.value().begin(), part.value().end());
  if (--sharing.missing == 0) assign(topic, sharing);
}

void Rebalance::assign(const std::string& topic, const Sharing& sharing) {
  sharings_.erase(topic);
  if (context_.find_subscription(topic) == nullptr) return;  // ended meanwhile
  handler_.on_assigned(topic, sharing.assigned, sharing.has_others);
}

void Rebalance::end_round() {
  if (!members_of_this_round_.empty()) members_ = std::exchange(members_of_this_round_, {});
}

void Rebalance::finish_one() {
  assert(asked_ > 0);
  if (--asked_ > 0) return;
  end_round();
  failures_ = has_failed_ ? failures_ + 1 : 0;
  if (has_failed_) set_due(last_run_ + kRetryInterval);
  if (std::exchange(is_wanted_again_, false)) run_soon();
}

}  // namespace rmq::consumer
