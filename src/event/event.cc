#include "event/event.h"

namespace rmq::event {

base::Status Event::answer_text(std::string_view) {
  return base::make_error(base::ErrorCode::WRONG_EVENT,
                          "this event is not a question that takes a text");
}

void Event::set_error(base::Error error) noexcept {
  error_code_ = error.code;
  outcome_ = error.outcome;
  error_.reset(new (std::nothrow) base::Error(std::move(error)));
}

}  // namespace rmq::event
