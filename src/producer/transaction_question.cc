#include "producer/transaction_question.h"

#include "base/transition.h"

namespace rmq::producer {

using base::ErrorCode;
using base::make_error;
using event::AnswerKind;

namespace {

base::Status check_verdict(const event::Answer& answer) {
  if (answer.form != event::AnswerForm::whole) {
    return make_error(ErrorCode::WRONG_EVENT,
                      "a transaction takes one answer: commit, rollback or unknown");
  }
  if (answer.kind != AnswerKind::commit && answer.kind != AnswerKind::rollback &&
      answer.kind != AnswerKind::unknown) {
    return make_error(
        ErrorCode::ARGUMENT,
        "answer is " + std::to_string(static_cast<std::int32_t>(answer.kind)) +
            ", expected RMQ_ANSWER_COMMIT, RMQ_ANSWER_ROLLBACK or RMQ_ANSWER_UNKNOWN");
  }
  if (answer.value != 0) {
    return make_error(ErrorCode::ARGUMENT,
                      "value is " + std::to_string(answer.value) + ", expected 0 for this answer");
  }
  return {};
}

base::Status make_stale_error() {
  return make_error(
      ErrorCode::STALE,
      "the transaction has ended, the producer is closed, or the answer came too late",
      "while a transaction has not ended, the broker asks a member of the group again");
}

}  // namespace

// Whoever makes a transition is the one that it was up to.
bool TransactionQuestion::change_state(State from, State to) noexcept {
  State expected = from;
  if (!state_.compare_exchange_strong(expected, to)) return false;
  base::note_transition("TransactionQuestion", from, to);
  return true;
}

base::Status TransactionQuestion::answer(const event::Answer& answer) {
  if (auto status = check_verdict(answer); !status.ok()) return status;
  const std::shared_ptr<client::Host> host = host_.lock();
  if (host && host->is_forked())
    return make_error(ErrorCode::FORKED, "the transaction was begun in the parent process");
  if (!host || !change_state(State::open, State::answered)) {
    if (state() == State::answered)
      return make_error(ErrorCode::ALREADY_ANSWERED, "the transaction's event was answered before");
    return make_stale_error();
  }
  kind_ = answer.kind;
  if (post(*host)) return {};
  state_ = State::stale;
  return make_stale_error();
}

void TransactionQuestion::give_up() noexcept {
  const std::shared_ptr<client::Host> host = host_.lock();
  if (!host || host->is_forked()) return;
  if (change_state(State::open, State::answered) || change_state(State::queued, State::answered))
    post(*host);
}

bool TransactionQuestion::post(client::Host& host) noexcept {
  in_inbox_ = shared_from_this();
  if (host.core().post(*this)) return true;
  in_inbox_.reset();
  return false;
}

void TransactionQuestion::run_on_loop() noexcept {
  const std::shared_ptr<TransactionQuestion> keep = std::move(in_inbox_);
  if (handler_ != nullptr) handler_->on_answered(*this);
}

}  // namespace rmq::producer
