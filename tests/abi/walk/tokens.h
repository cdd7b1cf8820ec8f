// The operations of the walk, each by its token: an accepted one yields one event, a refused one
// none.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rmq::walk {

class Tokens {
 public:
  explicit Tokens(std::size_t operations_max) : states_(operations_max + 1) {}

  // A token for the next operation; 0 when none is left. Issued before the call, because the event
  // may come before the call returns.
  std::uint64_t issue();
  void refuse(std::uint64_t token);
  void see(std::uint64_t token);

 private:
  enum class State : std::uint8_t { unused, issued, seen, refused };

  std::vector<std::atomic<State>> states_;
  std::atomic<std::uint64_t> last_{0};
};

}  // namespace rmq::walk
