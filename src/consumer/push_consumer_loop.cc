// The part of PushConsumer that runs on the loop while it is started.
#include <algorithm>
#include <limits>
#include <set>

#include "consumer/push_consumer.h"

namespace rmq::consumer {
namespace {

// The member that loses a queue divides at the same time, and needs a moment to commit its offset.
constexpr base::Duration kHandOverTime = std::chrono::milliseconds(500);
// Queues whose offsets are looked at in one turn, and the pause before the next ones.
constexpr std::size_t kPersistMax = 1000;
constexpr base::Duration kPersistPause = std::chrono::milliseconds(1);
constexpr base::Duration kExpireIntervalMin = std::chrono::milliseconds(250);
constexpr base::Duration kExpireIntervalMax = std::chrono::seconds(60);

// Deliveries without an answer are noticed late by a fraction of their time limit.
base::Duration expire_interval(const ConsumerOptions& options) {
  return std::clamp(options.consume_timeout / 10, kExpireIntervalMin, kExpireIntervalMax);
}

}  // namespace

void PushConsumer::on_joined() {
  context_.start_wall_ms = host_->wall_ms();
  remoting::Deadlines& deadlines = context_.core().deadlines();
  deadlines.set(persist_due_, context_.now() + options_.persist_interval);
  deadlines.set(expire_due_, context_.now() + expire_interval(options_));
  apply_subscriptions();
}

void PushConsumer::apply_subscriptions() noexcept {
  if (!life_.is_active()) return;
  try {
    take_subscriptions();
  } catch (const std::bad_alloc&) {
    context_.core().deadlines().set(subscribe_due_, context_.now() + kMemoryPause);
  }
}

// What an attempt without memory has done already, the next one finds done.
void PushConsumer::take_subscriptions() {
  Subscriptions wanted;
  {
    base::MutexLock lock(mutex_);
    wanted = wanted_;
  }
  // Messages that come again arrive by a topic of the group's own.
  protocol::SubscriptionData retry;
  retry.topic = context_.retry_topic;
  wanted.insert_or_assign(context_.retry_topic, std::move(retry));

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
      filter_check_.look_at(topic);
    }
  }
  context_.discard_withdrawn();
  context_.core().heartbeats().announce_change();
  if (is_registered_) rebalance_->request();
}

// Brokers take a subscription only when its version is greater than that of the one they hold. That
// one may be of a topic that was left meanwhile, and clocks are set back. So one number that only
// grows serves all topics.
std::int64_t PushConsumer::renew_version() {
  version_ = std::max(host_->wall_ms(), version_ + 1);
  return version_;
}

void PushConsumer::end_subscription(const std::string& topic) {
  for (auto place = first_queue_of(topic); is_queue_of(place, topic);) {
    const auto next = std::next(place);
    lose(place);
    place = next;
  }
  context_.core().routes().unwatch(topic, *this);
  filter_check_.forget(topic);
}

void PushConsumer::add_to_heartbeat(protocol::HeartbeatData* heartbeat) const {
  if (life_.is_leaving()) return;
  protocol::ConsumerData data;
  data.group = options_.group;
  data.consume_from_where = options_.consume_from_where;
  for (const auto& [topic, subscription] : context_.subscriptions)
    data.subscriptions.push_back(subscription);
  heartbeat->consumers.push_back(std::move(data));
}

// Before a broker knows this member, it would not be in the list that the queues are divided by.
void PushConsumer::on_registered() {
  is_registered_ = true;
  if (rebalance_) rebalance_->request();
}

void PushConsumer::on_consumer_ids_changed(std::string_view group) {
  if (group == options_.group && rebalance_) rebalance_->request();
}

void PushConsumer::on_route(const cluster::RoutePtr& route) {
  if (is_registered_ && rebalance_) rebalance_->request();
  for (auto place = first_queue_of(route->topic); is_queue_of(place, route->topic); ++place)
    place->second->on_route_changed();
  filter_check_.look_at(route->topic);
}

// Every route that names the address, a slave's too.
std::vector<PushConsumer::BrokerPlace> PushConsumer::find_places(std::string_view address) {
  std::vector<BrokerPlace> places;
  for (const auto& [topic, subscription] : context_.subscriptions) {
    const cluster::RoutePtr route = context_.core().routes().find(topic);
    if (!route) continue;
    for (const protocol::BrokerData& broker : route->data.brokers) {
      const bool is_here = std::any_of(broker.addresses.begin(), broker.addresses.end(),
                                       [&](const auto& known) { return known.second == address; });
      if (is_here) places.push_back({topic, broker.broker_name});
    }
  }
  return places;
}

void PushConsumer::refresh_all_routes() {
  for (const auto& [topic, subscription] : context_.subscriptions)
    context_.core().routes().refresh(topic);
}

// All members lose a broker at the same moment, and look at once what has become of its queues.
void PushConsumer::on_broker_missed(const std::string& address) {
  if (!life_.is_active()) return;
  if (is_registered_ && rebalance_) rebalance_->request();
  const auto places = find_places(address);
  if (places.empty()) refresh_all_routes();
  for (const auto& [topic, broker_name] : places) {
    context_.core().routes().refresh(topic);
    const protocol::MessageQueue first(topic, broker_name,
                                       std::numeric_limits<std::int32_t>::min());
    for (auto place = queues_.lower_bound(first);
         is_queue_of(place, topic) && place->first.broker_name == broker_name; ++place)
      place->second->on_broker_missed();
  }
}

// A broker that restarted may have lost the offsets that it was told last.
void PushConsumer::on_broker_back(const std::string& address) {
  if (!life_.is_active()) return;
  context_.troubles().on_server_back();
  filter_check_.look_at_all();
  const auto places = find_places(address);
  if (places.empty()) refresh_all_routes();
  for (const auto& [topic, broker_name] : places) offsets_.doubt(topic, broker_name);
}

void PushConsumer::on_heartbeat_refused(const std::string&, const base::Error& error) {
  if (life_.is_active()) context_.troubles().note("heartbeat", {"", "", -1}, &error);
}

void PushConsumer::on_route_failure(std::string_view topic, const cluster::RoutePtr&,
                                    const base::Error& error) {
  // Brokers make the retry topic when they hear of the group.
  if (topic == context_.retry_topic && error.code == base::ErrorCode::NO_ROUTE) return;
  context_.troubles().note("route", {std::string(topic), "", -1}, &error);
}

void PushConsumer::on_assigned(const std::string& topic,
                               const std::vector<protocol::MessageQueue>& assigned,
                               bool has_others) {
  const std::set<protocol::MessageQueue> wanted(assigned.begin(), assigned.end());
  bool has_lost = false;
  try {
    for (auto place = first_queue_of(topic); is_queue_of(place, topic);) {
      const auto next = std::next(place);
      if (!wanted.contains(place->first)) {
        lose(place);
        has_lost = true;
      }
      place = next;
    }
    for (const protocol::MessageQueue& queue : wanted) gain(queue);
  } catch (const std::bad_alloc&) {
    // What has changed so far counts, and the next round brings the rest.
    settle_queues(topic, has_lost, has_others);
    throw;
  }
  settle_queues(topic, has_lost, has_others);
}

void PushConsumer::gain(const protocol::MessageQueue& queue) {
  if (queues_.contains(queue)) return;
  queues_.emplace(queue, std::make_unique<ProcessQueue>(context_, offsets_,
                                                        static_cast<QueueHandler&>(*this), queue));
  context_.log(event::LogLevel::info, "queue_gained", queue);
}

// The queues that are new stand still so far.
void PushConsumer::settle_queues(const std::string& topic, bool has_lost,
                                 bool has_others) noexcept {
  if (has_lost) context_.discard_withdrawn();
  bool has_changed = has_lost;
  for (auto place = first_queue_of(topic); is_queue_of(place, topic); ++place)
    has_changed |= place->second->state() == QueueState::idle;
  if (!has_changed) return;
  share_topic_limits(topic);
  for (auto place = first_queue_of(topic); is_queue_of(place, topic); ++place) {
    if (place->second->state() != QueueState::idle) continue;
    place->second->start(has_others ? kHandOverTime : base::Duration::zero());
  }
  // Brokers compare the version with the pulls', so members with different subscriptions show.
  const auto subscription = context_.subscriptions.find(topic);
  if (subscription != context_.subscriptions.end())
    subscription->second.sub_version = renew_version();
  context_.core().heartbeats().announce_change();
}

// The queues of a topic follow each other.
PushConsumer::QueueMap::iterator PushConsumer::first_queue_of(std::string_view topic) {
  return queues_.lower_bound(topic);
}

bool PushConsumer::is_queue_of(QueueMap::const_iterator place, std::string_view topic) const {
  return place != queues_.end() && place->first.topic == topic;
}

void PushConsumer::lose(QueueMap::iterator place) {
  ProcessQueue& queue = *place->second;
  queue.persist();
  queue.drop();
  offsets_.forget(queue.queue());
  context_.log(event::LogLevel::info, "queue_lost", place->first);
  queues_.erase(place);
}

void PushConsumer::share_topic_limits(const std::string& topic) noexcept {
  const auto share = [](std::size_t limit, std::size_t count) {
    if (limit == CacheLimits::kUnlimited) return limit;
    return std::max<std::size_t>(limit / count, 1);
  };
  std::size_t held = 0;
  for (auto place = first_queue_of(topic); is_queue_of(place, topic); ++place) ++held;
  if (held == 0) return;
  const CacheLimits part = {share(options_.topic_limits.messages, held),
                            share(options_.topic_limits.bytes, held)};
  for (auto place = first_queue_of(topic); is_queue_of(place, topic); ++place)
    place->second->set_topic_share(part);
}

// A round over all queues takes as many turns as it needs.
void PushConsumer::persist_some_offsets() {
  auto place = persist_next_ ? queues_.lower_bound(*persist_next_) : queues_.begin();
  for (std::size_t count = 0; place != queues_.end() && count < kPersistMax; ++count, ++place)
    place->second->persist();
  if (place == queues_.end()) {
    persist_next_.reset();
    return;
  }
  persist_next_ = place->first;
  context_.core().deadlines().set(persist_due_, context_.now() + kPersistPause);
}

void PushConsumer::expire_deliveries() {
  for (const auto& [queue, process_queue] : queues_) process_queue->expire(context_.now());
}

void PushConsumer::on_deadline(remoting::Deadline& deadline) {
  remoting::Deadlines& deadlines = context_.core().deadlines();
  if (&deadline == &persist_due_) {
    deadlines.set(persist_due_, context_.now() + options_.persist_interval);
    persist_some_offsets();
  } else if (&deadline == &subscribe_due_) {
    apply_subscriptions();
  } else if (&deadline == &expire_due_) {
    deadlines.set(expire_due_, context_.now() + expire_interval(options_));
    expire_deliveries();
  } else {
    const std::shared_ptr<PushConsumer> keep = shared_from_this();
    try_to_leave(life_.close_due());
  }
}

std::vector<const ProcessQueue*> PushConsumer::queues() const {
  std::vector<const ProcessQueue*> held;
  for (const auto& [queue, process_queue] : queues_) held.push_back(process_queue.get());
  return held;
}

}  // namespace rmq::consumer
