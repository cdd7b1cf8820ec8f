#include "client/control_operation.h"

namespace rmq::client {

void ControlOperation::fail_with_rest(ClientCore& core, base::ErrorCode code, std::size_t left,
                                      const char* what, const char* hint) noexcept {
  base::Error error = base::make_error_or_code(
      code, [&] { return base::make_error(code, std::to_string(left) + " " + what, hint); });
  error.count = static_cast<std::int64_t>(left);
  fail(core, std::move(error));
}

base::Status status_of(const event::Event& event) {
  if (event.error()) return base::Error(*event.error());
  if (event.error_code() == base::ErrorCode::OK) return {};
  return base::make_error(event.error_code(),
                          std::string(base::error_code_info(event.error_code()).sentence));
}

base::Status take_status(event::Event* event, base::ErrorCode late, const char* message) {
  struct Destroy {
    void operator()(event::Event* taken) const { taken->destroy(); }
  };
  const std::unique_ptr<event::Event, Destroy> taken(event);
  if (!taken) return base::make_error(late, message);
  return status_of(*taken);
}

base::Status wait_for(event::Waiter* waiter, base::Duration wait, base::ErrorCode late,
                      const char* message) {
  return take_status(waiter->wait(wait), late, message);
}

}  // namespace rmq::client
