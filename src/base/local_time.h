// Local times as seconds since 1970. mktime() reads the zone anew at each call. Sanitizers see one
// call free what another one, of another thread, has just written.
#pragma once

#include <cstdint>
#include <ctime>

namespace rmq::base {

// Any thread. Fields beyond their range are carried over (the 13th month is the next January), and
// tm_isdst is not looked at. Of a time that a change of the clock skips or repeats, it is one that
// is an hour away at most.
std::int64_t local_to_epoch_seconds(const std::tm& local);

}  // namespace rmq::base
