// Asks which queues of a topic take messages.
#pragma once

#include <string>
#include <string_view>

#include "client/cold_call.h"
#include "client/route_wait.h"

namespace rmq::producer {

class QueuesCall final : public client::ColdCall {
 public:
  // TOPIC_ILLEGAL.
  static base::Result<client::OwnedColdCall> make(client::ColdCalls& calls, std::string_view topic,
                                                  event::Tag tag);

 private:
  QueuesCall(client::ColdCalls& calls, event::Tag tag, std::string_view topic);

  void begin() override;
  void leave() noexcept override { route_.stop(); }
  void tell(const cluster::Route& route);

  const std::string topic_;
  client::RouteWait route_;
};

}  // namespace rmq::producer
