#include "protocol/recall_handle.h"

#include "base/base64.h"
#include "protocol/text_split.h"

namespace rmq::protocol {
namespace {

constexpr std::string_view kVersion = "v1";

}  // namespace

std::string to_text(const RecallHandle& handle) {
  std::string plain(kVersion);
  for (const std::string* part :
       {&handle.topic, &handle.broker_name, &handle.timestamp_ms, &handle.message_id}) {
    plain.append(1, ' ').append(*part);
  }
  return base::to_base64_url(base::as_bytes(plain));
}

std::optional<RecallHandle> parse_recall_handle(std::string_view text) {
  const auto plain = base::from_base64(text);
  if (!plain) return std::nullopt;
  std::string_view rest = *plain;
  if (take_piece(&rest, ' ') != kVersion) return std::nullopt;
  RecallHandle handle;
  for (std::string* part :
       {&handle.topic, &handle.broker_name, &handle.timestamp_ms, &handle.message_id}) {
    *part = take_piece(&rest, ' ');
    if (part->empty()) return std::nullopt;
  }
  if (!rest.empty()) return std::nullopt;
  return handle;
}

}  // namespace rmq::protocol
