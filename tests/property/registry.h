// Lists of what a run is made of. A workload, an invariant or a kind of fault is one file that adds
// itself:
//
//   const Registration<InvariantKind> kEverySendEndsOnce{{"every_send_ends_once", make}};
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace rmq::sim {

template <typename Kind>
std::vector<Kind>& registered() {
  static std::vector<Kind> kinds;
  return kinds;
}

template <typename Kind>
struct Registration {
  Registration(std::initializer_list<Kind> kinds) {
    registered<Kind>().insert(registered<Kind>().end(), kinds);
  }
};

// By name: the order in which files were linked means nothing.
template <typename Kind>
const std::vector<Kind>& all_kinds() {
  static const bool is_sorted = [] {
    std::sort(registered<Kind>().begin(), registered<Kind>().end(),
              [](const Kind& a, const Kind& b) { return std::string_view(a.name) < b.name; });
    return true;
  }();
  static_cast<void>(is_sorted);
  return registered<Kind>();
}

}  // namespace rmq::sim
