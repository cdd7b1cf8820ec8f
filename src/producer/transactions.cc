#include "producer/transactions.h"

#include <algorithm>
#include <cstring>

#include "producer/producer.h"
#include "producer/transaction_check.h"
#include "protocol/message_id.h"
#include "protocol/names.h"
#include "protocol/properties.h"
#include "protocol/stored_message.h"

namespace rmq::producer {

using base::ErrorCode;
using base::make_error;
using event::AnswerKind;
using protocol::TransactionState;

namespace {

// What may wait for the user's answers; a broker whose question finds no room asks again.
constexpr std::size_t kChecksMax = 2000;
constexpr std::size_t kCheckBytesMax = std::size_t{64} << 20;
constexpr base::Duration kLookInterval = std::chrono::milliseconds(500);
// Unique ids have 32 or 56 characters. Whoever writes longer ones is no client of ours.
constexpr std::size_t kKeyBytesMax = 255;

}  // namespace

client::ClientCore& Transactions::core() const { return producer_.host().core(); }

// --- Half messages ------------------------------------------------------------------------------

void Transactions::on_half_sent(SendOperation& send) noexcept {
  is_in_use_ = true;
  if (send.destination() && !send.destination()->is_by_route()) make_known(send.topic());
  if (send.error_code() != ErrorCode::OK) {
    send.drop_question();
    return;
  }
  try {
    keep_half(send);
  } catch (const std::bad_alloc&) {
    // Nobody could end it: the broker asks.
    send.drop_question();
    base::Error error = base::make_memory_error();
    error.outcome = base::Outcome::maybe_applied;
    send.fail(std::move(error));
  }
}

// Brokers ask groups that they know from heartbeats, which go where routes lead.
void Transactions::make_known(std::string_view topic) noexcept {
  try {
    producer_.router().use_topic(topic);
  } catch (const std::bad_alloc&) {
    // The next half message tries again.
  }
}

void Transactions::keep_half(SendOperation& send) {
  const event::SendResult& result = send.result();
  const auto id = protocol::parse_offset_id(result.offset_message_id);
  if (!id) {
    send.drop_question();
    base::Error error =
        make_error(ErrorCode::BAD_HEADER,
                   "the answer to a half message has no offset message id, so that the transaction "
                   "cannot be ended",
                   "the broker asks later how it ends");
    error.outcome = base::Outcome::maybe_applied;
    send.fail(std::move(error));
    return;
  }
  Place place = place_of(send, id->commit_log_offset);
  if (result.status != static_cast<std::int32_t>(protocol::SendStatus::ok)) {
    // What is not safely stored is no ground for a local transaction.
    send.drop_question();
    end(place, TransactionState::rollback);
    ended_.add(place.unique_id, TransactionState::rollback);
    return;
  }
  const std::string key = key_of(place);
  send.question()->attach(*this, key);
  Open& open = open_[key];
  if (!open.check) open.place = std::move(place);
  open.half = send.question();
}

Transactions::Place Transactions::place_of(const SendOperation& send,
                                           std::int64_t commit_log_offset) {
  const event::SendResult& result = send.result();
  Place place;
  place.unique_id = result.message_id;
  place.queue_offset = result.queue_offset;
  place.commit_log_offset = commit_log_offset;
  place.transaction_id = result.transaction_id.empty() ? result.message_id : result.transaction_id;
  place.topic = send.topic();
  place.broker_name = result.broker_name;
  if (send.destination() && !send.destination()->is_by_route()) {
    place.master = core().endpoints().intern(send.destination()->address);
  }
  return place;
}

// --- Checks -------------------------------------------------------------------------------------

void Transactions::check(const wire::CommandView& command, client::ServerRequest& request) {
  auto parsed = protocol::parse_check_transaction_state(command);
  protocol::StoredMessageReader reader(command.body);
  protocol::StoredMessageView message;
  if (!parsed.ok() || !reader.next(&message)) {
    const base::Error error = parsed.ok() ? reader.status().error() : parsed.error();
    producer_.troubles().note("transaction_check", {"", "", -1}, &error);
    return;
  }
  if (request.connection() == nullptr) return;
  Place place = place_of(parsed.value(), message, remoting::AnswerPath(*request.connection()));
  if (place.unique_id.size() > kKeyBytesMax) return;
  if (const auto state = ended_.find(place.unique_id)) {
    end(place, *state);
    return;
  }
  const std::string key = key_of(place);
  const auto known = open_.find(key);
  if (known == open_.end() || !known->second.check) {
    if (has_room(message.stored.size())) {
      ask_user(key, parsed.value(), message.stored);
    } else {
      drop(message);
    }
  }
  if (const auto open = open_.find(key); open != open_.end()) renew(open->second, std::move(place));
}

std::string Transactions::key_of(const Place& place) const {
  const auto known = open_.find(place.unique_id);
  if (known == open_.end()) return place.unique_id;
  const std::string& other = known->second.place.broker_name;
  const bool is_elsewhere =
      !other.empty() && !place.broker_name.empty() && other != place.broker_name;
  return is_elsewhere ? place.unique_id + "@" + place.broker_name : place.unique_id;
}

void Transactions::drop(const protocol::StoredMessageView& message) {
  producer_.note_dropped_check();
  const base::Error error =
      make_error(ErrorCode::QUEUE_FULL,
                 std::to_string(checks_) + " transaction checks with " +
                     std::to_string(check_bytes_) + " bytes wait for answers",
                 "take and answer RMQ_EVENT_TRANSACTION_CHECK; the broker asks again");
  producer_.troubles().note("transaction_check", {std::string(message.topic), "", -1}, &error);
}

Transactions::Place Transactions::place_of(const protocol::CheckTransactionStateRequest& check,
                                           const protocol::StoredMessageView& message,
                                           remoting::AnswerPath session) {
  Place place;
  place.unique_id = message.properties().find(protocol::kPropertyUniqKey).value_or(check.msg_id);
  if (place.unique_id.empty()) place.unique_id = protocol::offset_id_of(message);
  place.queue_offset = check.tran_state_table_offset;
  place.commit_log_offset = check.commit_log_offset;
  place.transaction_id = check.transaction_id;
  place.topic = check.topic;
  place.broker_name = check.broker_name;
  place.session = std::move(session);
  place.is_from_check = true;
  return place;
}

void Transactions::renew(Open& open, Place place) {
  open.place = std::move(place);
  if (!open.check) return;
  open.check_due = core().loop().now() + producer_.options().transaction_check_timeout;
  // Due times only grow, so that the first look is soon enough for all that came later.
  if (!checks_due_.is_queued()) core().deadlines().set(checks_due_, open.check_due);
}

bool Transactions::has_room(std::size_t bytes) const {
  if (checks_ == 0) return true;
  return checks_ < kChecksMax && check_bytes_ + bytes <= kCheckBytesMax;
}

void Transactions::ask_user(const std::string& key,
                            const protocol::CheckTransactionStateRequest& check,
                            base::Bytes stored) {
  TransactionCheck::Content content;
  content.slab = base::SlabRef::allocate(stored.size());
  std::memcpy(content.slab->data(), stored.data(), stored.size());
  content.stored = base::Bytes(content.slab->data(), stored.size());
  content.broker_name = check.broker_name;
  content.body_bytes_max = core().options().decompress_bytes_max;
  auto question = std::make_shared<TransactionQuestion>(producer_.share_host(),
                                                        TransactionQuestion::State::queued);
  question->attach(*this, key);
  Open& open = open_[key];
  event::Event* event = nullptr;
  try {
    event = new TransactionCheck(std::move(content), question, producer_.tag());
  } catch (const std::bad_alloc&) {
    if (!open.half) open_.erase(key);
    throw;
  }
  open.check = std::move(question);
  open.check_bytes = stored.size();
  ++checks_;
  check_bytes_ += stored.size();
  producer_.deliver_check(event);
}

void Transactions::drop_check(Open& open) noexcept {
  if (!open.check) return;
  open.check->detach();
  open.check.reset();
  open.check_due = base::kNever;
  --checks_;
  check_bytes_ -= std::exchange(open.check_bytes, 0);
}

// A look passes over all that is open, so that looks are not made for each check alone.
void Transactions::plan_checks() noexcept {
  if (checks_ == 0) {
    core().deadlines().clear(checks_due_);
    return;
  }
  base::Instant next = base::kNever;
  for (const auto& [key, open] : open_) {
    if (open.check) next = std::min(next, open.check_due);
  }
  core().deadlines().set(checks_due_, std::max(next, core().loop().now() + kLookInterval));
}

// The broker has asked somebody else since, or knows the end. An answer now would end a copy of the
// half message that the broker has given up.
void Transactions::on_deadline(remoting::Deadline&) {
  const base::Instant now = core().loop().now();
  for (auto place = open_.begin(); place != open_.end();) {
    const auto next = std::next(place);
    Open& open = place->second;
    if (open.check && open.check_due <= now) {
      if (!open.check->withdraw()) open.check->make_stale();
      drop_check(open);
      if (!open.half) open_.erase(place);
    }
    place = next;
  }
  discard_withdrawn();
  plan_checks();
}

void Transactions::discard_withdrawn() noexcept { producer_.discard_withdrawn(); }

// --- Ends ---------------------------------------------------------------------------------------

void Transactions::on_answered(TransactionQuestion& question) noexcept {
  const auto found = open_.find(question.key());
  if (found == open_.end()) return;
  Open& open = found->second;
  const std::shared_ptr<Producer> keep = producer_.shared_from_this();
  const AnswerKind kind = question.kind();
  if (kind == AnswerKind::commit || kind == AnswerKind::rollback) {
    const TransactionState state =
        kind == AnswerKind::commit ? TransactionState::commit : TransactionState::rollback;
    end(open.place, state);
    ended_.add(open.place.unique_id, state);
    settle(found);
    return;
  }
  // The broker asks again by itself; RocketMQ's clients tell it all the same.
  if (kind == AnswerKind::unknown) end(open.place, TransactionState::unknown);
  question.detach();
  if (open.half.get() == &question) open.half.reset();
  if (open.check.get() == &question) drop_check(open);
  if (!open.half && !open.check) open_.erase(found);
}

// Whatever else asked about this transaction has its answer too.
void Transactions::settle(Opens::iterator place) noexcept {
  Open& open = place->second;
  if (open.half) {
    open.half->make_stale();
    open.half->detach();
  }
  const bool is_withdrawn = open.check && open.check->withdraw();
  if (open.check && !is_withdrawn) open.check->make_stale();
  drop_check(open);
  open_.erase(place);
  if (is_withdrawn) discard_withdrawn();
}

void Transactions::end(const Place& place, TransactionState state) noexcept {
  try {
    remoting::Connection* connection = connection_to(place);
    if (connection == nullptr) {
      note_lost(place,
                make_error(ErrorCode::BROKER_NOT_AVAILABLE,
                           place.is_from_check ? "the connection of the check is over"
                                               : "no route names a master of the broker any more"));
      return;
    }
    protocol::EndTransactionRequest request;
    request.producer_group = producer_.options().group;
    request.tran_state_table_offset = place.queue_offset;
    request.commit_log_offset = place.commit_log_offset;
    request.state = state;
    request.is_from_check = place.is_from_check;
    request.msg_id = place.unique_id;
    request.transaction_id = place.transaction_id;
    request.topic = place.topic;
    request.broker_name = place.broker_name;
    auto made = std::make_unique<TransactionEnd>(
        *connection, core().decorator().make_frame(request, {}, cluster::Expects::nothing),
        core().loop().now() + producer_.send_timeout(), static_cast<TransactionEndHandler&>(*this));
    TransactionEnd& going = *made.release();
    ends_.push_back(going);
    going.submit();
  } catch (const std::bad_alloc&) {
    // The broker asks.
  }
}

remoting::Connection* Transactions::connection_to(const Place& place) {
  if (place.is_from_check) return place.session.connection();
  if (place.master) return &place.master->connection();
  for (const cluster::KnownBroker& broker : core().routes().known_brokers()) {
    if (broker.broker_id == protocol::kMasterId && broker.broker_name == place.broker_name)
      return &broker.endpoint->connection();
  }
  return nullptr;
}

void Transactions::note_lost(const Place& place, const base::Error& error) noexcept {
  try {
    producer_.troubles().note("end_transaction", {place.topic, place.broker_name, -1}, &error);
  } catch (const std::bad_alloc&) {
    // A line may be lost.
  }
}

void Transactions::on_end_over(TransactionEnd&, const base::Error* error) noexcept {
  const std::shared_ptr<Producer> keep = producer_.shared_from_this();
  if (error != nullptr) note_lost({}, *error);
  if (ends_.is_empty()) producer_.on_ends_over();
}

void Transactions::cancel_ends() noexcept {
  // An end whose bytes are being written leaves the list when the write is done.
  base::IntrusiveList<TransactionEnd, TransactionEnd> rest;
  while (TransactionEnd* each = ends_.pop_front()) rest.push_back(*each);
  while (TransactionEnd* each = rest.pop_front()) {
    ++cancelled_ends_;
    ends_.push_back(*each);
    each->cancel();
  }
}

void Transactions::close() noexcept {
  bool has_checks = false;
  for (auto& [key, open] : open_) {
    if (open.half) {
      open.half->make_stale();
      open.half->detach();
    }
    if (open.check) {
      has_checks = true;
      if (!open.check->withdraw()) open.check->make_stale();
      open.check->detach();
    }
  }
  open_.clear();
  ended_.clear();
  checks_ = check_bytes_ = 0;
  core().deadlines().clear(checks_due_);
  if (has_checks) discard_withdrawn();
}

}  // namespace rmq::producer
