#include "client/heartbeats.h"

#include <algorithm>
#include <bit>

#include "protocol/unregister_client.h"

namespace rmq::client {
namespace {

// How long one call to a broker that cannot be reached may take, and the pause after it. Members of
// a group come back within two seconds of each other.
constexpr base::Duration kCallTime = std::chrono::milliseconds(1000);
constexpr base::Duration kPauseMin = std::chrono::milliseconds(250);
constexpr base::Duration kPauseMax = std::chrono::milliseconds(750);
// A broker that takes no heartbeat over a good connection is asked after pauses that grow to this.
constexpr base::Duration kRefusedPauseMax = std::chrono::seconds(30);
// First pause between questions for the routes that ought to name a broker; it doubles.
constexpr base::Duration kRouteInterval = std::chrono::seconds(1);
// So long a broker is called that was lost and that no route names any more.
constexpr base::Duration kCalledFor = std::chrono::minutes(15);

base::Duration grow(base::Duration first, std::size_t step, base::Duration max) {
  return std::min(first * (std::int64_t{1} << std::min<std::size_t>(step, 10)), max);
}

}  // namespace

Heartbeats::Heartbeats(transport::Loop& loop, remoting::Deadlines& deadlines,
                       const cluster::RequestDecorator& decorator, cluster::RouteTable& routes,
                       Options options, HeartbeatHandler& handler)
    : loop_(loop),
      deadlines_(deadlines),
      decorator_(decorator),
      routes_(routes),
      options_(std::move(options)),
      handler_(handler),
      turn_end_(loop.make_turn_end_task(*this)),
      due_(*this),
      retry_due_(*this),
      again_due_(*this),
      farewells_(decorator) {}

Heartbeats::~Heartbeats() {
  deadlines_.clear(due_);
  deadlines_.clear(retry_due_);
  deadlines_.clear(again_due_);
}

Heartbeats::Broker* Heartbeats::find(const cluster::Endpoint& endpoint) {
  const auto known = brokers_.find(endpoint);
  return known == brokers_.end() ? nullptr : &known->second;
}

const Heartbeats::Broker* Heartbeats::find(const cluster::Endpoint& endpoint) const {
  const auto known = brokers_.find(endpoint);
  return known == brokers_.end() ? nullptr : &known->second;
}

std::optional<base::Instant> Heartbeats::registered_since(const cluster::Endpoint& endpoint) const {
  const Broker* broker = find(endpoint);
  if (broker == nullptr || broker->answered == 0) return std::nullopt;
  return broker->registered_at;
}

std::optional<base::Instant> Heartbeats::lost_at(const cluster::Endpoint& endpoint) const {
  const Broker* broker = find(endpoint);
  if (broker == nullptr || broker->lost_at == base::kNever) return std::nullopt;
  return broker->lost_at;
}

// A broker that is not known yet is, or is forgotten, at the end of this turn.
void Heartbeats::wait(cluster::Endpoint& endpoint, RegistrationWaiter& waiter) {
  waiter.unlink_if_linked();
  Broker& broker = brokers_.try_emplace(endpoint.shared_from_this(), decorator_).first->second;
  broker.waiters.push_back(waiter);
  turn_end_->schedule();
}

// Waiters may wait again.
void Heartbeats::wake(Waiters& waiters) {
  Waiters woken;
  while (RegistrationWaiter* waiter = waiters.pop_front()) woken.push_back(*waiter);
  while (RegistrationWaiter* waiter = woken.pop_front()) waiter->on_broker_ready();
}

void Heartbeats::announce_change() {
  ++change_;
  // The versions of subscriptions, for one, are no part of the fingerprint.
  for (auto& [endpoint, broker] : brokers_) broker.fingerprint = 0;
  turn_end_->schedule();
}

void Heartbeats::greet_new_brokers() { turn_end_->schedule(); }

// Whatever the broker was told or asked is void.
void Heartbeats::reset(Broker& broker) noexcept {
  broker.calls.forget_all();
  broker.is_asked = false;
  broker.told = broker.answered = 0;
  broker.fingerprint = 0;
  broker.retry_at = base::kNever;
}

void Heartbeats::on_connected(const cluster::Endpoint& endpoint) {
  Broker* broker = find(endpoint);
  if (broker == nullptr) return;
  broker->fingerprint = 0;
  // A heartbeat that is under way by now waits for this very connection.
  if (broker->is_asked) return;
  reset(*broker);
  turn_end_->schedule();
}

void Heartbeats::on_lost(cluster::Endpoint& endpoint, bool by_fault) {
  Broker* broker = find(endpoint);
  if (broker == nullptr) return;
  reset(*broker);
  if (by_fault) broker->lost_at = loop_.now();
  broker->misses = 1;
  broker->refusals = 0;
  // Consumers come back at once; producers connect when there is something to send.
  if (has_consumers_) turn_end_->schedule();
  handler_.on_broker_missed(endpoint);
}

void Heartbeats::renew(const cluster::Endpoint& endpoint) {
  Broker* broker = find(endpoint);
  if (broker == nullptr) return;
  reset(*broker);
  turn_end_->schedule();
}

void Heartbeats::renew_all() noexcept {
  for (auto& [endpoint, broker] : brokers_) reset(broker);
  turn_end_->schedule();
}

void Heartbeats::on_turn_end() {
  try {
    send(false);
  } catch (const std::bad_alloc&) {
    try_again_soon();
  }
}

void Heartbeats::on_deadline(remoting::Deadline& deadline) {
  try {
    if (&deadline == &retry_due_) ask_for_routes();
    send(&deadline == &due_);
  } catch (const std::bad_alloc&) {
    try_again_soon();
  }
}

// Memory is exhausted: brokers that were not told, and members that did not hear, are told then.
void Heartbeats::try_again_soon() noexcept { deadlines_.set(again_due_, loop_.now() + kPauseMin); }

void Heartbeats::send(bool to_all) {
  // First of all: whatever happens below, there is a next time.
  if (to_all || !due_.is_queued()) deadlines_.set(due_, loop_.now() + options_.interval);
  protocol::HeartbeatData heartbeat;
  heartbeat.client_id = options_.client_id;
  handler_.compose(&heartbeat);
  has_consumers_ = !heartbeat.consumers.empty();
  if (heartbeat.producer_groups.empty() && !has_consumers_) return;
  text_.say(std::move(heartbeat), options_.v2);
  follow_routes();
  for (auto& [endpoint, broker] : brokers_) {
    if (is_wanted(broker, to_all)) send_to(endpoint, broker);
    if (broker.retry_at <= loop_.now()) broker.retry_at = base::kNever;
  }
  plan_retry();
}

// The brokers of all routes, and brokers that left the routes a while ago. The latter are lost
// next, and come back under the same address most often.
void Heartbeats::follow_routes() {
  const base::Instant now = loop_.now();
  for (auto& [endpoint, broker] : brokers_) {
    if (broker.unnamed_since == base::kNever) broker.unnamed_since = now;
  }
  for (const cluster::KnownBroker& known : routes_.known_brokers()) {
    // Slaves serve consumers only.
    if (known.broker_id != protocol::kMasterId && !has_consumers_) continue;
    Broker& broker = brokers_.try_emplace(known.endpoint, decorator_).first->second;
    broker.unnamed_since = base::kNever;
    if (broker.answered != 0) broker.lost_at = base::kNever;
  }
  Waiters orphans;
  for (auto place = brokers_.begin(); place != brokers_.end();) {
    const auto next = std::next(place);
    const Broker& broker = place->second;
    const bool is_named = broker.unnamed_since == base::kNever;
    const bool may_be_named_again = has_consumers_ && now - broker.unnamed_since < kCalledFor &&
                                    (broker.answered != 0 || broker.lost_at != base::kNever);
    if (!is_named && !may_be_named_again) forget(place, &orphans);
    place = next;
  }
  wake(orphans);
}

void Heartbeats::forget(Brokers::iterator place, Waiters* orphans) {
  while (RegistrationWaiter* waiter = place->second.waiters.pop_front())
    orphans->push_back(*waiter);
  brokers_.erase(place);
}

bool Heartbeats::is_wanted(const Broker& broker, bool to_all) const {
  if (broker.unnamed_since == base::kNever) {
    if (to_all) return true;
  } else if (broker.answered != 0) {
    return false;
  }
  if (broker.told == change_) return false;
  return broker.retry_at == base::kNever || broker.retry_at <= loop_.now();
}

void Heartbeats::send_to(const cluster::EndpointPtr& endpoint, Broker& broker) {
  remoting::Connection& connection = endpoint->connection();
  const bool is_open = connection.state() == remoting::ConnectionState::open;
  if (!is_open) {
    // Whoever will listen there knows nothing of us.
    broker.fingerprint = 0;
    broker.answered = 0;
  }
  broker.calls.forget_all();  // what this heartbeat says is newer
  broker.is_asked = false;
  broker.told = 0;
  const std::int32_t fingerprint = text_.fingerprint();
  const bool is_short = fingerprint != 0 && broker.fingerprint == fingerprint;
  // Only consumers are in a hurry to come back.
  const bool is_call = !is_open && has_consumers_;
  broker.calls.ask(
      {connection}, protocol::HeartbeatRequest{}, is_short ? text_.brief() : text_.full(),
      loop_.now() + (is_call ? std::min(kCallTime, options_.timeout) : options_.timeout),
      [this, endpoint, change = change_,
       fingerprint](const base::Result<protocol::HeartbeatResponse>& answer) {
        take_answer(*endpoint, change, fingerprint, answer);
      },
      is_call ? cluster::CallSet::WhenAway::wait : cluster::CallSet::WhenAway::fail);
  broker.is_asked = true;
  broker.told = change_;
  broker.retry_at = base::kNever;
}

void Heartbeats::take_answer(cluster::Endpoint& endpoint, std::uint64_t change,
                             std::int32_t fingerprint,
                             const base::Result<protocol::HeartbeatResponse>& answer) {
  Broker* broker = find(endpoint);
  if (broker == nullptr) return;
  broker->is_asked = false;
  try {
    if (answer.ok()) {
      take_success(endpoint, *broker, change, fingerprint, answer.value());
      return;
    }
    cluster::throw_if_unread(answer.error());
    take_failure(endpoint, *broker);
    if (cluster::has_answered(answer.error())) handler_.on_refused(endpoint, answer.error());
  } catch (const std::bad_alloc&) {
    // Somebody has not heard of it. The answer to another heartbeat is news to all.
    if (Broker* still = find(endpoint)) reset(*still);
    try_again_soon();
  }
}

void Heartbeats::take_success(cluster::Endpoint& endpoint, Broker& broker, std::uint64_t change,
                              std::int32_t fingerprint,
                              const protocol::HeartbeatResponse& response) {
  broker.fingerprint = response.supports_v2 && !response.subscription_changed ? fingerprint : 0;
  broker.misses = broker.refusals = 0;
  const bool is_news = broker.answered != change;
  const bool is_back = std::exchange(broker.answered, change) == 0;
  if (is_back) {
    broker.registered_at = loop_.now();
    if (broker.unnamed_since == base::kNever) {
      broker.lost_at = base::kNever;
    } else {
      broker.retry_at = loop_.now() + kRouteInterval;
      plan_retry();
    }
    wake(broker.waiters);
    handler_.on_broker_back(endpoint);
  }
  if (is_news) handler_.on_registered();
}

// The next round, or the next connection, tells it again; sooner when consumers wait for it.
void Heartbeats::take_failure(cluster::Endpoint& endpoint, Broker& broker) {
  const remoting::Connection* connection = endpoint.find_connection();
  const bool is_open = connection && connection->state() == remoting::ConnectionState::open;
  const std::size_t misses = ++broker.misses;
  reset(broker);
  if (!is_open && broker.lost_at == base::kNever) broker.lost_at = loop_.now();
  if (has_consumers_) {
    const auto spread = static_cast<std::uint64_t>((kPauseMax - kPauseMin).count());
    const base::Duration pause =
        kPauseMin + base::Duration(static_cast<std::int64_t>(loop_.random().below(spread)));
    // A broker that is just back may be slow, however long it was away.
    broker.refusals = is_open ? broker.refusals + 1 : 0;
    broker.retry_at = loop_.now() + grow(pause, broker.refusals, kRefusedPauseMax);
    plan_retry();
  }
  if (std::has_single_bit(misses)) handler_.on_broker_missed(endpoint);
}

// A broker that is back and that no route names yet: it is about to tell the NameServers.
void Heartbeats::ask_for_routes() {
  std::vector<cluster::EndpointPtr> unnamed;
  for (auto& [endpoint, broker] : brokers_) {
    if (broker.unnamed_since == base::kNever || broker.answered == 0) continue;
    if (broker.retry_at > loop_.now()) continue;
    unnamed.push_back(endpoint);
    broker.retry_at = loop_.now() + grow(kRouteInterval, broker.misses++, options_.interval);
  }
  for (const cluster::EndpointPtr& endpoint : unnamed) handler_.on_broker_missed(*endpoint);
}

void Heartbeats::plan_retry() {
  base::Instant next = base::kNever;
  for (const auto& [endpoint, broker] : brokers_) next = std::min(next, broker.retry_at);
  deadlines_.set(retry_due_, next);
}

void Heartbeats::unregister(std::string_view producer_group, std::string_view consumer_group,
                            base::Instant deadline, std::function<void()> done) {
  const protocol::UnregisterClientRequest request{options_.client_id, producer_group,
                                                  consumer_group};
  // Counts the answers that are missing; its last copy calls `done`.
  const std::shared_ptr<void> all_answered(nullptr, [done = std::move(done)](void*) {
    if (done) done();
  });
  for (auto& [endpoint, broker] : brokers_) {
    remoting::Connection& connection = endpoint->connection();
    // A broker without a connection has dropped us with it. A heartbeat that waits for another
    // connection would name the group; the next one does not.
    if (connection.state() != remoting::ConnectionState::open) {
      if (broker.is_asked) {
        reset(broker);
        turn_end_->schedule();
      }
      continue;
    }
    farewells_.ask({connection}, request, {}, deadline, [all_answered](const auto&) {});
  }
}

bool Heartbeats::has_producer_group(std::string_view group) const {
  protocol::HeartbeatData heartbeat;
  handler_.compose(&heartbeat);
  const auto& groups = heartbeat.producer_groups;
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

}  // namespace rmq::client
