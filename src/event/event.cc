#include "event/event.h"

namespace rmq::event {

base::Status Event::answer(const Answer& answer) {
  return base::make_error(
      base::ErrorCode::WRONG_EVENT,
      answer.form == AnswerForm::text
          ? "this event is not a question that takes a text"
          : "this event is neither a delivery nor a transaction, which alone take such an answer");
}

void Event::set_error(base::Error error) noexcept {
  error_code_ = error.code;
  outcome_ = error.outcome;
  error_.reset(new (std::nothrow) base::Error(std::move(error)));
}

}  // namespace rmq::event
