#include "client/error_door.h"

#include "client/client_core.h"
#include "config/option_choices.h"

namespace rmq::client {

bool wants_errors(const config::Config& config, bool by_default) {
  const auto asked = static_cast<config::AskedEvents>(config.choice(config::OptionId::kEvents));
  return asked == config::AskedEvents::kDefault ? by_default : asked == config::AskedEvents::kError;
}

ErrorDoor::ErrorDoor(std::shared_ptr<event::EventQueue> queue, event::Tag tag)
    : queue_(std::move(queue)), room_(std::make_shared<event::ErrorRoom>()), tag_(tag) {}

bool ErrorDoor::tell(ClientCore& core, const base::Error& error) noexcept {
  if (!is_open()) return false;
  if (!room_->enter()) {
    queue_->note_dropped();
    return false;
  }
  try {
    base::Error told = error;
    if (told.client_id.empty()) told.client_id = core.options().client_id;
    core.deliver(queue_, new event::ErrorEvent(std::move(told), tag_, room_));
    return true;
  } catch (const std::bad_alloc&) {
    room_->leave();
    queue_->note_dropped();
    return false;
  }
}

}  // namespace rmq::client
