// The set of offsets in a BATCH_ACK_MESSAGE entry: base64 of a bit set, lowest bit first, without
// zero bytes at its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rmq::protocol {

// Positions beyond this are refused; an entry covers the messages of one pop.
inline constexpr std::uint32_t kAckBitMax = 1 << 20;

std::string ack_bits_to_text(const std::vector<std::uint32_t>& positions);
// Ascending. Empty result on bad base64 or a set that is too long.
std::optional<std::vector<std::uint32_t>> parse_ack_bits(std::string_view text);

}  // namespace rmq::protocol
