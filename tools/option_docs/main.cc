// Prints docs/options.md: rmq_option_docs > docs/options.md
#include <cstdio>

#include "config/option_page.h"

int main() {
  const std::string page = rmq::config::render_option_page();
  return std::fwrite(page.data(), 1, page.size(), stdout) == page.size() ? 0 : 1;
}
