// Commands about time, groups and what brokers remember of them.
#include <limits>

#include "testbroker/command_context.h"
#include "testbroker/shown_text.h"

namespace rmq::testbroker {

base::Status run_clock(CommandContext& context) {
  const std::string_view text = context.text(1);
  const bool back = text.starts_with('-');
  const auto by = parse_duration(back || text.starts_with('+') ? text.substr(1) : text);
  if (!by.ok()) return context.refuse(1, "a duration such as +5m or -90s");
  const base::milliseconds jump(base::to_ms(by.value()) * (back ? -1 : 1));
  for (Server* server : context.cluster.servers()) server->jump_clock(jump);
  return {};
}

base::Status run_late_polls(CommandContext& context) {
  const auto servers = context.servers(1);
  if (!servers.ok()) return servers.error();
  const auto late = context.duration(2);
  if (!late.ok()) return late.error();
  for (Server* server : servers.value()) server->set_late_polls(late.value());
  return {};
}

base::Status run_suggest(CommandContext& context) {
  const auto servers = context.servers(1);
  if (!servers.ok()) return servers.error();
  const auto id = context.number(2, 0, 1000);
  if (!id.ok()) return id.error();
  for (Server* server : servers.value()) server->suggest_broker(id.value());
  return {};
}

base::Status run_lose_offset(CommandContext& context) {
  const auto queue = context.number(3, 0, std::numeric_limits<std::int32_t>::max());
  if (!queue.ok()) return queue.error();
  bool found = false;
  for (Server* server : context.cluster.servers()) {
    found |= server->lose_offset(context.text(1), context.text(2),
                                 static_cast<std::int32_t>(queue.value()));
  }
  if (found) return {};
  return base::make_error(base::ErrorCode::ARGUMENT,
                          "lose_offset: no broker has one of group " +
                              std::string(cut_text(context.text(1), 60)) + " for this queue");
}

base::Status run_notify(CommandContext& context) {
  bool found = false;
  for (Server* server : context.cluster.servers()) {
    found |= server->clients().mark_changed(context.text(1));
    server->state().peers.schedule_turn_end();
  }
  return found ? base::Status() : context.refuse(1, "a group with members");
}

}  // namespace rmq::testbroker
