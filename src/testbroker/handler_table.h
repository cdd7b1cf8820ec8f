// Which request code is served by which function, and what these functions get and give. One file
// per request: handle_<name>.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/response_code.h"
#include "testbroker/refusal.h"
#include "testbroker/server_state.h"
#include "wire/command.h"

namespace rmq::testbroker {

struct RequestContext {
  const wire::CommandView& request;
  std::uint64_t connection;  // number of the connection it came on
  ServerState& state;
  std::uint64_t ticket = 0;  // names this request for Peers::answer_later
};

enum class Handled : std::uint8_t {
  answered,  // *answer is the answer
  silent,    // the peer gets nothing
  later,     // Peers::answer_later will be called, or the connection ends before
};

// Fills code, remark, fields and body; the rest of the answer is there already.
using Handler = Handled (*)(const RequestContext& context, wire::Command* answer);

// Never null: codes that nobody serves go to a handler that says so.
Handler find_handler(std::int32_t code, const ServerOptions& options);

Handled handle_check_client(const RequestContext& context, wire::Command* answer);
Handled handle_cluster_info(const RequestContext& context, wire::Command* answer);
Handled handle_consume_stats(const RequestContext& context, wire::Command* answer);
Handled handle_consumer_connections(const RequestContext& context, wire::Command* answer);
Handled handle_consumer_list(const RequestContext& context, wire::Command* answer);
Handled handle_create_topic(const RequestContext& context, wire::Command* answer);
Handled handle_earliest_store_time(const RequestContext& context, wire::Command* answer);
Handled handle_end_transaction(const RequestContext& context, wire::Command* answer);
Handled handle_heartbeat(const RequestContext& context, wire::Command* answer);
Handled handle_lock(const RequestContext& context, wire::Command* answer);
Handled handle_max_offset(const RequestContext& context, wire::Command* answer);
Handled handle_min_offset(const RequestContext& context, wire::Command* answer);
Handled handle_pull(const RequestContext& context, wire::Command* answer);
Handled handle_query_offset(const RequestContext& context, wire::Command* answer);
Handled handle_recall(const RequestContext& context, wire::Command* answer);
Handled handle_route(const RequestContext& context, wire::Command* answer);
Handled handle_search_offset(const RequestContext& context, wire::Command* answer);
Handled handle_send(const RequestContext& context, wire::Command* answer);
Handled handle_send_back(const RequestContext& context, wire::Command* answer);
Handled handle_topic_config(const RequestContext& context, wire::Command* answer);
Handled handle_topic_stats(const RequestContext& context, wire::Command* answer);
Handled handle_unknown(const RequestContext& context, wire::Command* answer);
Handled handle_unlock(const RequestContext& context, wire::Command* answer);
Handled handle_unregister(const RequestContext& context, wire::Command* answer);
Handled handle_update_offset(const RequestContext& context, wire::Command* answer);

// Fills code and remark; an empty remark is none.
Handled finish(wire::Command* answer, protocol::ResponseCode code, std::string remark = {});
Handled finish(wire::Command* answer, Refusal refusal);

// A MessageQueue as the key of a member, which is how Java writes a map by queues.
std::string queue_key(const ServerOptions& options, std::string_view topic, std::int32_t id);

// The last line of the remarks that carry one, as each version writes it.
const char* help_line(const ServerOptions& options);

}  // namespace rmq::testbroker
