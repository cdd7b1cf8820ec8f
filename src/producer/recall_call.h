// One recall of a timer message: finds the broker that keeps it, and asks that broker.
#pragma once

#include <string>
#include <string_view>

#include "client/cold_call.h"
#include "client/route_wait.h"
#include "protocol/recall_handle.h"

namespace rmq::producer {

class RecallCall final : public client::ColdCall {
 public:
  // TOPIC_ILLEGAL, and ARGUMENT for a handle that cannot be read or is of another topic. `group` is
  // the producer's and outlives the call's work.
  static base::Result<client::OwnedColdCall> make(client::ColdCalls& calls, std::string_view group,
                                                  std::string_view topic,
                                                  std::string_view recall_handle, event::Tag tag);

 private:
  RecallCall(client::ColdCalls& calls, event::Tag tag, std::string_view group, std::string text,
             protocol::RecallHandle handle);

  void begin() override;
  void leave() noexcept override;
  void ask(const cluster::Route& route);
  base::Error explain(base::Error error) const;

  const std::string_view group_;
  const std::string text_;  // the handle as it came
  const protocol::RecallHandle handle_;
  client::RouteWait route_;
  cluster::EndpointPtr broker_;
};

}  // namespace rmq::producer
