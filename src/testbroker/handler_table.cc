#include "testbroker/handler_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/request_code.h"

namespace rmq::testbroker {
namespace {

using protocol::RequestCode;

struct Entry {
  RequestCode code;
  bool of_nameserver;  // otherwise of the broker
  Handler handler;
};

constexpr Entry kEntries[] = {
    {RequestCode::SEND_MESSAGE, false, handle_send},
    {RequestCode::PULL_MESSAGE, false, handle_pull},
    {RequestCode::HEART_BEAT, false, handle_heartbeat},
    {RequestCode::UNREGISTER_CLIENT, false, handle_unregister},
    {RequestCode::GET_ROUTEINFO_BY_TOPIC, true, handle_route},
    {RequestCode::SEND_MESSAGE_V2, false, handle_send},
    {RequestCode::SEND_BATCH_MESSAGE, false, handle_send},
};

}  // namespace

Handler find_handler(std::int32_t code, const ServerOptions& options) {
  const auto wanted = static_cast<RequestCode>(code);
  const auto* entry = std::lower_bound(
      std::begin(kEntries), std::end(kEntries), wanted,
      [](const Entry& candidate, RequestCode other) { return candidate.code < other; });
  if (entry == std::end(kEntries) || entry->code != wanted) return handle_unknown;
  return (entry->of_nameserver ? options.nameserver : options.broker) ? entry->handler
                                                                      : handle_unknown;
}

Handled finish(wire::Command* answer, protocol::ResponseCode code, std::string remark) {
  answer->code = static_cast<std::int32_t>(code);
  if (!remark.empty()) answer->remark = std::move(remark);
  return Handled::answered;
}

const char* help_line(const ServerOptions& options) {
  return options.is_5x()
             ? "See https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details."
             : "See http://rocketmq.apache.org/docs/faq/ for further details.";
}

}  // namespace rmq::testbroker
