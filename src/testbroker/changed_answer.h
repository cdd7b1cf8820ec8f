// An answer as a fault changes its contents.
#pragma once

#include "testbroker/fault.h"
#include "wire/command.h"

namespace rmq::testbroker {

// Another code and remark. One of the stored messages in the body gets an impossible port of its
// sender, which makes that message unreadable for every client. Those around it stay good.
wire::Command change_answer(wire::Command answer, const Fault& fault);

}  // namespace rmq::testbroker
