// The part of GroupMember that runs on the loop while it is started.
#include <algorithm>
#include <set>

#include "consumer/group_member.h"

namespace rmq::consumer {
namespace {

// The member that loses a queue divides at the same time, and needs a moment to commit its offset.
constexpr base::Duration kHandOverTime = std::chrono::milliseconds(500);

}  // namespace

void GroupMember::on_joined() {
  context_.start_wall_ms = host_->wall_ms();
  queues_->start();
  apply_subscriptions();
}

void GroupMember::apply_subscriptions() noexcept {
  if (!life_.is_active()) return;
  try {
    take_subscriptions();
  } catch (const std::bad_alloc&) {
    context_.core().deadlines().set(subscribe_due_, context_.now() + kMemoryPause);
  }
}

// What an attempt without memory has done already, the next one finds done.
void GroupMember::take_subscriptions() {
  Subscriptions wanted;
  {
    base::MutexLock lock(mutex_);
    wanted = wanted_;
  }
  if (parts_.sends_back) {
    // Messages that come again arrive by a topic of the group's own.
    protocol::SubscriptionData retry;
    retry.topic = context_.retry_topic;
    wanted.insert_or_assign(context_.retry_topic, std::move(retry));
  }

  std::vector<std::string> ended;
  for (const auto& [topic, subscription] : context_.subscriptions) {
    if (!wanted.contains(topic)) ended.push_back(topic);
  }
  for (const std::string& topic : ended) {
    end_subscription(topic);
    context_.subscriptions.erase(topic);
  }
  for (auto& [topic, subscription] : wanted) {
    const auto held = context_.subscriptions.find(topic);
    if (held == context_.subscriptions.end()) {
      subscription.sub_version = renew_version();
      auto taken = context_.subscriptions.emplace(topic, std::move(subscription)).first;
      try {
        context_.core().routes().watch(topic, *this, cluster::RouteTable::Missing::is_failure);
      } catch (...) {
        context_.subscriptions.erase(taken);
        throw;
      }
    } else if (held->second.sub_string != subscription.sub_string ||
               held->second.expression_type != subscription.expression_type) {
      subscription.sub_version = renew_version();
      held->second = std::move(subscription);
      filter_check_->look_at(topic);
    }
  }
  context_.discard_withdrawn();
  context_.core().heartbeats().announce_change();
  request_assignment(Assignment::Cause::subscribed);
}

void GroupMember::request_assignment(Assignment::Cause cause) {
  if (assignment_) assignment_->request(cause);
}

// Brokers take a subscription only when its version is greater than that of the one they hold. That
// one may be of a topic that was left meanwhile, and clocks are set back. So one number that only
// grows serves all topics.
std::int64_t GroupMember::renew_version() {
  version_ = std::max(host_->wall_ms(), version_ + 1);
  return version_;
}

void GroupMember::end_subscription(const std::string& topic) {
  queues_->keep_only(topic, {});
  context_.core().routes().unwatch(topic, *this);
  filter_check_->forget(topic);
}

void GroupMember::add_to_heartbeat(protocol::HeartbeatData* heartbeat) const {
  if (life_.is_leaving()) return;
  protocol::ConsumerData data;
  data.group = options_.group;
  data.consume_type = parts_.consume_type;
  data.message_model = parts_.message_model;
  data.consume_from_where = options_.consume_from_where;
  for (const auto& [topic, subscription] : context_.subscriptions)
    data.subscriptions.push_back(subscription);
  heartbeat->consumers.push_back(std::move(data));
}

void GroupMember::on_registered() { request_assignment(Assignment::Cause::registered); }

void GroupMember::on_consumer_ids_changed(std::string_view group) {
  if (group == options_.group) request_assignment(Assignment::Cause::members_changed);
}

void GroupMember::on_route(const cluster::RoutePtr& route) {
  request_assignment(Assignment::Cause::route);
  queues_->on_route_changed(route->topic);
  filter_check_->look_at(route->topic);
}

// Every route that names the endpoint, a slave's too.
std::vector<GroupMember::BrokerPlace> GroupMember::find_places(const cluster::Endpoint& endpoint) {
  std::vector<BrokerPlace> places;
  for (const auto& [topic, subscription] : context_.subscriptions) {
    const cluster::RoutePtr route = context_.core().routes().find(topic);
    if (!route) continue;
    for (std::size_t i = 0; i < route->brokers.size(); ++i) {
      const auto& processes = route->brokers[i].processes;
      const bool is_here =
          std::any_of(processes.begin(), processes.end(),
                      [&](const auto& process) { return process.endpoint.get() == &endpoint; });
      if (is_here) places.push_back({topic, route->data.brokers[i].broker_name});
    }
  }
  return places;
}

void GroupMember::refresh_all_routes() {
  for (const auto& [topic, subscription] : context_.subscriptions)
    context_.core().routes().refresh(topic);
}

// All members lose a broker at the same moment, and look at once what has become of its queues.
void GroupMember::on_broker_missed(cluster::Endpoint& broker) {
  if (!life_.is_active()) return;
  request_assignment(Assignment::Cause::broker_missed);
  const auto places = find_places(broker);
  if (places.empty()) refresh_all_routes();
  for (const auto& [topic, broker_name] : places) {
    context_.core().routes().refresh(topic);
    queues_->on_broker_missed(topic, broker_name);
  }
}

// A broker that restarted may have lost the offsets that it was told last.
void GroupMember::on_broker_back(cluster::Endpoint& broker) {
  if (!life_.is_active()) return;
  context_.troubles().on_server_back();
  filter_check_->look_at_all();
  const auto places = find_places(broker);
  if (places.empty()) refresh_all_routes();
  for (const auto& [topic, broker_name] : places) queues_->offsets().doubt(topic, broker_name);
}

void GroupMember::on_heartbeat_refused(cluster::Endpoint&, const base::Error& error) {
  if (life_.is_active()) context_.troubles().note("heartbeat", {"", "", -1}, &error);
}

void GroupMember::on_route_failure(std::string_view topic, const cluster::RoutePtr&,
                                   const base::Error& error) {
  // Brokers make the retry topic when they hear of the group.
  if (topic == context_.retry_topic && error.code == base::ErrorCode::NO_ROUTE) return;
  context_.troubles().note("route", {std::string(topic), "", -1}, &error);
}

void GroupMember::on_assigned(const std::string& topic,
                              const std::vector<protocol::MessageQueue>& assigned,
                              bool has_others) {
  const std::set<protocol::MessageQueue> wanted(assigned.begin(), assigned.end());
  bool has_lost = false;
  try {
    has_lost = queues_->keep_only(topic, wanted);
    for (const protocol::MessageQueue& queue : wanted) queues_->add(queue);
  } catch (const std::bad_alloc&) {
    // What has changed so far counts, and the next round brings the rest.
    settle_queues(topic, true, has_others);
    throw;
  }
  settle_queues(topic, has_lost, has_others);
}

// The queues that are new stand still so far.
void GroupMember::settle_queues(const std::string& topic, bool has_lost, bool has_others) noexcept {
  if (has_lost) context_.discard_withdrawn();
  if (!has_lost && !queues_->has_new(topic)) return;
  queues_->share_topic_limits(topic);
  queues_->start_new(topic, has_others ? kHandOverTime : base::Duration::zero());
  // Brokers compare the version with the pulls', so members with different subscriptions show.
  const auto subscription = context_.subscriptions.find(topic);
  if (subscription != context_.subscriptions.end())
    subscription->second.sub_version = renew_version();
  context_.core().heartbeats().announce_change();
}

void GroupMember::on_deadline(remoting::Deadline& deadline) {
  if (&deadline == &subscribe_due_) {
    apply_subscriptions();
    return;
  }
  const std::shared_ptr<GroupMember> keep = shared_from_this();
  try_to_leave(life_.close_due());
}

}  // namespace rmq::consumer
