#include "event/event.h"

namespace rmq::event {

base::Status Event::answer_text(std::string_view) {
  return base::make_error(base::ErrorCode::WRONG_EVENT,
                          "this event is not a question that takes a text");
}

base::Status Event::answer(AnswerKind, std::int32_t) {
  return base::make_error(base::ErrorCode::WRONG_EVENT,
                          "this event is not a delivery, which alone takes such an answer");
}

base::Status Event::answer_each(base::Bytes, std::int32_t) {
  return answer(AnswerKind::success, 0);
}

void Event::set_error(base::Error error) noexcept {
  error_code_ = error.code;
  outcome_ = error.outcome;
  error_.reset(new (std::nothrow) base::Error(std::move(error)));
}

}  // namespace rmq::event
