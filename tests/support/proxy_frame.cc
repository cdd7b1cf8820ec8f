#include "tests/support/proxy_frame.h"

#include <utility>

#include "base/bytes.h"

namespace rmq::test {
namespace {

std::uint32_t read_word(std::string_view bytes) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word = word << 8 | static_cast<std::uint8_t>(bytes[i]);
  return word;
}

void write_length_word(std::string* bytes) {
  const std::size_t length = bytes->size() - wire::kLengthWordBytes;
  for (std::size_t i = 0; i < 4; ++i) (*bytes)[i] = static_cast<char>(length >> (24 - 8 * i));
}

// The lowest 24 bits of the second word are the size of the header.
std::size_t body_offset_of(std::string_view frame) {
  const std::size_t header_bytes = read_word(frame.substr(wire::kLengthWordBytes)) & 0xFFFFFF;
  return wire::kFramePrefixBytes + header_bytes;
}

}  // namespace

void FrameCutter::feed(std::string_view bytes) {
  waiting_.erase(0, std::exchange(used_, 0));
  waiting_ += bytes;
}

std::optional<ProxyFrame> FrameCutter::next() {
  if (is_raw_) return std::nullopt;
  const std::string_view rest = std::string_view(waiting_).substr(used_);
  const auto size = wire::frame_size(base::as_bytes(rest));
  if (!size.ok()) {
    is_raw_ = true;
    return std::nullopt;
  }
  if (size.value() == 0 || size.value() > rest.size()) return std::nullopt;
  const std::string_view bytes = rest.substr(0, size.value());
  const auto command = reader_.read(base::as_bytes(bytes));
  if (!command.ok()) {
    is_raw_ = true;
    return std::nullopt;
  }
  used_ += bytes.size();
  ProxyFrame frame;
  frame.bytes = bytes;
  frame.code = command.value().code;
  frame.opaque = command.value().opaque;
  frame.is_response = command.value().is_response();
  frame.is_oneway = command.value().is_oneway();
  frame.body_offset = body_offset_of(bytes);
  if (const auto topic = command.value().field("topic")) frame.topic = *topic;
  frame.queue_id = static_cast<std::int32_t>(command.value().field_int64("queueId").value_or(-1));
  return frame;
}

std::string FrameCutter::raw() {
  std::string rest = waiting_.substr(std::exchange(used_, 0));
  waiting_.clear();
  return rest;
}

void replace_in_body(const std::map<std::string, std::string>& replacements, ProxyFrame* frame) {
  std::string changed = frame->bytes.substr(0, frame->body_offset);
  const std::string_view body = std::string_view(frame->bytes).substr(frame->body_offset);
  for (std::size_t at = 0; at < body.size();) {
    const std::pair<const std::string, std::string>* match = nullptr;
    for (const auto& replacement : replacements) {
      if (body.substr(at).starts_with(replacement.first)) match = &replacement;
    }
    changed += match ? std::string_view(match->second) : body.substr(at, 1);
    at += match ? match->first.size() : 1;
  }
  write_length_word(&changed);
  frame->bytes = std::move(changed);
}

}  // namespace rmq::test
