// The command language in which tests of any language speak to a running cluster: one line in, text
// out. One table holds all commands; command_<what>.cc has their functions. The doors to it are the
// C function rmq_testbroker_command, the executable's control socket and scenario files. Loop
// thread only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "testbroker/cluster.h"
#include "testbroker/words.h"

namespace rmq::testbroker {

struct CommandInfo {
  std::string_view name;
  std::string_view arguments;  // <needed> [optional]
  std::string_view meaning;    // a sentence
};

inline constexpr std::size_t kCommandBytesMax = 16 * 1024;
inline constexpr std::size_t kReplyBytesMax = 4u << 20;  // what is longer ends with a line "…"

// Commands in the order of the documentation; null past the end.
const CommandInfo* command_at(std::size_t index);

// Runs one line. *reply gets lines of text, each with its end. A failure leaves *reply empty, and
// says which word was wrong and what was expected.
base::Status run_command(std::string_view line, Cluster& cluster, std::string* reply);

// Whether the line may be run later, as far as that can be known. There is such a command, it has
// as many arguments as it takes, and the server and the rule of a fault exist.
base::Status check_command(std::string_view line, const Cluster& cluster);

}  // namespace rmq::testbroker
