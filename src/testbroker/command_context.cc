#include "testbroker/command_context.h"

#include "base/decimal.h"
#include "testbroker/shown_text.h"

namespace rmq::testbroker {

base::Error CommandContext::refuse(std::size_t index, std::string_view expected) const {
  constexpr std::size_t kShownMax = 60;
  const std::string command(text(0));
  if (!has(index)) {
    return base::make_error(base::ErrorCode::ARGUMENT,
                            command + ": expected " + std::string(expected) + " at the end");
  }
  return base::make_error(base::ErrorCode::ARGUMENT,
                          command + ": \"" + std::string(cut_text(text(index), kShownMax)) +
                              "\" where " + std::string(expected) + " was expected");
}

base::Result<Server*> CommandContext::server(std::size_t index) const {
  Server* found = has(index) ? cluster.find(text(index)) : nullptr;
  if (found == nullptr) return refuse(index, "one of " + cluster.list_names());
  return found;
}

base::Result<std::vector<Server*>> CommandContext::servers(std::size_t index) const {
  if (has(index) && text(index) == kEveryServer) return cluster.servers();
  auto one = server(index);
  if (!one.ok()) return one.take_error();
  return std::vector<Server*>{one.value()};
}

base::Result<Server*> CommandContext::broker(std::size_t index) const {
  auto found = server(index);
  if (found.ok() && !found.value()->options().broker) return refuse(index, "a broker");
  return found;
}

base::Result<base::Duration> CommandContext::duration(std::size_t index) const {
  if (has(index)) {
    if (auto read = parse_duration(text(index)); read.ok()) return read;
  }
  return refuse(index, "a duration such as 250ms, 5s or 2m");
}

base::Result<std::int64_t> CommandContext::number(std::size_t index, std::int64_t min,
                                                  std::int64_t max) const {
  if (has(index)) {
    const auto read = base::parse_int64(text(index));
    if (read && *read >= min && *read <= max) return *read;
  }
  return refuse(index, "a number from " + std::to_string(min) + " to " + std::to_string(max));
}

bool CommandContext::say(std::string_view line) {
  static constexpr std::string_view kMore = "…\n";
  if (reply_->size() >= kReplyBytesMax) return false;
  if (reply_->size() + line.size() + 1 + kMore.size() > kReplyBytesMax) {
    *reply_ += kMore;
    reply_->resize(kReplyBytesMax, '\n');
    return false;
  }
  *reply_ += line;
  *reply_ += '\n';
  return true;
}

}  // namespace rmq::testbroker
