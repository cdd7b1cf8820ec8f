// An answer as a fault changes its contents.
#pragma once

#include "testbroker/fault.h"
#include "wire/command.h"

namespace rmq::testbroker {

// Another code and remark; and one of the stored messages in the body gets a port of its sender
// that is none, which makes it unreadable for every client. Those around it stay good.
wire::Command change_answer(wire::Command answer, const Fault& fault);

}  // namespace rmq::testbroker
