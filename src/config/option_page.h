// docs/options.md, made from the table.
#pragma once

#include <string>

namespace rmq::config {

std::string render_option_page();

}  // namespace rmq::config
