// When a send is tried again, and how long one attempt may take (protocol.md 9.3).
//
// As Java's synchronous send: after whatever kept the answer away, and after the answers 17
// (TOPIC_NOT_EXIST), 14, 1, 2, 16, 204, 205 and 1500. By these a broker says that another one may
// do better. Java's asynchronous send is not tried again after an answer. Ours is, because none of
// the reasons to do so depends on whether the caller waits. An answer that leaves open whether the
// message was stored (protocol/response_code.h) leads to a broker that was not tried yet, or ends
// the send.
#pragma once

#include "base/error.h"
#include "base/instant.h"

namespace rmq::producer {

bool is_worth_another_try(const base::Error& error);

// The route may have changed since it was asked for.
bool hints_at_stale_route(const base::Error& error);

// While there is another broker to turn to, an attempt gets a fair share of the time that is left.
// So a silent broker does not use up all of it. The share is never less than a second. A message
// may be stored after its attempt was given up, and the next attempt then stores it twice. With one
// broker only, waiting on is better than sending again.
base::Instant attempt_deadline(base::Instant now, base::Instant due, int attempts_left,
                               bool has_other_broker);

}  // namespace rmq::producer
