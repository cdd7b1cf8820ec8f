// The one tail of calls that ask servers: timeout_ms, token, user_data, event, error. With an event
// the call blocks, without one its event goes to the queue of the handle.
#pragma once

#include "capi/edge.h"
#include "capi/handles.h"
#include "client/cold_call.h"
#include "client/control_operation.h"

namespace rmq::capi {

struct CallTail {
  std::int64_t timeout_ms = 0;
  std::uint64_t token = 0;
  void* user_data = nullptr;
  rmq_event_t** event = nullptr;
};

// `make` gets the tag of the event and gives the call or what is wrong with its arguments.
template <typename Make>
base::Status run_cold_call(client::ColdCalls& calls, const CallTail& tail, Make make) {
  auto timeout = read_timeout(tail.timeout_ms);
  if (!timeout.ok()) return timeout.take_error();
  base::Result<client::OwnedColdCall> call = make(event::Tag{tail.token, tail.user_data});
  if (!call.ok()) return call.take_error();
  if (!tail.event) return calls.start(call.take_value(), timeout.value());
  auto ended = calls.wait(call.take_value(), timeout.value());
  if (!ended.ok()) return ended.take_error();
  event::Event* const event = ended.value();
  if (event->error_code() == base::ErrorCode::OK) {
    *tail.event = to_handle(event);
    return {};
  }
  struct Destroy {
    void operator()(event::Event* failed) const { failed->destroy(); }
  };
  const std::unique_ptr<event::Event, Destroy> failed(event);
  return client::status_of(*failed);
}

}  // namespace rmq::capi
