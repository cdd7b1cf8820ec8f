// Commands that change nothing.
#include <limits>

#include "base/format.h"
#include "protocol/properties.h"
#include "testbroker/command_context.h"
#include "testbroker/shown_text.h"

namespace rmq::testbroker {
namespace {

std::string describe_role(const Server& server) {
  if (!server.options().broker) return "namesrv";
  return server.is_master() ? "master" : base::format("slave={}", server.broker_id());
}

const char* describe_state(const Server& server) {
  if (server.is_paused()) return "paused";
  if (!server.is_up()) return "down";
  return server.is_listening() ? "up" : "refusing";
}

}  // namespace

base::Status run_servers(CommandContext& context) {
  for (const Server* server : context.cluster.servers()) {
    context.say(base::format("{} {} {} {}", server->name(), server->address().to_text(),
                             describe_role(*server), describe_state(*server)));
  }
  return {};
}

base::Status run_messages(CommandContext& context) {
  const std::string_view topic = context.text(1);
  std::int64_t wanted = -1;
  if (context.has(2)) {
    const auto queue = context.number(2, 0, std::numeric_limits<std::int32_t>::max());
    if (!queue.ok()) return queue.error();
    wanted = queue.value();
  }
  const Server* only = nullptr;
  if (context.has(3)) {
    const auto server = context.broker(3);
    if (!server.ok()) return server.error();
    only = server.value();
  }
  bool room = true;
  for (Server* server : context.cluster.servers()) {
    if (!room || (only == nullptr ? !server->is_master() : server != only)) continue;
    server->store().visit(topic, [&](const Message& message) {
      if (wanted >= 0 && message.queue_id != wanted) return true;
      room = context.say(
          base::format("{} {} {} {} {} {}", server->options().broker_name, message.queue_id,
                       message.queue_offset, shown(message.property(protocol::kPropertyTags)),
                       shown(message.property(protocol::kPropertyKeys)), message.body.size()));
      return room;
    });
  }
  return {};
}

base::Status run_offsets(CommandContext& context) {
  for (Server* server : context.cluster.servers()) {
    if (!server->is_master()) continue;
    server->offsets().visit(context.text(1),
                            [&](const std::string& topic, std::int32_t queue, std::int64_t offset) {
                              context.say(base::format("{} {} {} {}", server->options().broker_name,
                                                       shown(topic), queue, offset));
                            });
  }
  return {};
}

base::Status run_consumers(CommandContext& context) {
  for (Server* server : context.cluster.servers()) {
    const ConsumerGroup* group = server->clients().find_consumers(context.text(1));
    if (group == nullptr) continue;
    for (const std::uint64_t connection : group->connections) {
      const Client* client = server->clients().find(connection);
      const std::string_view id = client == nullptr ? "" : std::string_view(client->id);
      context.say(base::format("{} {} {}", server->name(), connection, shown(id)));
    }
  }
  return {};
}

base::Status run_stats(CommandContext& context) {
  for (Server* server : context.cluster.servers()) {
    const ServerCounts& counts = server->counts();
    context.say(base::format(
        "{} connections={} accepted={} requests={} answers={} messages={} stored_bytes={} "
        "held_pulls={} held_answers={} failed_starts={}",
        server->name(), server->connection_count(), counts.connections, counts.requests,
        counts.answers, server->store().appended(), server->store().bytes(),
        server->held_pull_count(), server->held_count(), counts.failed_starts));
  }
  if (context.cluster.failures() > 0) {
    context.say(base::format("failures={} last: {}", context.cluster.failures(),
                             context.cluster.last_failure()));
  }
  return {};
}

}  // namespace rmq::testbroker
