// What the user says to an event that wants an answer.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace rmq::event {

// Numbers are part of the C ABI (RMQ_ANSWER_*). Others may come from the user.
enum class AnswerKind : std::int32_t {
  none = 0,
  reconsume_later = 1,
  success = 2,
  give_back = 3,  // not looked at: offered again, and not counted
  commit = 5,     // how a transaction ends
  rollback = 6,
  unknown = 7,
};

enum class AnswerForm : std::uint8_t { whole, each, text };

// Borrows what it shows.
struct Answer {
  AnswerForm form = AnswerForm::whole;
  AnswerKind kind = AnswerKind::none;  // of `whole`
  std::int64_t value = 0;              // its meaning depends on the kind; of messages to come again
  // Of `each`: bit i (byte i / 8, bit i % 8) is 1 when message i was consumed, 0 when it shall come
  // again.
  base::Bytes bits = {};
  std::string_view text = {};  // of `text`
};

}  // namespace rmq::event
