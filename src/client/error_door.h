// Where the background errors of one handle go, when its user has asked for them (option events).
//
// What waits is bounded: an error that finds no room becomes no event, and the queue counts it.
// Loop thread only.
#pragma once

#include <cstdint>
#include <memory>

#include "config/config.h"
#include "event/error_event.h"
#include "event/event_queue.h"

namespace rmq::client {

class ClientCore;

// What the option `events` says; `by_default` is what its word `default` means for this handle.
bool wants_errors(const config::Config& config, bool by_default);

class ErrorDoor {
 public:
  ErrorDoor() = default;  // nobody asked
  ErrorDoor(std::shared_ptr<event::EventQueue> queue, event::Tag tag);

  bool is_open() const { return queue_ != nullptr; }
  // False: it became no event.
  bool tell(ClientCore& core, const base::Error& error) noexcept;

 private:
  std::shared_ptr<event::EventQueue> queue_;
  std::shared_ptr<event::ErrorRoom> room_;
  event::Tag tag_;
};

}  // namespace rmq::client
