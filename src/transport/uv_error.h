// libuv's codes as the library's errors.
#pragma once

#include <string>

#include "base/error.h"

namespace rmq::transport {

// `what` says what was tried and on what: "connecting to 10.0.0.1:9876".
base::Error map_uv_error(int uv_code, const std::string& what);

}  // namespace rmq::transport
