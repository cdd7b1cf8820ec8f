// What decoding one header needs beside the header's own bytes. A reader keeps it between frames,
// so that steady use allocates nothing.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace rmq::wire {

struct Field {
  std::string_view name;
  std::string_view value;
};

// Real headers have below 30 fields; the bound keeps a hostile one from costing five times its
// size.
inline constexpr std::size_t kHeaderFieldsMax = 65536;

struct HeaderScratch {
  std::vector<Field> fields;
  // Text that had escapes. Never grows past its capacity once a view points into it.
  std::vector<char> unescaped;

  void reset();
};

}  // namespace rmq::wire
