// The part of SendRouter that makes attempts.
#include "producer/producer.h"
#include "producer/retry_policy.h"
#include "producer/send_router.h"

namespace rmq::producer {

using base::ErrorCode;
using base::make_error;

void SendRouter::begin(SendOperation& operation) {
  free_retired();
  PublishTopic& topic = *operation.topic();
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
  return 1 + (operation.mode() == SendMode::waiting ? options().retries : options().async_retries);
}

void SendRouter::start(SendOperation& operation) {
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

bool SendRouter::go_elsewhere(SendOperation& operation) {
  PublishTopic& topic = *operation.topic();
  const bool is_fresh = topic.owner && topic.owner->is_usable();
  const std::shared_ptr<const PublishRoute> route = is_fresh ? topic.owner : operation.route();
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
