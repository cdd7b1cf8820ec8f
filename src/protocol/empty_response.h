// What an answer says that tells success and nothing else.
#pragma once

namespace rmq::protocol {

struct EmptyResponse {};

}  // namespace rmq::protocol
