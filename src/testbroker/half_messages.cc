#include "testbroker/half_messages.h"

#include <utility>
#include <vector>

#include "base/decimal.h"
#include "protocol/properties.h"
#include "protocol/request_frame.h"
#include "protocol/sys_flag.h"
#include "testbroker/property_text.h"
#include "testbroker/server_state.h"
#include "testbroker/stored_message.h"

namespace rmq::testbroker {

using protocol::ResponseCode;
using protocol::TransactionState;

namespace {

constexpr std::string_view kPropertyTransactionId = "__transactionId__";
constexpr std::string_view kPropertyCheckTimes = "TRANSACTION_CHECK_TIMES";
// Where messages go about which the broker has asked too often.
constexpr std::string_view kGivenUpTopic = "TRANS_CHECK_MAX_TIME_TOPIC";

std::int32_t with_state(std::int32_t sys_flag, TransactionState state) {
  return (sys_flag & ~protocol::kSysFlagTransactionMask) | static_cast<std::int32_t>(state);
}

// A half message as its sender meant it.
Message restore(const Message& half) {
  Message message = half;
  message.topic = half.property(protocol::kPropertyRealTopic);
  message.queue_id = base::parse_int32(half.property(protocol::kPropertyRealQueueId)).value_or(0);
  return message;
}

}  // namespace

HalfMessages::HalfMessages(ServerState& state)
    : state_(state), timer_(state.loop.make_timer(*this)) {}

// A committed message keeps the mark; a consumer that sends it back sends no half message.
bool HalfMessages::is_half(const Message& message) {
  const bool comes_again =
      message.reconsume_times > 0 && !message.property(protocol::kPropertyDelay).empty();
  return !comes_again && message.property(protocol::kPropertyTransactionPrepared) == "true";
}

const Message& HalfMessages::add(Message message) {
  const std::string unique(message.property(protocol::kPropertyUniqKey));
  if (state_.options.is_5x() && !unique.empty())
    put_property(kPropertyTransactionId, unique, &message.properties);
  put_property(protocol::kPropertyRealTopic, message.topic, &message.properties);
  put_property(protocol::kPropertyRealQueueId, std::to_string(message.queue_id),
               &message.properties);
  message.topic = protocol::kHalfTopic;
  message.queue_id = 0;
  message.sys_flag = with_state(message.sys_flag, TransactionState::unknown);
  const Message& kept = state_.append_now(std::move(message));
  waiting_[kept.queue_offset] = {.since = state_.loop.now()};
  // The store keeps a bounded number of them, and so does this.
  waiting_.erase(waiting_.begin(),
                 waiting_.lower_bound(state_.store.min_offset(protocol::kHalfTopic, 0)));
  arm_timer();
  return kept;
}

Refusal HalfMessages::end(const protocol::EndTransactionRequest& request) {
  const Message* half = state_.store.find_at(request.commit_log_offset, protocol::kHalfTopic);
  if (half == nullptr)
    return {ResponseCode::SYSTEM_ERROR, "Find prepared transaction message failed"};
  if (half->property(protocol::kPropertyProducerGroup) != request.producer_group)
    return {ResponseCode::SYSTEM_ERROR, "The producer group wrong"};
  if (half->queue_offset != request.tran_state_table_offset)
    return {ResponseCode::SYSTEM_ERROR, "The transaction state table offset wrong"};
  waiting_.erase(half->queue_offset);
  if (request.state == TransactionState::rollback)
    return {ResponseCode::SUCCESS, "not set any response code"};
  Message message = restore(*half);
  message.sys_flag = with_state(message.sys_flag, TransactionState::commit);
  message.prepared_transaction_offset = request.commit_log_offset;
  message.store_ms = half->store_ms;
  if (state_.options.is_5x()) {  // 4.9 leaves them
    remove_property(protocol::kPropertyRealTopic, &message.properties);
    remove_property(protocol::kPropertyRealQueueId, &message.properties);
  }
  state_.append_now(std::move(message));
  return {};
}

void HalfMessages::on_timer() {
  round_due_ = base::kNever;
  ask_round();
  arm_timer();
}

void HalfMessages::ask_round() {
  if (state_.is_asleep() || !state_.is_master()) return;
  const base::Instant now = state_.loop.now();
  const std::map<std::int64_t, Waiting> all = waiting_;
  for (const auto& [queue_offset, waiting] : all) {
    if (now - waiting.since >= state_.options.transaction_timeout) ask_about(queue_offset, waiting);
  }
}

void HalfMessages::ask_about(std::int64_t queue_offset, Waiting waiting) {
  const Message* half = state_.store.find(protocol::kHalfTopic, 0, queue_offset);
  waiting_.erase(queue_offset);
  if (half == nullptr) return;
  if (waiting.checks >= state_.options.transaction_check_max) {
    give_up(*half);
    return;
  }
  ++waiting.checks;
  Message again = *half;
  put_property(kPropertyCheckTimes, std::to_string(waiting.checks), &again.properties);
  const Message& kept = state_.append_now(std::move(again));
  waiting_[kept.queue_offset] = waiting;
  ask(kept);
}

void HalfMessages::give_up(const Message& half) {
  Message message = half;
  message.topic = kGivenUpTopic;
  message.queue_id = 0;
  state_.append_now(std::move(message));
}

bool HalfMessages::ask(const Message& half) {
  const std::vector<std::uint64_t> connections =
      state_.clients.producer_connections(half.property(protocol::kPropertyProducerGroup));
  if (connections.empty()) return false;
  const std::string unique(half.property(protocol::kPropertyUniqKey));
  const std::string offset_id = make_offset_message_id(half.store_host, half.commit_log_offset);
  protocol::CheckTransactionStateRequest question;
  question.tran_state_table_offset = half.queue_offset;
  question.commit_log_offset = half.commit_log_offset;
  question.msg_id = question.transaction_id = unique;
  question.offset_msg_id = offset_id;
  if (state_.options.is_5x()) {
    question.topic = half.topic;
    question.broker_name = state_.options.broker_name;
  }
  wire::Command command;
  command.code = static_cast<std::int32_t>(question.kCode);
  protocol::CommandFields fields(&command);
  question.write_fields(&fields);
  std::string body;
  if (!append_stored_message(restore(half), &body).ok()) return false;
  command.body = body;
  ++asked_;
  return state_.peers.push_oneway(connections[turn_++ % connections.size()], std::move(command));
}

void HalfMessages::take_over(const HalfMessages& other) {
  clear();
  const std::int64_t end = state_.store.max_offset(protocol::kHalfTopic, 0);
  for (const auto& [queue_offset, waiting] : other.waiting_) {
    if (queue_offset < end) waiting_[queue_offset] = waiting;
  }
  arm_timer();
}

void HalfMessages::clear() {
  waiting_.clear();
  round_due_ = base::kNever;
  timer_->disarm();
}

void HalfMessages::arm_timer() {
  if (waiting_.empty() || state_.is_asleep()) return;
  if (round_due_ == base::kNever)
    round_due_ = state_.loop.now() + state_.options.transaction_check_interval();
  timer_->arm(round_due_);
}

}  // namespace rmq::testbroker
