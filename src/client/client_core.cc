#include "client/client_core.h"

#include <algorithm>

#include "protocol/heartbeat.h"
#include "protocol/request_code.h"
#include "wire/command.h"

namespace rmq::client {
namespace {

// So long after a change it is looked whether connections have lost their use.
constexpr base::Duration kGiveBackAfter = std::chrono::minutes(1);

}  // namespace

ClientCore::ClientCore(transport::Loop& loop, remoting::StreamFactory& streams, CoreOptions options,
                       Logger& logger)
    : loop_(loop),
      logger_(logger),
      options_(std::move(options)),
      deadlines_(loop),
      name_server_endpoints_(loop, deadlines_, streams, *this,
                             for_servers(options_.connections, base::ServerRole::nameserver)),
      endpoints_(loop, deadlines_, streams, *this,
                 for_servers(options_.connections, base::ServerRole::broker),
                 options_.connections_per_broker),
      name_servers_(loop, name_server_endpoints_, decorator_),
      routes_(loop, deadlines_, name_servers_, endpoints_, options_.routes,
              [this] {
                heartbeats_.greet_new_brokers();
                give_back_soon();
              }),
      heartbeats_(loop, deadlines_, decorator_, routes_,
                  {options_.client_id, options_.heartbeat_interval,
                   options_.connections.write_timeout, options_.heartbeat_v2},
                  static_cast<HeartbeatHandler&>(*this)),
      signs_of_life_(decorator_),
      connection_news_(*this, logger),
      turn_end_(loop.make_turn_end_task(*this)),
      close_due_(*this),
      give_back_due_(*this),
      wake_up_(loop.make_wake_up(*this)) {
  name_servers_.set_addresses(options_.name_servers);
}

ClientCore::~ClientCore() { deadlines_.clear(give_back_due_); }

remoting::ConnectionOptions ClientCore::for_servers(remoting::ConnectionOptions options,
                                                    base::ServerRole role) {
  options.server_role = role;
  return options;
}

// Members may come and go while they are told. Each one is told, whatever memory others lack.
template <typename Tell>
void ClientCore::tell_members(Tell tell) {
  const Member::List members = members_;
  bool are_told = true;
  for (const auto& member : members) {
    try {
      tell(*member);
    } catch (const std::bad_alloc&) {
      are_told = false;
    }
  }
  if (!are_told) throw std::bad_alloc();
}

void ClientCore::compose(protocol::HeartbeatData* heartbeat) {
  for (const auto& member : members_) member->add_to_heartbeat(heartbeat);
}

void ClientCore::on_registered() {
  tell_members([](Member& member) { member.on_registered(); });
}

void ClientCore::on_broker_back(cluster::Endpoint& broker) {
  tell_members([&](Member& member) { member.on_broker_back(broker); });
}

void ClientCore::on_broker_missed(cluster::Endpoint& broker) {
  tell_members([&](Member& member) { member.on_broker_missed(broker); });
}

void ClientCore::on_refused(cluster::Endpoint& broker, const base::Error& error) {
  tell_members([&](Member& member) { member.on_heartbeat_refused(broker, error); });
}

bool ClientCore::claim_consumer_group(const std::string& group) {
  base::MutexLock lock(groups_mutex_);
  return consumer_groups_.insert(group).second;
}

void ClientCore::release_consumer_group(const std::string& group) noexcept {
  base::MutexLock lock(groups_mutex_);
  consumer_groups_.erase(group);
}

bool ClientCore::post(base::InboxItem& item) noexcept {
  switch (inbox_.push(item)) {
    case base::Inbox::Pushed::closed:
      return false;
    case base::Inbox::Pushed::behind:
      return true;
    case base::Inbox::Pushed::first:
      break;
  }
  base::MutexLock lock(wake_mutex_);
  if (wake_up_) wake_up_->wake();
  return true;
}

bool ClientCore::post_and_run(base::InboxItem& item) noexcept {
  if (inbox_.push(item) == base::Inbox::Pushed::closed) return false;
  on_wake_up();
  return true;
}

void ClientCore::deliver(const std::shared_ptr<event::EventQueue>& queue,
                         event::Event* event) noexcept {
  if (outbox_.add(queue, event)) turn_end_->schedule();
}

void ClientCore::add_member(const std::shared_ptr<Member>& member) noexcept {
  const std::shared_ptr<Member> keep = member;
  Member::List place = keep->take_place();
  place.front() = keep;
  members_.splice(members_.end(), place);
  if (closing_) keep->begin_close(loop_.now());
}

void ClientCore::on_member_closed(Member& member, std::size_t cut_short) noexcept {
  cut_short_ += cut_short;
  const auto place =
      std::find_if(members_.begin(), members_.end(),
                   [&](const std::shared_ptr<Member>& other) { return other.get() == &member; });
  if (place == members_.end()) return;
  // Kept until the end of this function: the member may be told of its end while it is on the
  // stack.
  const std::shared_ptr<Member> keep = std::move(*place);
  members_.erase(place);
  if (closing_) turn_end_->schedule();
}

void ClientCore::begin_close(base::Instant deadline, std::function<void()> done) noexcept {
  if (!closing_) {
    closing_ = true;
    close_done_ = std::move(done);
  }
  turn_end_->schedule();
  const bool is_due = deadline <= loop_.now();
  if (!is_due && (!close_due_.is_queued() || deadline < close_due_.due())) {
    deadlines_.set(close_due_, deadline);
  }
  for (auto place = members_.begin(); place != members_.end();) {
    const std::shared_ptr<Member> member = *place++;  // which may go, and no other
    member->begin_close(is_due ? loop_.now() : deadline);
  }
  if (is_due) on_deadline(close_due_);
}

void ClientCore::cut_connections() {
  endpoints_.close_all(base::make_error_or_code(base::ErrorCode::SHUTDOWN, [] {
    return base::make_error(base::ErrorCode::SHUTDOWN,
                            "the runtime was closed before the operation ended");
  }));
}

void ClientCore::finish_close() {
  const std::function<void()> done = std::exchange(close_done_, nullptr);
  deadlines_.clear(close_due_);
  const base::Error reason = base::make_error_or_code(base::ErrorCode::SHUTDOWN, [] {
    return base::make_error(base::ErrorCode::SHUTDOWN, "the runtime was closed");
  });
  endpoints_.close_all(reason);
  name_server_endpoints_.close_all(reason);
  outbox_.flush();
  {
    base::MutexLock lock(wake_mutex_);
    wake_up_.reset();
  }
  done();
}

// The members have their own deadlines at the same time. This one ends what even they cannot end,
// such as a write that the peer does not take.
void ClientCore::on_deadline(remoting::Deadline& deadline) {
  if (&deadline == &give_back_due_) {
    give_back_connections();
    return;
  }
  is_cut_due_ = true;
  turn_end_->schedule();
}

void ClientCore::give_back_soon() noexcept {
  if (!closing_ && !give_back_due_.is_queued()) {
    deadlines_.set(give_back_due_, loop_.now() + kGiveBackAfter);
  }
}

// Brokers move, and so do NameServers: what no route and no option names any more goes.
void ClientCore::give_back_connections() noexcept {
  connection_news_.forget_unnamed();
  const bool brokers_left = endpoints_.give_back();
  const bool name_servers_left = name_server_endpoints_.give_back();
  if (brokers_left || name_servers_left) give_back_soon();
}

void ClientCore::on_wake_up() {
  inbox_.run_all();
  if (closing_) turn_end_->schedule();
}

// The last steps of closing are taken here and not where their conditions come true. That may be in
// the middle of the inbox, and whatever was accepted before the end is run before the end. The
// steps are taken a round later, so that connections have tried to write the members' last
// requests. These are the offsets of answered messages, and that the members leave their groups.
void ClientCore::on_turn_end() {
  outbox_.flush();
  if (!closing_ || !close_done_ || !(members_.empty() || is_cut_due_)) return;
  if (!std::exchange(has_last_words_written_, true)) {
    turn_end_->schedule();
    return;
  }
  if (std::exchange(is_cut_due_, false)) cut_connections();
  if (members_.empty() && inbox_.try_close()) finish_close();
}

void ClientCore::on_state_changed(cluster::Endpoint& endpoint, remoting::Connection& connection,
                                  remoting::ConnectionState from, remoting::ConnectionState to,
                                  const base::Error* cause) {
  const bool is_unused =
      to == remoting::ConnectionState::idle || to == remoting::ConnectionState::backing_off;
  if (is_unused) give_back_soon();
  try {
    tell_heartbeats(endpoint, connection, from, to, cause != nullptr);
  } catch (const std::bad_alloc&) {
    heartbeats_.renew_all();  // whichever broker it is
  }
  try {
    connection_news_.on_state_changed(endpoint, from, to, cause);
  } catch (const std::bad_alloc&) {
    // A log line or an error event may be lost.
  }
}

// A heartbeat without groups changes nothing at a broker, and brokers answer heartbeats while their
// store is stuck.
void ClientCore::on_silence(remoting::Connection& connection, base::Instant due) {
  if (connection.options().server_role != base::ServerRole::broker) return;
  protocol::HeartbeatData without_groups;
  without_groups.client_id = options_.client_id;
  signs_of_life_.ask({connection}, protocol::HeartbeatRequest{}, protocol::to_json(without_groups),
                     due, [](const auto&) {});
}

// Of primary connections to brokers.
void ClientCore::tell_heartbeats(cluster::Endpoint& endpoint,
                                 const remoting::Connection& connection,
                                 remoting::ConnectionState from, remoting::ConnectionState to,
                                 bool by_fault) {
  using remoting::ConnectionState;
  const bool is_opened = to == ConnectionState::open;
  const bool is_lost = from == ConnectionState::open && to != ConnectionState::closed;
  if (!is_opened && !is_lost) return;
  if (connection.options().server_role != base::ServerRole::broker) return;
  if (!endpoint.is_primary(connection)) return;
  if (is_opened) {
    heartbeats_.on_connected(endpoint);
  } else {
    heartbeats_.on_lost(endpoint, by_fault);
  }
}

// What the core serves itself, for all members.
struct ClientCore::OwnRequest {
  protocol::RequestCode code;
  void (ClientCore::*serve)(const wire::CommandView& command, ServerRequest& request);
};

// What is neither answered nor kept when this returns is refused.
void ClientCore::on_server_request(const wire::CommandView& command, const base::SlabRef& slab,
                                   remoting::Connection& connection) {
  static constexpr OwnRequest kOwn[] = {
      {protocol::RequestCode::NOTIFY_CONSUMER_IDS_CHANGED, &ClientCore::notify_members_changed},
  };
  ServerRequest request(command, slab, connection);
  for (const OwnRequest& own : kOwn) {
    if (static_cast<std::int32_t>(own.code) == command.code)
      return (this->*own.serve)(command, request);
  }
  for (const std::shared_ptr<Member>& each : members_) {
    const ServedRequest* line = each->served_requests().find(command);
    if (line == nullptr) continue;
    const std::shared_ptr<Member> member = each;  // which may go meanwhile
    line->serve(*member, command, request);
    return;
  }
}

void ClientCore::notify_members_changed(const wire::CommandView& command, ServerRequest& request) {
  const std::string_view group = command.field("consumerGroup").value_or("");
  tell_members([group](Member& member) { member.on_consumer_ids_changed(group); });
  request.answer({});
}

}  // namespace rmq::client
