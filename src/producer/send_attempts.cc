// The part of SendRouter that makes attempts.
#include <algorithm>

#include "client/announced_address.h"
#include "producer/choose_queue.h"
#include "producer/producer.h"
#include "producer/retry_policy.h"
#include "producer/send_router.h"

namespace rmq::producer {

using base::ErrorCode;
using base::make_error;

void SendRouter::begin(SendOperation& send) {
  SendAttempt& attempt = send.attempt();
  if (attempt.topic()) {
    begin_by_route(attempt);
  } else if (attempt.is_ordered()) {
    ordered_.begin(attempt);
  } else {
    attempt.submit_to(connection_to(send.destination()));
  }
}

remoting::Connection& SendRouter::connection_of(const SendAttempt& attempt) {
  return attempt.route() ? attempt.route()->connection(attempt.choice())
                         : connection_to(attempt.first().destination());
}

remoting::Connection& SendRouter::connection_to(
    const std::shared_ptr<const Destination>& destination) {
  if (last_destination_ != destination) {
    last_endpoint_ = core().endpoints().intern(destination->address);
    last_destination_ = destination;
  }
  return last_endpoint_->connection(static_cast<std::uint32_t>(std::max(destination->queue_id, 0)));
}

void SendRouter::begin_by_route(SendAttempt& attempt) {
  free_retired();
  if (attempt.topic()->is_retired) attempt.set_topic(&topics_.at(attempt.topic()->name));
  PublishTopic& topic = *attempt.topic();
  watch(topic);
  // There was no memory for it when it came.
  if (!topic.owner) {
    if (const cluster::RoutePtr known = core().routes().find(topic.name)) publish(topic, *known);
  }
  if (attempt.is_ordered()) {
    ordered_.begin(attempt);
  } else if (attempt.has_queue()) {
    start(attempt);
  } else if (!topic.owner || !topic.owner->is_usable()) {
    park(attempt, topic);
  } else if (base::Status status = aim(attempt, topic); status.ok()) {
    start(attempt);
  } else {
    fail(attempt, status.take_error());
  }
}

// Gives an attempt the queue that it could not be given when its send was accepted.
base::Status SendRouter::aim(SendAttempt& attempt, PublishTopic& topic) {
  const std::uint32_t n = topic.turn.fetch_add(1, std::memory_order_relaxed);
  const Destination* destination = attempt.first().destination().get();
  const auto choice =
      choose_queue(*topic.owner, destination, attempt.first().key_hash(), n, time_of_faults());
  if (choice && topic.owner->is_present(*choice))
    return attempt.redirect(topic.owner, *choice, core());
  core().routes().refresh(topic.name);
  if (destination->selector == Selector::machine_room)
    return make_room_error(*topic.owner, topic.name, options().rooms);
  return make_absence_error(
      *topic.owner, topic.name,
      choice ? topic.owner->broker_name(*choice) : std::string_view(destination->broker_name));
}

base::Status SendRouter::aim_at(SendAttempt& attempt, std::string_view broker_name,
                                std::int32_t queue_id) {
  if (attempt.topic() == nullptr) return {};
  const std::shared_ptr<const PublishRoute>& newest = attempt.topic()->owner;
  const auto choice = newest->choose_on(broker_name, queue_id, 0);
  if (!choice) return make_absence_error(*newest, attempt.topic()->name, broker_name);
  const bool is_written_for_it =
      attempt.has_queue() && attempt.queue_id() == queue_id && attempt.broker_name() == broker_name;
  if (!is_written_for_it) return attempt.redirect(newest, *choice, core());
  attempt.set_queue(newest, *choice);
  return {};
}

int SendRouter::tries_max(const SendAttempt& attempt) const {
  if (attempt.is_fixed() || attempt.oneway) return 1;
  return 1 + (is_waiting(attempt.first().mode()) ? options().retries : options().async_retries);
}

bool SendRouter::is_untried(const SendAttempt& attempt, const PublishRoute& route,
                            PublishRoute::Choice choice) const {
  const std::string& name = route.brokers()[choice.broker].name;
  const SendDetour* detour = attempt.detour();
  return name != attempt.broker_name() && !(detour && detour->has_tried(name)) &&
         may_go_to(attempt, route, name);
}

bool SendRouter::may_go_to(const SendAttempt& attempt, const PublishRoute& route,
                           std::string_view broker_name) const {
  const Destination* destination = attempt.first().destination().get();
  return !destination || destination->selector != Selector::machine_room ||
         route.is_in_room(broker_name);
}

std::optional<base::Instant> SendRouter::time_of_faults() const {
  if (!latencies_.has_faults()) return std::nullopt;
  return core().loop().now();
}

// A broker that cannot be reached at present is left alone while another one will do. That is no
// attempt; the connection is told that it is wanted.
void SendRouter::turn_to_reachable(SendAttempt& attempt) {
  const std::shared_ptr<const PublishRoute> route = attempt.route();
  if (attempt.is_fixed() || !route->has_several_brokers()) return;
  remoting::Connection& chosen = route->connection(attempt.choice());
  if (!chosen.is_away()) return;
  chosen.want();
  const auto is_good = [&](PublishRoute::Choice each) {
    return is_untried(attempt, *route, each) && !route->connection(each).is_away();
  };
  const std::uint32_t n = attempt.topic()->turn.fetch_add(1, std::memory_order_relaxed);
  const base::Instant now = core().loop().now();
  auto other = route->choose_where(
      [&](PublishRoute::Choice each) {
        return is_good(each) && route->brokers()[each.broker].is_available(now);
      },
      n);
  if (!other) other = route->choose_where(is_good, n);
  // Without memory for another head, this broker has to do.
  if (other) static_cast<void>(attempt.redirect(route, *other, core()).ok());
}

void SendRouter::start(SendAttempt& attempt) {
  turn_to_reachable(attempt);
  const PublishRoute& route = *attempt.route();
  const PublishRoute::Choice choice = attempt.choice();
  const int tries_left = tries_max(attempt) - attempt.tries();
  const SendDetour* detour = attempt.detour();
  const base::Instant now = core().loop().now();
  attempt.topic()->used_at = now;
  attempt.deadline =
      attempt_deadline(now, attempt.first().due(), tries_left, route.has_several_brokers());
  // Where a broker was tried before there is no better one: its connection is waited for.
  attempt.fail_fast = !detour || !detour->has_tried(route.brokers()[choice.broker].name);
  attempt.submit_to(route.connection(choice));
}

bool SendRouter::may_try_again(const SendAttempt& attempt) const {
  return !attempt.is_fixed() && attempt.tries() < tries_max(attempt) &&
         core().loop().now() < attempt.first().due() && !producer_.is_cutting_short();
}

bool SendRouter::goes_on(SendAttempt& attempt, const AttemptResult& result) {
  if (result.is_final) return false;
  if (result.error && attempt.is_ordered()) return ordered_.try_again(attempt, *result.error);
  if (attempt.topic() == nullptr) return false;
  if (result.error) return try_again(attempt, *result.error);
  if (result.stored == nullptr) return false;
  if (result.stored->status != protocol::SendStatus::ok && try_elsewhere(attempt, *result.stored))
    return true;
  if (attempt.route()->is_default()) note_created(*attempt.topic());
  return false;
}

bool SendRouter::try_again(SendAttempt& attempt, const base::Error& error) {
  if (hints_at_stale_route(error)) core().routes().refresh(attempt.topic()->name);
  if (!may_try_again(attempt) || !is_worth_another_try(error)) return false;
  // The answer leaves open whether the message is stored there, so the same broker does not get it
  // a second time.
  const bool is_stored_perhaps =
      error.response_code >= 0 && error.outcome != base::Outcome::not_applied;
  if (is_stored_perhaps && !has_untried_broker(attempt)) return false;
  attempt.make_detour(core().deadlines())
      .note_try(attempt.broker_name(), error.code, error.outcome);
  return go_elsewhere(attempt);
}

bool SendRouter::try_elsewhere(SendAttempt& attempt, const protocol::SendMessageResponse& answer) {
  if (!options().retry_when_not_store_ok || !may_try_again(attempt)) return false;
  const bool is_flush = answer.status == protocol::SendStatus::flush_disk_timeout;
  SendDetour& detour = attempt.make_detour(core().deadlines());
  detour.keep(answer, attempt.broker_name());
  detour.note_try(attempt.broker_name(),
                  is_flush ? ErrorCode::FLUSH_TIMEOUT : ErrorCode::SLAVE_TIMEOUT,
                  base::Outcome::applied);
  return go_elsewhere(attempt);
}

std::shared_ptr<const PublishRoute> SendRouter::newest_route(const SendAttempt& attempt) const {
  const PublishTopic& topic = *attempt.topic();
  return topic.owner && topic.owner->is_usable() ? topic.owner : attempt.route();
}

bool SendRouter::has_untried_broker(const SendAttempt& attempt) const {
  const std::shared_ptr<const PublishRoute> route = newest_route(attempt);
  return route
      ->choose_where([&](PublishRoute::Choice each) { return is_untried(attempt, *route, each); },
                     0)
      .has_value();
}

bool SendRouter::go_elsewhere(SendAttempt& attempt) {
  PublishTopic& topic = *attempt.topic();
  const std::shared_ptr<const PublishRoute> route = newest_route(attempt);
  const std::string last(attempt.broker_name());
  const SendDetour& detour = *attempt.detour();
  const std::uint32_t n = topic.turn.fetch_add(1, std::memory_order_relaxed);
  const auto has_tried = [&](std::string_view name) { return detour.has_tried(name); };
  PublishRoute::Choice choice;
  if (const Destination* destination = attempt.first().destination().get();
      destination && destination->selector == Selector::machine_room) {
    const auto in_room = route->choose_in_room_elsewhere(last, has_tried, n);
    if (!in_room) return false;
    choice = *in_room;
  } else {
    choice = route->choose_elsewhere(last, has_tried, n, core().loop().now());
  }
  if (!attempt.redirect(route, choice, core()).ok()) return false;
  start(attempt);
  return true;
}

void SendRouter::tell_listeners(const SendAttempt& attempt, const AttemptResult& result) noexcept {
  const bool is_heard = result.error || latencies_.wants_successes();
  if (!is_heard && listeners_.empty()) return;
  const base::Duration took = core().loop().now() - attempt.submitted_at();
  if (is_heard) latencies_.on_try_ended(attempt, result, took);
  for (AttemptListener* listener : listeners_) listener->on_try_ended(attempt, result, took);
}

void SendRouter::on_attempt_ended(SendAttempt& attempt, AttemptResult& result) noexcept {
  tell_listeners(attempt, result);
  const bool is_uncertain =
      result.error && !result.is_final && result.error->outcome != base::Outcome::not_applied;
  bool is_over = true;
  try {
    is_over = !goes_on(attempt, result);
  } catch (const std::bad_alloc&) {
    // Without memory for another try this one is the last.
  }
  const bool was_stored_elsewhere = !is_over && result.stored != nullptr;
  if (is_uncertain || was_stored_elsewhere) {
    for (SendOperation* send = &attempt.first(); send; send = send->next_in_attempt())
      send->note_uncertain_attempt();
  }
  if (!is_over) return;
  if (attempt.is_ordered()) {
    end_in_lane(attempt, [&] { end(attempt, result); });
  } else {
    end(attempt, result);
  }
}

// An attempt that is a part of its first send ends with that one, which therefore comes last.
void SendRouter::end(SendAttempt& attempt, AttemptResult& result) noexcept {
  if (result.error) {
    const SendDetour* detour = attempt.detour();
    if (result.is_final || !detour || !detour->stored) {
      fail(attempt, std::move(*result.error));
      return;
    }
  }
  for (SendOperation* send = attempt.first().next_in_attempt(); send != nullptr;) {
    SendOperation* next = send->next_in_attempt();
    end_send(attempt, result, *send);
    send = next;
  }
  end_send(attempt, result, attempt.first());
}

void SendRouter::end_send(const SendAttempt& attempt, const AttemptResult& result,
                          SendOperation& send) noexcept {
  if (result.stored) {
    send.set_stored(*result.stored, attempt.broker_name());
  } else if (result.error) {
    const SendDetour::Stored& stored = *attempt.detour()->stored;
    send.set_stored(stored.answer, stored.broker_name);
  } else {
    send.set_written(attempt.queue_id(), attempt.broker_name());
  }
  producer_.end_send(send);
}

void SendRouter::fail(SendAttempt& attempt, base::Error error) noexcept {
  if (attempt.is_ordered()) {
    end_in_lane(attempt, [&] { fail_sends(attempt, std::move(error)); });
  } else {
    fail_sends(attempt, std::move(error));
  }
}

// The next one of the lane follows when the end was told.
template <typename End>
void SendRouter::end_in_lane(SendAttempt& attempt, End end) noexcept {
  const std::shared_ptr<Producer> keep = producer_.shared_from_this();
  OrderedLane* const lane = ordered_.take_out(attempt);
  end();
  ordered_.advance(lane);
}

void SendRouter::fail_sends(SendAttempt& attempt, base::Error error) noexcept {
  add_context(attempt, &error);
  for (SendOperation* send = attempt.first().next_in_attempt(); send != nullptr;) {
    SendOperation* next = send->next_in_attempt();
    send->fail(base::make_error_or_code(error.code, [&] { return error; }));
    producer_.end_send(*send);
    send = next;
  }
  SendOperation& first = attempt.first();
  first.fail(std::move(error));
  producer_.end_send(first);
}

// Adds where the attempt went, and what earlier tries left behind.
void SendRouter::add_context(const SendAttempt& attempt, base::Error* error) const noexcept {
  error->queue_id = attempt.queue_id();
  const SendDetour* detour = attempt.detour();
  if (detour) error->outcome = std::max(error->outcome, detour->worst);
  try {
    producer_.name_cause(error);
    if (error->address.empty()) error->address = attempt.address_text();
    error->broker_name = attempt.broker_name();
    // A route gave the address; a send without one goes to an address that the user gave.
    if (attempt.route()) client::explain_announced_address(error->broker_name, error);
    if (detour) detour->add_context(error);
  } catch (const std::bad_alloc&) {
    // The error goes without its context.
  }
}

}  // namespace rmq::producer
