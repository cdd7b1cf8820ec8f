// One rule of a script as a line of text, for command lines and tests in other languages:
//
//   <what> [<which>...] <fault>...
//
//   what    a request's name or number, `any`, or `connect`
//   which   nth=3  first=5  from=2  every=10  connection=1  chance=0.01
//   fault   no_answer  drop_request  error=CODE  recode=CODE  duplicate  garbage=BYTES  cut
//           cut_half  cut_after=BYTES  delay_ms=N  stall_ms=N  crash_ms=N  crash_lost_ms=N
//
//   SEND_MESSAGE_V2 nth=3 no_answer
//   any chance=0.01 delay_ms=500 cut_half
#pragma once

#include <string_view>

#include "base/error.h"
#include "testbroker/script.h"

namespace rmq::testbroker {

// Adds the rule. ARGUMENT names the word that is not understood; the script is then untouched.
base::Status add_rule(std::string_view line, Script* script);

}  // namespace rmq::testbroker
