// Commands about processes and what goes wrong with them.
#include "testbroker/command_context.h"
#include "testbroker/limits.h"
#include "testbroker/script_text.h"

namespace rmq::testbroker {
namespace {

// For commands whose one argument is a server.
base::Status with_server(CommandContext& context, void (Server::*action)()) {
  auto server = context.server(1);
  if (!server.ok()) return server.take_error();
  (server.value()->*action)();
  return {};
}

}  // namespace

base::Status run_fault(CommandContext& context) {
  auto servers = context.servers(1);
  if (!servers.ok()) return servers.take_error();
  for (const Server* server : servers.value()) {
    if (server->script().size() >= kServerRulesMax) {
      return base::make_error(base::ErrorCode::ARGUMENT,
                              "fault: " + server->name() + " has " +
                                  std::to_string(kServerRulesMax) +
                                  " rules already; \"faults clear\" removes them");
    }
  }
  for (Server* server : servers.value()) {
    if (auto status = add_rule(context.rest(2), &server->script()); !status.ok()) return status;
  }
  return {};
}

base::Status run_faults(CommandContext& context) {
  if (context.text(1) != "clear") return context.refuse(1, "\"clear\"");
  if (!context.has(2)) {
    for (Server* server : context.cluster.servers()) server->script().clear();
    return {};
  }
  auto servers = context.servers(2);
  if (!servers.ok()) return servers.take_error();
  for (Server* server : servers.value()) server->script().clear();
  return {};
}

base::Status run_crash(CommandContext& context) {
  auto server = context.server(1);
  if (!server.ok()) return server.take_error();
  const auto down_for = context.duration(2);
  if (!down_for.ok()) return down_for.error();
  if (context.has(3) && context.text(3) != "lost") return context.refuse(3, "\"lost\"");
  server.value()->crash(down_for.value(), context.has(3) ? Memory::lost : Memory::kept);
  return {};
}

base::Status run_pause(CommandContext& context) {
  const auto server = context.server(1);
  if (!server.ok()) return server.error();
  if (!server.value()->is_up()) return context.refuse(1, "a server that is up");
  server.value()->pause();
  return {};
}

base::Status run_resume(CommandContext& context) { return with_server(context, &Server::resume); }

base::Status run_refuse(CommandContext& context) {
  auto server = context.server(1);
  if (!server.ok()) return server.take_error();
  const auto duration = context.duration(2);
  if (!duration.ok()) return duration.error();
  server.value()->refuse(duration.value());
  return {};
}

base::Status run_cut(CommandContext& context) {
  return with_server(context, &Server::cut_connections);
}

base::Status run_release(CommandContext& context) {
  auto server = context.server(1);
  if (!server.ok()) return server.take_error();
  if (context.has(2) && context.text(2) != "reversed") return context.refuse(2, "\"reversed\"");
  server.value()->release_held(context.has(2) ? Release::reversed : Release::in_order);
  return {};
}

}  // namespace rmq::testbroker
