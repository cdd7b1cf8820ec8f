#include "protocol/ack_bits.h"

#include "base/base64.h"

namespace rmq::protocol {

std::string ack_bits_to_text(const std::vector<std::uint32_t>& positions) {
  std::string bytes;
  for (const std::uint32_t position : positions) {
    if (position > kAckBitMax) continue;
    const std::size_t index = position / 8;
    if (bytes.size() <= index) bytes.resize(index + 1, '\0');
    bytes[index] = static_cast<char>(bytes[index] | (1 << (position % 8)));
  }
  return base::to_base64(base::as_bytes(bytes));
}

std::optional<std::vector<std::uint32_t>> parse_ack_bits(std::string_view text) {
  const auto bytes = base::from_base64(text);
  if (!bytes || bytes->size() > kAckBitMax / 8 + 1) return std::nullopt;
  std::vector<std::uint32_t> positions;
  for (std::uint32_t position = 0; position < bytes->size() * 8; ++position) {
    if (((*bytes)[position / 8] >> (position % 8)) & 1) positions.push_back(position);
  }
  return positions;
}

}  // namespace rmq::protocol
