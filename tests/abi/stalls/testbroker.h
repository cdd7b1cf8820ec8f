// A handle of the embedded broker's own C interface.
#pragma once

#include <rocketmq_testbroker.h>

#include <memory>

#include "tests/abi/support.h"

namespace rmq::test::abi {

using Testbroker = std::unique_ptr<rmq_testbroker_t, Destroy<rmq_testbroker_destroy>>;

}  // namespace rmq::test::abi
