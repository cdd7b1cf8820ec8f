// What is kept of an answer: all of it that two servers of one version must have in common. Names
// of one run, addresses, times and ids are masked; the order of fields and of members is not kept.
#pragma once

#include <string>
#include <string_view>

#include "wire/command.h"

namespace rmq::conformance {

// `token` is the word that makes the names of one run its own.
std::string mask(std::string_view text, std::string_view token);
std::string describe(const wire::Command& command, std::string_view token);
// Only what was stored: one piece of text for each message of a pull's body.
std::string describe_messages(std::string_view body, std::string_view token);

}  // namespace rmq::conformance
