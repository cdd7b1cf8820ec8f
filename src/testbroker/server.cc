#include "testbroker/server.h"

#include <algorithm>
#include <utility>

#include "testbroker/changed_answer.h"
#include "testbroker/handler_table.h"

namespace rmq::testbroker {
namespace {

transport::SocketAddress choose_address(const ServerOptions& options) {
  transport::SocketAddress address = options.listen_address;
  if (address == transport::SocketAddress{.port = address.port}) {
    transport::SocketAddress::parse_literal("127.0.0.1", address.port, &address);
  }
  return address;
}

std::string make_name(const ServerOptions& options) {
  if (!options.broker) return std::string(kNamesrvName);
  if (options.broker_id == 0) return options.broker_name;
  return options.broker_name + "-s" + std::to_string(options.broker_id);
}

}  // namespace

Server::Server(transport::Loop& loop, ServerOptions options)
    : loop_(loop),
      options_(std::move(options)),
      name_(make_name(options_)),
      routes_(options_.shared_routes != nullptr ? *options_.shared_routes : own_routes_),
      schedule_(loop),
      comeback_(loop),
      turn_end_(loop.make_turn_end_task(*this)),
      address_(choose_address(options_)) {
  make_state();
}

Server::~Server() { stop(); }

void Server::make_state() {
  if (state_) state_->withdraw_topics();
  Peers& peers = *this;
  state_ = std::make_unique<ServerState>(options_, quirks_, loop_, routes_, peers);
  state_->store_host = address_;
  state_->replicator = replicator_;
}

void Server::set_replicator(Replicator* replicator) {
  replicator_ = replicator;
  state_->replicator = replicator;
}

// --- Life --------------------------------------------------------------------------------------

base::Status Server::listen() {
  if (listener_) return {};
  auto listener =
      options_.listen ? options_.listen(loop_, address_, *this) : loop_.listen(address_, *this);
  if (!listener.ok()) return listener.take_error();
  listener_ = listener.take_value();
  address_ = listener_->address();
  state_->store_host = address_;
  return {};
}

base::Status Server::start() {
  if (listener_) return {};
  if (auto status = listen(); !status.ok()) return status;
  join_routes();
  is_up_ = true;
  state_->set_asleep(paused_);
  if (replicator_ != nullptr && !paused_) replicator_->on_up(*this);
  return {};
}

void Server::join_routes() {
  if (!options_.broker) return;
  routes_.put_broker({.cluster_name = options_.cluster_name,
                      .broker_name = options_.broker_name,
                      .broker_id = options_.broker_id,
                      .address = options_.advertised_address.empty()
                                     ? address_.to_text()
                                     : options_.advertised_address});
}

void Server::leave_routes() { routes_.remove_broker(options_.broker_name, options_.broker_id); }

void Server::stop_listening() { listener_.reset(); }

void Server::cut_connections() {
  for (auto& [number, connection] : connections_) {
    connection->close();
    state_->remove_connection(number);
    ended_.push_back(std::move(connection));
  }
  connections_.clear();
  open_requests_.clear();
  turn_end_->schedule();
}

void Server::stop() {
  stop_listening();
  cut_connections();
  comeback_.clear();
  held_.clear();
  delayed_.clear();
  waiting_bytes_ = 0;
  paused_ = false;
  is_up_ = false;
  state_->set_asleep(true);
}

void Server::refuse(base::Duration duration) {
  if (!is_up_) return;
  stop_listening();
  come_back_after(duration, [this] { come_back(&Server::listen); });
}

void Server::crash(base::Duration down_for, Memory memory) {
  stop();
  come_back_after(down_for, [this, memory] {
    if (listener_) return;
    if (memory == Memory::lost) make_state();
    come_back(&Server::start);
  });
}

void Server::jump_clock(base::milliseconds by) {
  quirks_.wall_offset_ms += by.count();
  state().timers.deliver_due();
}

void Server::come_back_after(base::Duration delay, std::function<void()> action) {
  comeback_.clear();
  comeback_.after(delay, std::move(action));
}

// Somebody else may have taken the port; it is waited for.
void Server::come_back(base::Status (Server::*act)()) {
  constexpr std::chrono::milliseconds kRetryAfter(100);
  if (listener_) return;
  const base::Status status = (this->*act)();
  if (status.ok()) return;
  ++counts_.failed_starts;
  last_end_ = status.error().message;
  come_back_after(kRetryAfter, [this, act] { come_back(act); });
}

void Server::lose_memory() {
  stop();
  make_state();
}

void Server::pause() {
  if (!is_up_) return;
  paused_ = true;
  state_->set_asleep(true);
  for (auto& [number, connection] : connections_) {
    connection->pause(ServerConnection::Pause::server_paused);
  }
}

void Server::resume() {
  if (!paused_) return;
  paused_ = false;
  state_->set_asleep(false);
  if (replicator_ != nullptr) replicator_->on_up(*this);
  std::vector<std::uint64_t> numbers;  // reading may end connections
  for (const auto& [number, connection] : connections_) numbers.push_back(number);
  for (const std::uint64_t number : numbers) {
    if (auto* connection = find(number)) {
      connection->resume(ServerConnection::Pause::server_paused);
    }
  }
}

// --- Connections -------------------------------------------------------------------------------

void Server::on_accept(std::unique_ptr<transport::ByteStream> stream) {
  const std::uint64_t number = ++counts_.connections;
  auto& connection = connections_[number];
  ServerConnectionHandler& handler = *this;
  connection =
      std::make_unique<ServerConnection>(number, std::move(stream), options_.limits, handler);
  if (paused_) connection->pause(ServerConnection::Pause::server_paused);
  apply_to_connection(*connection, script_.next_for_connection(number, loop_.random()));
}

void Server::apply_to_connection(ServerConnection& connection, const Fault& fault) {
  if (fault.stall_reading > base::Duration{0}) stall(connection, fault.stall_reading);
  if (fault.answer == Fault::Answer::garbage) connection.send(make_garbage(fault.garbage_bytes));
  if (fault.cut_after) connection.cut_after_output(*fault.cut_after);
  if (fault.read_rate) connection.set_read_rate(*fault.read_rate);
  if (fault.go_dumb) silence(connection);
  run_later(fault.command);
  if (fault.crash) crash(*fault.crash, fault.memory_after_crash);
}

void Server::stall(ServerConnection& connection, base::Duration duration) {
  connection.pause(ServerConnection::Pause::stalled);
  schedule_.after(duration, [this, number = connection.number()] {
    if (auto* stalled = find(number)) stalled->resume(ServerConnection::Pause::stalled);
  });
}

void Server::on_slow_read(ServerConnection& connection, base::Duration rest) {
  schedule_.after(rest, [this, number = connection.number()] {
    if (auto* slow = find(number)) slow->resume(ServerConnection::Pause::slow);
  });
}

// Nobody hears of the end of a dumb connection, so that there is a bound for them.
void Server::silence(ServerConnection& connection) {
  constexpr std::int64_t kDumbMax = 1000;
  const auto dumb = std::count_if(connections_.begin(), connections_.end(),
                                  [](const auto& entry) { return entry.second->is_dumb(); });
  if (dumb < kDumbMax) {
    connection.go_dumb();
  } else {
    connection.cut_when_written();
  }
}

void Server::run_later(const std::string& command) {
  if (command.empty() || !run_command_) return;
  schedule_.after(base::Duration{0}, [this, command] { run_command_(command); });
}

void Server::on_output(ServerConnection& connection) {
  if (with_output_.empty() || with_output_.back() != connection.number()) {
    with_output_.push_back(connection.number());
  }
  turn_end_->schedule();
}

void Server::on_turn_end() {
  state_->run_turn_end();
  std::vector<std::uint64_t> numbers;
  numbers.swap(with_output_);
  for (const std::uint64_t number : numbers) {
    if (auto* connection = find(number)) connection->flush();
  }
  std::vector<std::unique_ptr<ServerConnection>> ended;
  ended.swap(ended_);
}

void Server::on_output_full(ServerConnection& connection) {
  schedule_.after(options_.limits.output_stall_max,
                  [this, number = connection.number(), before = connection.bytes_written()] {
                    watch_output(number, before);
                  });
}

void Server::watch_output(std::uint64_t number, std::uint64_t bytes_written) {
  auto* connection = find(number);
  if (connection == nullptr || connection->bytes_waiting() == 0 || paused_) return;
  if (connection->bytes_written() != bytes_written) return;  // a later pause is watched anew
  cut(number, "the client does not read");
}

void Server::cut(std::uint64_t number, std::string_view why) {
  auto* connection = find(number);
  if (connection == nullptr) return;
  if (connection->is_dumb()) {
    state_->remove_connection(number);
    return;
  }
  connection->close();
  on_end(*connection, why);
}

void Server::on_end(ServerConnection& connection, std::string_view why) {
  last_end_ = why;
  bury(connection.number());
}

void Server::bury(std::uint64_t number) {
  const auto entry = connections_.find(number);
  if (entry == connections_.end()) return;
  ended_.push_back(std::move(entry->second));
  connections_.erase(entry);
  state_->remove_connection(number);
  std::erase_if(open_requests_,
                [number](const auto& open) { return open.second.connection == number; });
  turn_end_->schedule();
}

ServerConnection* Server::find(std::uint64_t number) {
  const auto entry = connections_.find(number);
  return entry == connections_.end() ? nullptr : entry->second.get();
}

const ServerConnection* Server::find_connection(std::uint64_t number) const {
  const auto entry = connections_.find(number);
  return entry == connections_.end() ? nullptr : entry->second.get();
}

// --- Requests ----------------------------------------------------------------------------------

wire::Serialization Server::choose_serialization(const wire::CommandView& request) const {
  switch (options_.answers) {
    case AnswerEncoding::as_request:
      return request.serialization;
    case AnswerEncoding::json:
      return wire::Serialization::json;
    case AnswerEncoding::rocketmq:
      return wire::Serialization::rocketmq;
    case AnswerEncoding::by_version:
      break;
  }
  return options_.is_5x() ? wire::Serialization::json : request.serialization;
}

void Server::on_frame(ServerConnection& connection, const wire::CommandView& request) {
  if (request.is_response()) {
    ++counts_.responses;
    return;
  }
  count(request.code);
  const Fault fault = script_.next_for_request(request.code, connection.number(), loop_.random());

  wire::Command answer;
  answer.serialization = choose_serialization(request);
  answer.language = wire::Language::java;
  answer.version = options_.version;
  answer.opaque = request.opaque;
  answer.flag = wire::kFlagResponse;
  Handled handled = Handled::answered;
  const std::uint64_t ticket = counts_.requests;
  if (fault.work) {
    handled = find_handler(request.code, options_)({request, connection.number(), *state_, ticket},
                                                   &answer);
  }
  // Nobody has told an answer that was thrown how it was asked for.
  if (options_.answers == AnswerEncoding::by_version && answer.remark &&
      is_thrown(static_cast<protocol::ResponseCode>(answer.code), *answer.remark)) {
    answer.serialization = wire::Serialization::json;
  }
  if (fault.stall_reading > base::Duration{0}) stall(connection, fault.stall_reading);
  if (fault.read_rate) connection.set_read_rate(*fault.read_rate);
  run_later(fault.command);
  if (fault.go_dumb) {
    silence(connection);
    return;
  }
  if (fault.crash) {
    crash(*fault.crash, fault.memory_after_crash);
    return;
  }
  if (handled == Handled::silent || request.is_oneway() || fault.answer == Fault::Answer::none) {
    if (fault.cut_after || fault.cut_half) connection.cut_when_written();
    return;
  }
  if (handled == Handled::later) {
    answer.remark.reset();
    answer.fields.clear();
    // Whoever was kept waiting is answered in JSON, by 4.9 too.
    if (options_.answers == AnswerEncoding::by_version) {
      answer.serialization = wire::Serialization::json;
    }
    open_requests_.insert_or_assign(ticket,
                                    OpenRequest{connection.number(), std::move(answer), fault});
    return;
  }
  send_answer(connection, answer, fault);
}

void Server::answer_later(std::uint64_t ticket, wire::Command answer) {
  auto open = open_requests_.extract(ticket);
  if (open.empty()) return;
  OpenRequest& request = open.mapped();
  request.answer.code = answer.code;
  request.answer.remark = std::move(answer.remark);
  request.answer.fields = std::move(answer.fields);
  request.answer.body = std::move(answer.body);
  request.fault.delay += quirks_.late_polls;  // nothing but long polls is answered later
  if (auto* connection = find(request.connection)) {
    send_answer(*connection, request.answer, request.fault);
  }
}

bool Server::push_oneway(std::uint64_t connection, wire::Command request) {
  request.serialization = options_.answers == AnswerEncoding::rocketmq
                              ? wire::Serialization::rocketmq
                              : wire::Serialization::json;
  request.language = wire::Language::java;
  request.version = options_.version;
  request.opaque = ++last_opaque_;
  request.flag = wire::kFlagOneway;
  return push(connection, request);
}

void Server::count(std::int32_t code) {
  constexpr std::size_t kCodesMax = 1000;
  ++counts_.requests;
  auto& by_code = counts_.requests_by_code;
  if (by_code.size() < kCodesMax || by_code.contains(code)) ++by_code[code];
}

void Server::send_answer(ServerConnection& connection, const wire::Command& answer,
                         const Fault& fault) {
  static const Fault kNone;
  if (fault == kNone) {
    ++counts_.answers;
    connection.answer(answer);
    return;
  }
  WaitingAnswer shaped = shape(connection.number(), answer, fault);
  if (fault.hold || fault.delay > base::Duration{0}) {
    wait(std::move(shaped), fault);
  } else {
    deliver(shaped);
  }
}

Server::WaitingAnswer Server::shape(std::uint64_t connection, const wire::Command& answer,
                                    const Fault& fault) {
  WaitingAnswer shaped;
  shaped.connection = connection;
  shaped.out_of_order = fault.out_of_order;
  if (fault.answer == Fault::Answer::garbage) {
    shaped.bytes = make_garbage(fault.garbage_bytes);
  } else {
    wire::append_frame(change_answer(answer, fault), &shaped.bytes);
  }
  const std::size_t once = shaped.bytes.size();
  for (std::int32_t copy = 1; copy < fault.copies; ++copy) {
    shaped.bytes.append(shaped.bytes.data(), once);
  }
  shaped.cut = fault.cut_after || fault.cut_half;
  const std::size_t kept =
      fault.cut_half ? once / 2 : fault.cut_after.value_or(shaped.bytes.size());
  if (kept < shaped.bytes.size()) shaped.bytes.resize(kept);
  return shaped;
}

void Server::wait(WaitingAnswer answer, const Fault& fault) {
  if (waiting_bytes_ + answer.bytes.size() > options_.limits.waiting_bytes_max) return;
  waiting_bytes_ += answer.bytes.size();
  if (fault.hold) {
    held_.push_back(std::move(answer));
    return;
  }
  const std::uint64_t number = ++last_delayed_;
  delayed_.emplace(number, std::move(answer));
  schedule_.after(fault.delay, [this, number] {
    const auto waiting = delayed_.extract(number);
    if (waiting.empty()) return;
    waiting_bytes_ -= waiting.mapped().bytes.size();
    deliver(waiting.mapped());
  });
}

void Server::deliver(const WaitingAnswer& answer) {
  auto* connection = find(answer.connection);
  if (connection == nullptr) return;
  ++counts_.answers;
  if (answer.out_of_order) {
    constexpr std::chrono::seconds kNextAnswerMax(1);
    connection->send_behind_next(answer.bytes);
    schedule_.after(kNextAnswerMax, [this, number = answer.connection] {
      if (auto* waiting = find(number)) waiting->release_set_aside();
    });
  } else {
    connection->send(answer.bytes);
  }
  if (answer.cut) connection->cut_when_written();
}

void Server::release_held(Release order) {
  std::vector<WaitingAnswer> released;
  released.swap(held_);
  if (order == Release::reversed) std::reverse(released.begin(), released.end());
  for (const WaitingAnswer& answer : released) {
    waiting_bytes_ -= answer.bytes.size();
    deliver(answer);
  }
}

bool Server::push(std::uint64_t connection, const wire::Command& command) {
  auto* target = find(connection);
  if (target == nullptr) return false;
  target->answer(command);
  return true;
}

std::string Server::make_garbage(std::size_t bytes) {
  std::string garbage(bytes, '\0');
  for (char& byte : garbage) byte = static_cast<char>(loop_.random().next());
  return garbage;
}

}  // namespace rmq::testbroker
