#include "remoting/swallowed_answers.h"

#include "base/cursor.h"
#include "wire/binary_header.h"

namespace rmq::remoting {
namespace {

// Headers of answers are far shorter. The bound keeps what has to be looked at again small.
constexpr std::size_t kHeaderBytesMax = 16 * 1024;
constexpr std::size_t kJsonHeaderBytesMin = 2;

}  // namespace

std::size_t SwallowedAnswers::read_lengths(base::Bytes bytes) {
  const auto length = base::load_big_endian<std::uint32_t>(bytes.data());
  const auto word = base::load_big_endian<std::uint32_t>(bytes.data() + wire::kLengthWordBytes);
  const bool is_json = word >> 24 == static_cast<std::uint32_t>(wire::Serialization::json);
  if (!is_json && word >> 24 != static_cast<std::uint32_t>(wire::Serialization::rocketmq)) return 0;
  if (is_json && bytes[wire::kFramePrefixBytes] != '{') return 0;
  const std::size_t header_bytes = word & 0xFFFFFF;
  const std::size_t least = is_json ? kJsonHeaderBytesMin : wire::kBinaryHeaderBytesMin;
  const std::size_t frame_bytes = length + wire::kLengthWordBytes;
  const bool agree =
      frame_bytes <= wire::kFrameBytesMax && wire::kFramePrefixBytes + header_bytes <= frame_bytes;
  return agree && header_bytes >= least && header_bytes <= kHeaderBytesMax ? header_bytes : 0;
}

std::int32_t SwallowedAnswers::read_opaque(base::Bytes head) {
  const base::Bytes header = head.subspan(wire::kFramePrefixBytes);
  const auto form = static_cast<wire::Serialization>(head[wire::kLengthWordBytes]);
  if (form == wire::Serialization::json && header.back() != '}') return -1;
  wire::CommandView view;
  const base::Status status = wire::read_header(form, header, &scratch_, &view);
  return status.ok() && view.is_response() ? view.opaque : -1;
}

}  // namespace rmq::remoting
