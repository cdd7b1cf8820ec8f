// Hears how each try at a broker has ended: a table of latencies, a trace.
#pragma once

#include "base/instant.h"

namespace rmq::producer {

class SendAttempt;
struct AttemptResult;

class AttemptListener {
 public:
  // `took`: since the attempt was given to the connection.
  virtual void on_try_ended(const SendAttempt& attempt, const AttemptResult& result,
                            base::Duration took) noexcept = 0;

 protected:
  ~AttemptListener() = default;
};

}  // namespace rmq::producer
