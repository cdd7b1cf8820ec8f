// The options of a cluster as one line of text, for the library and the executable:
// "brokers=2 slaves=1 version=4.9.7 topic=orders:8". One table holds them all.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "testbroker/cluster_options.h"

namespace rmq::testbroker {

struct OptionInfo {
  std::string_view name;
  std::string_view value;    // what is expected behind the '='
  std::string_view meaning;  // a sentence, with the default
};

// Options in the order of the documentation; null past the end.
const OptionInfo* option_at(std::size_t index);

// ARGUMENT names the option and what was expected.
base::Status set_option(std::string_view name, std::string_view value, ClusterOptions* options);

// Checks the whole, too.
base::Result<ClusterOptions> parse_cluster_options(std::string_view line);

}  // namespace rmq::testbroker
