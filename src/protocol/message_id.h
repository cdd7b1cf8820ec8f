// The two ids of a message (protocol.md 6.3) and their text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "protocol/stored_message.h"

namespace rmq::protocol {

// Where a message is stored: the server's address and the place in its commit log.
struct OffsetId {
  std::vector<std::uint8_t> address{};  // 4 or 16 bytes
  std::int32_t port = 0;
  std::int64_t commit_log_offset = 0;

  friend bool operator==(const OffsetId&, const OffsetId&) = default;
};

std::string to_text(const OffsetId& id);
// Empty unless the text is 32 or 56 hex digits and the port is one.
std::optional<OffsetId> parse_offset_id(std::string_view text);

// The id that a stored message has by its place.
inline constexpr std::size_t kOffsetIdTextBytesMax = 56;
// Into `text`; returns the part of it that is written. Allocates nothing.
std::string_view write_offset_id(const StoredMessageView& message,
                                 std::span<char, kOffsetIdTextBytesMax> text);
std::string offset_id_of(const StoredMessageView& message);
// What consumers are shown: the sender's unique id, else the offset id.
std::string message_id_of(const StoredMessageView& message);

}  // namespace rmq::protocol
