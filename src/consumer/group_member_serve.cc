// The part of GroupMember that does what brokers ask of the members of a group, on behalf of an
// operator (protocol.md 5.6).
#include "consumer/group_member.h"
#include "protocol/offset_table.h"
#include "protocol/request_code.h"
#include "protocol/response_code.h"
#include "protocol/running_info.h"

namespace rmq::consumer {

using protocol::RequestCode;

namespace {

template <const char* kField>
std::string_view group_in(const wire::CommandView& command) {
  return command.field(kField).value_or("");
}

constexpr char kFieldGroup[] = "group";
constexpr char kFieldConsumerGroup[] = "consumerGroup";

}  // namespace

client::ServedRequests GroupMember::served_requests() const {
  static constexpr client::ServedRequest kServed[] = {
      {RequestCode::RESET_CONSUMER_CLIENT_OFFSET, group_in<kFieldGroup>,
       client::serve_by<GroupMember, &GroupMember::reset_offsets>},
      {RequestCode::GET_CONSUMER_STATUS_FROM_CLIENT, group_in<kFieldGroup>,
       client::serve_by<GroupMember, &GroupMember::tell_offsets>},
      {RequestCode::GET_CONSUMER_RUNNING_INFO, group_in<kFieldConsumerGroup>,
       client::serve_by<GroupMember, &GroupMember::tell_running_info>},
  };
  return {options_.group, kServed};
}

// Queues of other members are theirs to move: the broker tells all members.
void GroupMember::reset_offsets(const wire::CommandView& command, client::ServerRequest& request) {
  const auto table = protocol::parse_offset_table(base::as_text(command.body));
  if (!table.ok()) {
    const protocol::MessageQueue no_queue{std::string(command.field("topic").value_or("")), "", -1};
    context_.troubles().note("reset_offsets", no_queue, &table.error());
    request.answer({.code = protocol::ResponseCode::SYSTEM_ERROR, .remark = table.error().message});
    return;
  }
  for (const protocol::QueueOffset& entry : table.value()) {
    ProcessQueue* held = queues_->find(entry.queue);
    if (held == nullptr || entry.offset < 0) continue;
    context_.troubles().note("reset_offsets", entry.queue, nullptr);
    held->reset_to(entry.offset);
  }
  request.answer({});
}

void GroupMember::tell_offsets(const wire::CommandView& command, client::ServerRequest& request) {
  const std::string topic(command.field("topic").value_or(""));
  std::vector<protocol::QueueOffset> offsets;
  for (const ProcessQueue* queue : queues_->of_topic(topic))
    offsets.push_back({queue->queue(), queue->commit_offset()});
  request.answer({.body = protocol::consumer_status_to_json(offsets)});
}

void GroupMember::tell_running_info(const wire::CommandView&, client::ServerRequest& request) {
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
  for (const ProcessQueue* queue : queues_->all()) info.queues.push_back(queue->running_info());
  request.answer({.body = protocol::to_json(info)});
}

}  // namespace rmq::consumer
