// Lists of addresses as people write them, brought into one plain form.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace rmq::config {

// The plain form of `host:port` entries separated by ';'. Blanks around entries, hosts and ports
// are taken off, empty entries left out, and repeated entries kept once. ARGUMENT names the entry
// that is wrong, and says why.
base::Result<std::string> parse_address_list(std::string_view text);

// The same for `from=to` entries, both sides `host:port` or both a host.
base::Result<std::string> parse_address_map(std::string_view text);

}  // namespace rmq::config
