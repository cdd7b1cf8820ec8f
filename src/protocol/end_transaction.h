// END_TRANSACTION (37): how a half message ends. CHECK_TRANSACTION_STATE (39): a broker asks how
// (protocol.md 12.1). Both are one-way. Views point into memory of the caller.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "protocol/empty_response.h"
#include "protocol/request_code.h"
#include "wire/command.h"

namespace rmq::protocol {

// Where brokers keep half messages.
inline constexpr std::string_view kHalfTopic = "RMQ_SYS_TRANS_HALF_TOPIC";

// Numbers of the protocol, which are the transaction bits of sysFlag.
enum class TransactionState : std::int32_t { unknown = 0, commit = 8, rollback = 12 };

struct EndTransactionRequest {
  static constexpr RequestCode kCode = RequestCode::END_TRANSACTION;
  using Response = EmptyResponse;

  std::string_view producer_group{};
  std::int64_t tran_state_table_offset = 0;  // the half message's queue offset
  std::int64_t commit_log_offset = 0;
  TransactionState state = TransactionState::unknown;
  bool is_from_check = false;
  std::string_view msg_id{};  // the message's unique id
  std::string_view transaction_id{};
  std::string_view topic{};
  std::string_view broker_name{};

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("producerGroup", producer_group);
    sink->field("tranStateTableOffset", tran_state_table_offset);
    sink->field("commitLogOffset", commit_log_offset);
    sink->field("commitOrRollback", static_cast<std::int32_t>(state));
    sink->field_bool("fromTransactionCheck", is_from_check);
    sink->field("msgId", msg_id);
    sink->field("transactionId", transaction_id);
    sink->field("topic", topic);
    sink->field("bname", broker_name);
  }
};

struct CheckTransactionStateRequest {
  static constexpr RequestCode kCode = RequestCode::CHECK_TRANSACTION_STATE;
  using Response = EmptyResponse;

  std::int64_t tran_state_table_offset = 0;
  std::int64_t commit_log_offset = 0;
  std::string_view msg_id{};
  std::string_view transaction_id{};
  std::string_view offset_msg_id{};
  std::string_view topic{};        // 5.x: the half topic; 4.9: empty
  std::string_view broker_name{};  // as topic

  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("tranStateTableOffset", tran_state_table_offset);
    sink->field("commitLogOffset", commit_log_offset);
    sink->field("msgId", msg_id);
    sink->field("transactionId", transaction_id);
    sink->field("offsetMsgId", offset_msg_id);
    sink->field("topic", topic);
    sink->field("bname", broker_name);
  }
};

base::Result<CheckTransactionStateRequest> parse_check_transaction_state(
    const wire::CommandView& request);

}  // namespace rmq::protocol
