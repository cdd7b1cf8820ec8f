// What stands behind each handle. Errors, events and messages are the C++ objects themselves under
// another name. The other handles hold a share of their object, so that handles may be destroyed in
// any order.
#pragma once

#include <memory>
#include <string>

#include "client/runtime.h"
#include "config/config.h"
#include "consumer/group_member.h"
#include "event/event.h"
#include "message/message.h"
#include "producer/destination.h"
#include "producer/outgoing_message.h"
#include "producer/producer.h"
#include "rocketmq_c.h"

struct rmq_config_s {
  rmq::config::Config config;
};

struct rmq_event_queue_s {
  std::shared_ptr<rmq::event::EventQueue> queue;
  std::shared_ptr<rmq::client::Runtime> runtime;
  bool is_default = false;
};

struct rmq_runtime_s {
  std::shared_ptr<rmq::client::Runtime> runtime;
  rmq_event_queue_s default_queue;
};

struct rmq_destination_s {
  std::shared_ptr<const rmq::producer::Destination> destination;
};

struct rmq_producer_s {
  std::shared_ptr<rmq::producer::Producer> producer;
};

struct rmq_consumer_s {
  std::shared_ptr<rmq::consumer::GroupMember> consumer;
};

namespace rmq::capi {

inline rmq_error_t* to_handle(base::Error* error) { return reinterpret_cast<rmq_error_t*>(error); }
inline const rmq_error_t* to_handle(const base::Error* error) {
  return reinterpret_cast<const rmq_error_t*>(error);
}
inline const base::Error* from_handle(const rmq_error_t* error) {
  return reinterpret_cast<const base::Error*>(error);
}
inline base::Error* from_handle(rmq_error_t* error) {
  return reinterpret_cast<base::Error*>(error);
}

inline rmq_event_t* to_handle(event::Event* event) { return reinterpret_cast<rmq_event_t*>(event); }
inline event::Event* from_handle(rmq_event_t* event) {
  return reinterpret_cast<event::Event*>(event);
}
inline const event::Event* from_handle(const rmq_event_t* event) {
  return reinterpret_cast<const event::Event*>(event);
}

inline rmq_message_t* to_handle(message::Message* message) {
  return reinterpret_cast<rmq_message_t*>(message);
}
inline const rmq_message_t* to_handle(const message::Message* message) {
  return reinterpret_cast<const rmq_message_t*>(message);
}
inline message::Message* from_handle(rmq_message_t* message) {
  return reinterpret_cast<message::Message*>(message);
}
inline const message::Message* from_handle(const rmq_message_t* message) {
  return reinterpret_cast<const message::Message*>(message);
}
// The message as one that can be changed and sent; null for a received one.
inline producer::OutgoingMessage* outgoing_from_handle(rmq_message_t* handle) {
  message::Message* message = from_handle(handle);
  return message->is_outgoing() ? static_cast<producer::OutgoingMessage*>(message) : nullptr;
}
inline const producer::OutgoingMessage* outgoing_from_handle(const rmq_message_t* handle) {
  const message::Message* message = from_handle(handle);
  return message->is_outgoing() ? static_cast<const producer::OutgoingMessage*>(message) : nullptr;
}

// What every producer and consumer is made from. The runtime must be there and of this process, and
// the queue one of its own. The config must be without options of other kinds of object.
base::Status check_child(const rmq_runtime_t* runtime, const rmq_config_t* config,
                         const rmq_event_queue_t* queue, config::Owner owner);

// In a forked child an inherited handle cannot be taken apart: threads that do not exist here may
// hold its locks. The handle's share of the object is left where it is, and only its own memory
// goes.
template <typename Object>
void leave_behind(std::shared_ptr<Object>& object) {
  new (std::nothrow) std::shared_ptr<Object>(object);
}

}  // namespace rmq::capi
