// Commands about what NameServers say.
#include <string>

#include "testbroker/command_context.h"
#include "testbroker/limits.h"

namespace rmq::testbroker {
namespace {

// The masters, or the one broker that the argument names.
base::Result<std::vector<Server*>> choose_brokers(CommandContext& context, std::size_t index) {
  if (context.has(index)) {
    auto broker = context.broker(index);
    if (!broker.ok()) return broker.take_error();
    return std::vector<Server*>{broker.value()};
  }
  std::vector<Server*> masters;
  for (Server* server : context.cluster.servers()) {
    if (server->is_master()) masters.push_back(server);
  }
  return masters;
}

base::Status put_topic(CommandContext& context) {
  const auto queues = context.number(3, 1, kQueuesMax);
  if (!queues.ok()) return queues.error();
  TopicConfig topic{.name = std::string(context.text(2))};
  topic.read_queues = topic.write_queues = static_cast<std::int32_t>(queues.value());
  if (context.has(4)) {
    const auto perm = context.number(4, 0, kPermRead | kPermWrite | kPermInherit);
    if (!perm.ok()) return perm.error();
    topic.perm = static_cast<std::int32_t>(perm.value());
  }
  const auto brokers = choose_brokers(context, 5);
  if (!brokers.ok()) return brokers.error();
  // All or none of them.
  for (Server* broker : brokers.value()) {
    if (!broker->state().may_put_topic(topic.name)) {
      return base::make_error(base::ErrorCode::ARGUMENT,
                              "topic: " + broker->name() + " has as many topics as it may have");
    }
  }
  for (Server* broker : brokers.value()) {
    if (auto status = broker->state().put_topic_bounded(topic); !status.ok()) return status;
  }
  return {};
}

base::Status remove_topic(CommandContext& context) {
  if (context.has(4)) return context.refuse(4, "nothing more");
  const auto brokers = choose_brokers(context, 3);
  if (!brokers.ok()) return brokers.error();
  for (Server* broker : brokers.value()) broker->state().remove_topic(context.text(2));
  return {};
}

base::Status resize_topic(CommandContext& context) {
  const auto queues = context.number(3, 1, kQueuesMax);
  if (!queues.ok()) return queues.error();
  const auto brokers = choose_brokers(context, 4);
  if (!brokers.ok()) return brokers.error();
  bool found = false;
  for (Server* broker : brokers.value()) {
    found |= broker->state().resize_topic(context.text(2), static_cast<int>(queues.value()));
  }
  return found ? base::Status() : context.refuse(2, "a topic that is there");
}

}  // namespace

base::Status run_leave(CommandContext& context) {
  auto broker = context.broker(1);
  if (!broker.ok()) return broker.take_error();
  broker.value()->leave_routes();
  return {};
}

base::Status run_join(CommandContext& context) {
  auto broker = context.broker(1);
  if (!broker.ok()) return broker.take_error();
  broker.value()->join_routes();
  return {};
}

base::Status run_topic(CommandContext& context) {
  if (context.text(1) == "put") return put_topic(context);
  if (context.text(1) == "remove") return remove_topic(context);
  if (context.text(1) == "queues") return resize_topic(context);
  return context.refuse(1, "put, remove or queues");
}

base::Status run_promote(CommandContext& context) {
  const auto broker = context.broker(1);
  return broker.ok() ? context.cluster.promote(*broker.value()) : base::Status(broker.error());
}

}  // namespace rmq::testbroker
