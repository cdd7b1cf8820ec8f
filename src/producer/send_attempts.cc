// The part of SendRouter that makes attempts.
#include "producer/producer.h"
#include "producer/retry_policy.h"
#include "producer/send_router.h"

namespace rmq::producer {

using base::ErrorCode;
using base::make_error;

void SendRouter::begin(SendOperation& operation) {
  free_retired();
  if (operation.topic()->is_retired) operation.set_topic(&topics_.at(operation.topic()->name));
  PublishTopic& topic = *operation.topic();
  topic.used_at = core().loop().now();
  watch(topic);
  // There was no memory for it when it came.
  if (!topic.owner) {
    if (const cluster::RoutePtr known = core().routes().find(topic.name)) publish(topic, *known);
  }
  if (operation.has_queue()) {
    start(operation);
  } else if (!topic.owner || !topic.owner->is_usable()) {
    park(operation, topic);
  } else if (base::Status status = aim(operation, topic); status.ok()) {
    start(operation);
  } else {
    end(operation, status.take_error());
  }
}

// Gives a send the queue that it could not be given when it was accepted.
base::Status SendRouter::aim(SendOperation& operation, PublishTopic& topic) {
  const PublishRoute& route = *topic.owner;
  const std::uint32_t n = topic.turn.fetch_add(1, std::memory_order_relaxed);
  const Destination* destination = operation.destination().get();
  if (destination == nullptr) return operation.redirect(topic.owner, route.choose(n));
  const auto choice = route.choose_on(destination->broker_name, destination->queue_id, n);
  if (choice) return operation.redirect(topic.owner, *choice);
  core().routes().refresh(topic.name);
  std::string names;
  for (const PublishRoute::Broker& broker : route.brokers()) {
    if (!names.empty()) names += ", ";
    names += broker.name;
  }
  return make_error(ErrorCode::BROKER_NOT_AVAILABLE,
                    "the route of the topic " + topic.name + " has no broker " +
                        destination->broker_name + " with a master, it has " + names);
}

int SendRouter::attempts_max(const SendOperation& operation) const {
  if (operation.destination() || operation.oneway) return 1;
  return 1 + (is_waiting(operation.mode()) ? options().retries : options().async_retries);
}

bool SendRouter::is_untried(const SendOperation& operation, const PublishRoute& route,
                            PublishRoute::Choice choice) const {
  const std::string& name = route.brokers()[choice.broker].name;
  const SendDetour* detour = operation.detour();
  return name != operation.broker_name() && !(detour && detour->has_tried(name));
}

// A broker that cannot be reached at present is left alone while another one will do. That is no
// attempt; the connection is told that it is wanted.
void SendRouter::turn_to_reachable(SendOperation& operation) {
  const std::shared_ptr<const PublishRoute> route = operation.route();
  if (operation.destination() || !route->has_several_brokers()) return;
  cluster::Connections& connections = core().connections();
  remoting::Connection& chosen = route->connection(connections, operation.choice());
  if (!chosen.is_away()) return;
  chosen.want();
  const auto other = route->choose_where(
      [&](PublishRoute::Choice each) {
        return is_untried(operation, *route, each) &&
               !route->connection(connections, each).is_away();
      },
      operation.topic()->turn.fetch_add(1, std::memory_order_relaxed));
  // Without memory for another head, this broker has to do.
  if (other) static_cast<void>(operation.redirect(route, *other).ok());
}

void SendRouter::start(SendOperation& operation) {
  turn_to_reachable(operation);
  const PublishRoute& route = *operation.route();
  const PublishRoute::Choice choice = operation.choice();
  const int attempts_left = attempts_max(operation) - operation.attempts();
  const SendDetour* detour = operation.detour();
  operation.deadline = attempt_deadline(core().loop().now(), operation.due(), attempts_left,
                                        route.has_several_brokers());
  // Where a broker was tried before there is no better one: its connection is waited for.
  operation.fail_fast = !detour || !detour->has_tried(route.brokers()[choice.broker].name);
  operation.submit_to(route.connection(core().connections(), choice));
}

bool SendRouter::may_try_again(const SendOperation& operation) const {
  return !operation.destination() && operation.attempts() < attempts_max(operation) &&
         core().loop().now() < operation.due() && !producer_.is_cutting_short();
}

bool SendRouter::try_again(SendOperation& operation, const base::Error& error) {
  if (hints_at_stale_route(error)) core().routes().refresh(operation.topic()->name);
  if (!may_try_again(operation) || !is_worth_another_try(error)) return false;
  // The answer leaves open whether the message is stored there, so the same broker does not get it
  // a second time.
  const bool is_stored_perhaps =
      error.response_code >= 0 && error.outcome != base::Outcome::not_applied;
  if (is_stored_perhaps && !has_untried_broker(operation)) return false;
  detour_of(operation).note_try(operation.broker_name(), error.code, error.outcome);
  return go_elsewhere(operation);
}

bool SendRouter::try_elsewhere(SendOperation& operation,
                               const protocol::SendMessageResponse& answer) {
  if (!options().retry_when_not_store_ok || !may_try_again(operation)) return false;
  const bool is_flush = answer.status == protocol::SendStatus::flush_disk_timeout;
  SendDetour& detour = detour_of(operation);
  detour.keep(answer, operation.broker_name());
  detour.note_try(operation.broker_name(),
                  is_flush ? ErrorCode::FLUSH_TIMEOUT : ErrorCode::SLAVE_TIMEOUT,
                  base::Outcome::applied);
  return go_elsewhere(operation);
}

std::shared_ptr<const PublishRoute> SendRouter::newest_route(const SendOperation& operation) const {
  const PublishTopic& topic = *operation.topic();
  return topic.owner && topic.owner->is_usable() ? topic.owner : operation.route();
}

bool SendRouter::has_untried_broker(const SendOperation& operation) const {
  const std::shared_ptr<const PublishRoute> route = newest_route(operation);
  return route
      ->choose_where([&](PublishRoute::Choice each) { return is_untried(operation, *route, each); },
                     0)
      .has_value();
}

bool SendRouter::go_elsewhere(SendOperation& operation) {
  PublishTopic& topic = *operation.topic();
  const std::shared_ptr<const PublishRoute> route = newest_route(operation);
  const std::string last(operation.broker_name());
  const SendDetour& detour = *operation.detour();
  const PublishRoute::Choice choice = route->choose_elsewhere(
      last, [&](std::string_view name) { return detour.has_tried(name); },
      topic.turn.fetch_add(1, std::memory_order_relaxed));
  if (!operation.redirect(route, choice).ok()) return false;
  start(operation);
  return true;
}

void SendRouter::end(SendOperation& operation, base::Error error) noexcept {
  operation.fail(std::move(error));
  producer_.end_send(operation);
}

}  // namespace rmq::producer
