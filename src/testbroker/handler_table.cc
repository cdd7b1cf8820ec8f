#include "testbroker/handler_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/format.h"
#include "protocol/request_code.h"

namespace rmq::testbroker {
namespace {

using protocol::RequestCode;

enum class By : std::uint8_t { nameserver, broker, broker_5x, broker_54 };

struct HandlerEntry {
  RequestCode code;
  By by;
  Handler handler;
};

constexpr HandlerEntry kHandlers[] = {
    {RequestCode::SEND_MESSAGE, By::broker, handle_send},
    {RequestCode::PULL_MESSAGE, By::broker, handle_pull},
    {RequestCode::QUERY_CONSUMER_OFFSET, By::broker, handle_query_offset},
    {RequestCode::UPDATE_CONSUMER_OFFSET, By::broker, handle_update_offset},
    {RequestCode::UPDATE_AND_CREATE_TOPIC, By::broker, handle_create_topic},
    {RequestCode::SEARCH_OFFSET_BY_TIMESTAMP, By::broker, handle_search_offset},
    {RequestCode::GET_MAX_OFFSET, By::broker, handle_max_offset},
    {RequestCode::GET_MIN_OFFSET, By::broker, handle_min_offset},
    {RequestCode::GET_EARLIEST_MSG_STORETIME, By::broker, handle_earliest_store_time},
    {RequestCode::HEART_BEAT, By::broker, handle_heartbeat},
    {RequestCode::UNREGISTER_CLIENT, By::broker, handle_unregister},
    {RequestCode::CONSUMER_SEND_MSG_BACK, By::broker, handle_send_back},
    {RequestCode::END_TRANSACTION, By::broker, handle_end_transaction},
    {RequestCode::GET_CONSUMER_LIST_BY_GROUP, By::broker, handle_consumer_list},
    {RequestCode::LOCK_BATCH_MQ, By::broker, handle_lock},
    {RequestCode::UNLOCK_BATCH_MQ, By::broker, handle_unlock},
    {RequestCode::CHECK_CLIENT_CONFIG, By::broker, handle_check_client},
    {RequestCode::GET_ROUTEINFO_BY_TOPIC, By::nameserver, handle_route},
    {RequestCode::GET_BROKER_CLUSTER_INFO, By::nameserver, handle_cluster_info},
    {RequestCode::GET_TOPIC_STATS_INFO, By::broker, handle_topic_stats},
    {RequestCode::GET_CONSUMER_CONNECTION_LIST, By::broker, handle_consumer_connections},
    {RequestCode::GET_CONSUME_STATS, By::broker, handle_consume_stats},
    {RequestCode::SEND_MESSAGE_V2, By::broker, handle_send},
    {RequestCode::SEND_BATCH_MESSAGE, By::broker, handle_send},
    {RequestCode::GET_TOPIC_CONFIG, By::broker_5x, handle_topic_config},
    {RequestCode::LITE_PULL_MESSAGE, By::broker_5x, handle_pull},
    {RequestCode::RECALL_MESSAGE, By::broker_54, handle_recall},
};

bool serves(By by, const ServerOptions& options) {
  if (by == By::nameserver) return options.nameserver;
  if (by == By::broker_54 && !options.is_54()) return false;
  return options.broker && (by == By::broker || options.is_5x());
}

}  // namespace

Handler find_handler(std::int32_t code, const ServerOptions& options) {
  const auto wanted = static_cast<RequestCode>(code);
  const auto* entry = std::lower_bound(
      std::begin(kHandlers), std::end(kHandlers), wanted,
      [](const HandlerEntry& candidate, RequestCode other) { return candidate.code < other; });
  if (entry == std::end(kHandlers) || entry->code != wanted) return handle_unknown;
  return serves(entry->by, options) ? entry->handler : handle_unknown;
}

Handled finish(wire::Command* answer, protocol::ResponseCode code, std::string remark) {
  answer->code = static_cast<std::int32_t>(code);
  if (!remark.empty()) answer->remark = std::move(remark);
  return Handled::answered;
}

Handled finish(wire::Command* answer, Refusal refusal) {
  return finish(answer, refusal.code, std::move(refusal.remark));
}

std::string queue_key(const ServerOptions& options, std::string_view topic, std::int32_t id) {
  return base::format(R"({{"brokerName":"{}","queueId":{},"topic":"{}"}})", options.broker_name, id,
                      topic);
}

const char* help_line(const ServerOptions& options) {
  return options.is_5x()
             ? "See https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details."
             : "See http://rocketmq.apache.org/docs/faq/ for further details.";
}

}  // namespace rmq::testbroker
