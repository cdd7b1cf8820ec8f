#include "client/heartbeats.h"

#include <algorithm>

#include "protocol/request_frame.h"
#include "protocol/response_code.h"
#include "protocol/unregister_client.h"

namespace rmq::client {

Heartbeats::Heartbeats(transport::Loop& loop, remoting::Deadlines& deadlines,
                       cluster::Connections& connections, cluster::RouteTable& routes,
                       Options options, Compose compose, std::function<void()> on_registered)
    : loop_(loop),
      deadlines_(deadlines),
      connections_(connections),
      routes_(routes),
      options_(std::move(options)),
      compose_(std::move(compose)),
      on_registered_(std::move(on_registered)),
      turn_end_(loop.make_turn_end_task(*this)),
      due_(*this) {}

Heartbeats::~Heartbeats() { deadlines_.clear(due_); }

void Heartbeats::announce_change() {
  ++change_;
  // What changed may be no part of the fingerprint, such as the versions of subscriptions.
  for (auto& [address, broker] : brokers_) broker.fingerprint = 0;
  turn_end_->schedule();
}

void Heartbeats::greet_new_brokers() { turn_end_->schedule(); }

void Heartbeats::on_connected(std::string_view address) {
  const auto known = brokers_.find(address);
  if (known == brokers_.end()) return;
  known->second.fingerprint = 0;
  // Told within this connection already: that heartbeat is what it was opened for.
  if (known->second.told != known->second.answered) return;
  known->second.told = known->second.answered = 0;
  turn_end_->schedule();
}

void Heartbeats::on_turn_end() { send(false); }

void Heartbeats::on_deadline(remoting::Deadline&) { send(true); }

void Heartbeats::send(bool to_all) {
  // First of all: whatever happens below, there is a next time.
  if (to_all || !due_.is_queued()) deadlines_.set(due_, loop_.now() + options_.interval);
  protocol::HeartbeatData heartbeat;
  heartbeat.client_id = options_.client_id;
  compose_(&heartbeat);
  if (heartbeat.producer_groups.empty() && heartbeat.consumers.empty()) return;
  if (options_.v2) heartbeat.fingerprint = protocol::heartbeat_fingerprint(heartbeat);

  std::map<std::string, Broker, std::less<>> brokers;
  for (const cluster::BrokerAddress& known : routes_.known_brokers()) {
    // Slaves serve consumers only.
    if (known.broker_id != protocol::kMasterId && heartbeat.consumers.empty()) continue;
    const auto before = brokers_.find(known.address);
    brokers.emplace(known.address, before == brokers_.end() ? Broker() : before->second);
  }
  brokers_ = std::move(brokers);  // what no route names is forgotten
  for (auto& [address, broker] : brokers_) {
    if (to_all || broker.told != change_) send_to(address, broker, heartbeat);
  }
}

void Heartbeats::send_to(const std::string& address, Broker& broker,
                         const protocol::HeartbeatData& heartbeat) {
  remoting::Connection* connection = connections_.find(address);
  if (connection == nullptr) return;
  broker.told = change_;
  if (connection->state() != remoting::ConnectionState::open) {
    // Whoever will listen there knows nothing of us, and on_connected need not tell it again.
    broker.fingerprint = 0;
    broker.answered = 0;
  }
  const bool is_short = heartbeat.fingerprint != 0 && broker.fingerprint == heartbeat.fingerprint;
  std::string body;
  if (is_short) {
    protocol::HeartbeatData brief = heartbeat;
    brief.without_sub = true;
    for (protocol::ConsumerData& consumer : brief.consumers) consumer.subscriptions.clear();
    body = protocol::to_json(brief);
  } else {
    body = protocol::to_json(heartbeat);
  }
  calls_.start(*connection, protocol::make_frame(protocol::HeartbeatRequest{}, body),
               loop_.now() + options_.timeout,
               [this, address, change = change_,
                fingerprint = heartbeat.fingerprint](base::Result<cluster::CallAnswer> answer) {
                 take_answer(address, change, fingerprint, std::move(answer));
               });
}

void Heartbeats::take_answer(const std::string& address, std::uint64_t change,
                             std::int32_t fingerprint, base::Result<cluster::CallAnswer> answer) {
  const auto known = brokers_.find(address);
  if (known == brokers_.end()) return;
  Broker& broker = known->second;
  if (!answer.ok() || !protocol::is_success(*answer.value().response)) {
    // The next round, or the next connection, tells it again.
    broker.told = broker.answered = 0;
    broker.fingerprint = 0;
    return;
  }
  const auto response = protocol::parse_heartbeat_response(*answer.value().response);
  broker.fingerprint = response.supports_v2 && !response.subscription_changed ? fingerprint : 0;
  const bool is_new = broker.answered != change;
  broker.answered = change;
  if (is_new) on_registered_();
}

void Heartbeats::unregister(std::string_view producer_group, std::string_view consumer_group,
                            base::Instant deadline, std::function<void()> done) {
  const std::string frame = protocol::make_frame(
      protocol::UnregisterClientRequest{options_.client_id, producer_group, consumer_group});
  // Counts the answers that are missing; its last copy calls `done`.
  const std::shared_ptr<void> all_answered(nullptr, [done = std::move(done)](void*) {
    if (done) done();
  });
  for (const auto& [address, broker] : brokers_) {
    remoting::Connection* connection = connections_.find(address);
    if (connection == nullptr) continue;
    // A broker without a connection has dropped us with it, unless a heartbeat is on its way there.
    const bool is_open = connection->state() == remoting::ConnectionState::open;
    if (!is_open && broker.told == broker.answered) continue;
    calls_.start(*connection, frame, deadline,
                 [all_answered](base::Result<cluster::CallAnswer>) {});
  }
}

bool Heartbeats::has_producer_group(std::string_view group) const {
  protocol::HeartbeatData heartbeat;
  compose_(&heartbeat);
  const auto& groups = heartbeat.producer_groups;
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

}  // namespace rmq::client
