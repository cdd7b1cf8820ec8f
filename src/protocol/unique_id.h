// The id that a sender gives a message (protocol.md 6.3): who made it, when in the month, and a
// counter.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace rmq::protocol {

struct UniqueId {
  std::vector<std::uint8_t> address{};  // 4 or 16 bytes
  std::uint16_t pid = 0;
  std::uint32_t hash = 0;  // tells processes apart that share address and pid
  std::uint32_t month_ms = 0;
  std::uint16_t counter = 0;

  friend bool operator==(const UniqueId&, const UniqueId&) = default;
};

std::string to_text(const UniqueId& id);
// Empty unless the text is 32 or 56 hex digits.
std::optional<UniqueId> parse_unique_id(std::string_view text);

// Makes ids for one process or runtime. Any thread; the clock is the caller's.
//
// No id comes twice, whatever the clock does: the time in the ids never goes back. A clock that is
// behind by less than an hour leaves that time standing, and each 65,536 ids move it by 1 ms. A
// clock that is behind by more, as at the start of a month, begins an era: ids of another era have
// another `hash`.
class UniqueIdGenerator {
 public:
  static constexpr std::size_t kTextBytesMax = 56;

  // `address` has 4 or 16 bytes; an empty one is taken as 0.0.0.0. Give `hash` and `first_counter`
  // from a random source.
  UniqueIdGenerator(base::Bytes address, std::uint16_t pid, std::uint32_t hash,
                    std::uint16_t first_counter = 0);

  std::size_t text_bytes() const { return prefix_bytes_ + 12; }
  // Writes text_bytes() characters. `month_ms` is the time since the start of the current month in
  // local time; a negative one (the clock went back) counts as 0.
  void write_next(std::int64_t month_ms, char* to);
  std::string next(std::int64_t month_ms);

 private:
  std::uint64_t take_next(std::uint32_t now_ms);

  std::array<char, 44> prefix_;  // text of address, pid and hash
  std::size_t prefix_bytes_;
  const std::uint32_t hash_;
  // The last id: era (16 bits), time (32), counter (16).
  std::atomic<std::uint64_t> last_;
};

}  // namespace rmq::protocol
