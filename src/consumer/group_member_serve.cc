// The part of GroupMember that does what brokers ask of the members of a group, on behalf of an
// operator (protocol.md 5.6).
#include "consumer/group_member.h"
#include "protocol/offset_table.h"
#include "protocol/request_code.h"
#include "protocol/response_code.h"
#include "protocol/running_info.h"

namespace rmq::consumer {

using protocol::RequestCode;

struct GroupMember::Served {
  RequestCode code;
  const char* group_field;
  void (GroupMember::*serve)(const wire::CommandView& request, wire::Command* answer);
};

bool GroupMember::serve(const wire::CommandView& request, wire::Command* answer) {
  static constexpr Served kServed[] = {
      {RequestCode::RESET_CONSUMER_CLIENT_OFFSET, "group", &GroupMember::reset_offsets},
      {RequestCode::GET_CONSUMER_STATUS_FROM_CLIENT, "group", &GroupMember::tell_offsets},
      {RequestCode::GET_CONSUMER_RUNNING_INFO, "consumerGroup", &GroupMember::tell_running_info},
  };
  for (const Served& served : kServed) {
    if (static_cast<std::int32_t>(served.code) != request.code) continue;
    if (request.field(served.group_field).value_or("") != options_.group) return false;
    (this->*served.serve)(request, answer);
    return true;
  }
  return false;
}

// Queues of other members are theirs to move: the broker tells all members.
void GroupMember::reset_offsets(const wire::CommandView& request, wire::Command* answer) {
  const auto table = protocol::parse_offset_table(base::as_text(request.body));
  if (!table.ok()) {
    const protocol::MessageQueue no_queue{std::string(request.field("topic").value_or("")), "", -1};
    context_.troubles().note("reset_offsets", no_queue, &table.error());
    answer->code = static_cast<std::int32_t>(protocol::ResponseCode::SYSTEM_ERROR);
    answer->remark = table.error().message;
    return;
  }
  for (const protocol::QueueOffset& entry : table.value()) {
    ProcessQueue* held = queues_.find(entry.queue);
    if (held == nullptr || entry.offset < 0) continue;
    context_.troubles().note("reset_offsets", entry.queue, nullptr);
    held->reset_to(entry.offset);
  }
}

void GroupMember::tell_offsets(const wire::CommandView& request, wire::Command* answer) {
  const std::string topic(request.field("topic").value_or(""));
  std::vector<protocol::QueueOffset> offsets;
  for (const ProcessQueue* queue : queues_.of_topic(topic))
    offsets.push_back({queue->queue(), queue->commit_offset()});
  answer->body = protocol::consumer_status_to_json(offsets);
}

void GroupMember::tell_running_info(const wire::CommandView&, wire::Command* answer) {
  std::string name_servers;
  for (const transport::HostPort& server : context_.core().options().name_servers)
    name_servers.append(server.to_text()).append(1, ';');
  protocol::RunningInfo info;
  info.properties = {{"PROP_NAMESERVER_ADDR", std::move(name_servers)},
                     {"PROP_CONSUME_TYPE", "CONSUME_PASSIVELY"},
                     {"PROP_CLIENT_VERSION", "V5_4_0"},
                     {"PROP_CONSUMEORDERLY", "false"},
                     {"PROP_THREADPOOL_CORE_SIZE", "0"},
                     {"PROP_CONSUMER_START_TIMESTAMP", std::to_string(context_.start_wall_ms)}};
  for (const auto& [topic, subscription] : context_.subscriptions)
    info.subscriptions.push_back(subscription);
  for (const ProcessQueue* queue : queues_.all()) info.queues.push_back(queue->running_info());
  answer->body = protocol::to_json(info);
}

}  // namespace rmq::consumer
