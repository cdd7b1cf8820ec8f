// Names and codes of the languages that peers call themselves (protocol.md 2.2): the JSON header
// carries the name, the binary header the code.
#pragma once

#include <string_view>

#include "wire/command.h"

namespace rmq::wire {

std::string_view language_name(Language language);

// A language that came after this list must not break the frame: it reads as `other`.
Language language_from_name(std::string_view name);
Language language_from_code(std::int64_t code);

}  // namespace rmq::wire
