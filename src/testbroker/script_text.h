// One rule of a script as a line of text, for command lines and tests in other languages:
//
//   <what> [<which>...] <fault>...
//
//   what    a request's name or number, `any`, or `connect`, which takes the faults garbage, cut,
//           cut_after, go_dumb, stall, read_rate, crash, crash_lost and run only
//   which   nth=3  first=5  from=2  every=10  connection=1  chance=0.01
//   fault   no_answer  drop_request  error=CODE  recode=CODE  remark="TEXT"  duplicate
//           out_of_order  hold  delay=TIME  garbage=BYTES  damage=N  damage_at=OFFSET  cut cut_half
//           cut_after=BYTES  go_dumb stall=TIME  read_rate=BYTES  crash=TIME  crash_lost=TIME
//           run="COMMAND"
//
//   SEND_MESSAGE_V2 nth=3 no_answer
//   any chance=0.01 delay=500ms cut_half
//   SEND_MESSAGE_V2 nth=2 run="promote broker-a" error=2 remark="system busy"
//
// A TIME is 250ms, 5s or 2m; delay_ms=N, stall_ms=N, crash_ms=N and crash_lost_ms=N are the same.
#pragma once

#include <string_view>

#include "base/error.h"
#include "testbroker/script.h"

namespace rmq::testbroker {

// Adds the rule. ARGUMENT names the word that is not understood; the script is then untouched.
base::Status add_rule(std::string_view line, Script* script);

}  // namespace rmq::testbroker
