#include "producer/transaction_check.h"

#include <limits>
#include <new>

#include "client/batch_decoder.h"

namespace rmq::producer {

void TransactionCheck::destroy() noexcept {
  question_->give_up();
  delete this;
}

// Without memory nobody sees the event, and the broker asks again.
bool TransactionCheck::take() noexcept {
  if (!question_->take()) return false;
  try {
    client::BatchDecoder::Limits limits;
    limits.body_bytes_max = content_.body_bytes_max;
    limits.piece_bytes = std::numeric_limits<std::size_t>::max();
    limits.piece_messages = 1;
    client::BatchDecoder::Asked asked;
    asked.broker_name = std::move(content_.broker_name);
    asked.is_whole_list = true;
    client::BatchDecoder decoder(std::move(content_.slab), content_.stored, limits,
                                 std::move(asked));
    batch_ = decoder.next_piece();
  } catch (const std::bad_alloc&) {
    return false;
  }
  if (batch_->size() == 0) return false;
  message_ = &(*batch_)[0];
  return true;
}

event::EventParts TransactionCheck::parts() const {
  event::EventParts parts;
  if (message_ != nullptr) {
    const message::MessageFields fields = message_->fields();
    parts.messages = {&message_, 1};
    parts.topic = fields.topic;
    parts.message_id = fields.message_id;
  }
  parts.wants_answer = true;
  return parts;
}

}  // namespace rmq::producer
