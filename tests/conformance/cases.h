// All cases, by subject.
#pragma once

#include <span>

#include "tests/conformance/world.h"

namespace rmq::conformance {

std::span<const Case> route_cases();
std::span<const Case> send_cases();
std::span<const Case> send_refused_cases();
std::span<const Case> pull_cases();
std::span<const Case> long_poll_cases();
std::span<const Case> offset_cases();
std::span<const Case> heartbeat_cases();
std::span<const Case> send_back_cases();
std::span<const Case> timer_cases();
std::span<const Case> transaction_cases();
std::span<const Case> lock_cases();
std::span<const Case> admin_cases();
std::span<const Case> unknown_cases();
std::span<const Case> bad_field_cases();
std::span<const Case> bad_frame_cases();

}  // namespace rmq::conformance
