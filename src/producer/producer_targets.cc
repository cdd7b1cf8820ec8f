// The part of Producer that finds out where a message goes, on the calling thread.
#include "producer/choose_queue.h"
#include "producer/producer.h"
#include "protocol/properties.h"

namespace rmq::producer {

using base::ErrorCode;
using base::make_error;

// What only sends with a destination pay for. The user's function runs here, before the call counts
// as one that the closing waits for: it may close the producer.
base::Status Producer::look_at(const OutgoingMessage& message, base::Bytes body,
                               const Destination& destination, const SendCall& call,
                               Target* target) {
  if (call.is_ordered && !destination.has_order()) {
    return make_error(ErrorCode::ARGUMENT,
                      "an ordered send to a destination that does not fix the queue",
                      "name a queue id, or choose by the sharding key or by a function");
  }
  if (destination.is_by_key()) {
    const std::string_view key = message.property(protocol::kPropertyShardingKey);
    if (key.empty()) {
      return make_error(ErrorCode::MESSAGE_ILLEGAL,
                        "the message has no sharding key, by which its queue is chosen",
                        "set RMQ_FIELD_SHARDING_KEY");
    }
    target->key_hash = hash_key(destination, key);
  }
  if (destination.selector == Selector::machine_room && options_.rooms.empty()) {
    return make_error(ErrorCode::ARGUMENT, "the option machine_room is not set",
                      "set it in the producer's config: your own room first");
  }
  if (destination.chooser == nullptr) return {};
  return ask_chooser(message, body, destination, call, target);
}

base::Status Producer::ask_chooser(const OutgoingMessage& message, base::Bytes body,
                                   const Destination& destination, const SendCall& call,
                                   Target* target) {
  if (auto status = life_.check_started(); !status.ok()) return status;
  target->deadline = host_->now() + or_default(call.timeout);
  std::shared_ptr<const PublishRoute> route = usable_route(message.topic());
  if (!route) {
    auto awaited = await_route(message.topic(), call, target->deadline);
    if (!awaited.ok()) return awaited.take_error();
    route = awaited.take_value();
  }
  const std::int64_t index = destination.chooser->choose(message, body, *route);
  const auto count = static_cast<std::int64_t>(route->numbered().size());
  if (index < 0 || index >= count) {
    return make_error(ErrorCode::ARGUMENT, "the function has chosen the queue with index " +
                                               std::to_string(index) + ", expected 0 to " +
                                               std::to_string(count - 1));
  }
  target->choice = route->numbered()[static_cast<std::size_t>(index)];
  if (!route->is_present(target->choice)) {
    return make_absence_error(*route, message.topic(), route->broker_name(target->choice));
  }
  target->route = std::move(route);
  return {};
}

std::shared_ptr<const PublishRoute> Producer::usable_route(std::string_view topic) {
  const Preparation preparation(sends_prepared_);
  const PublishTopic& known = topics_.at(topic);
  const CountScope scope(choosers_);  // keeps the snapshot alive until it is held here
  const PublishRoute* route = known.route.load();
  return route && route->is_usable() ? route->shared_from_this() : nullptr;
}

// The function runs on the calling thread only, so this one has to wait for the route. Where it may
// not wait, the call is refused, and the route is asked for.
base::Result<std::shared_ptr<const PublishRoute>> Producer::await_route(std::string_view topic,
                                                                        const SendCall& call,
                                                                        base::Instant deadline) {
  const bool is_callback = host_->is_in_callback();
  const bool may_wait = call.may_wait && (is_waiting(call.mode) || blocks_when_full_) &&
                        host_->may_block() && !is_callback;
  if (!may_wait) {
    if (auto status = ask_for_route(topic); !status.ok()) return status.take_error();
    return make_error(ErrorCode::ROUTE_UNKNOWN,
                      "the function that chooses a queue needs the route of the topic " +
                          std::string(topic) + ", which is not known yet and was asked for now",
                      "send again in a moment, or send the topic's first message with a call that "
                      "may wait");
  }
  client::ControlOperation* operation = make_route_call(topic);
  event::UnsharedWaiter waiter = event::Waiter::make();
  operation->set_waiter(waiter.get());
  operation->deadline = deadline;
  const client::Host::CallEnd end =
      host_->call(*operation, std::move(waiter), deadline + client::wait_grace(*host_));
  if (!end) {
    operation->destroy();
    return make_error(ErrorCode::CLOSED, "the runtime is closed");
  }
  if (auto status =
          client::take_status(*end, ErrorCode::ROUTE_UNKNOWN,
                              "no route to the topic came within the time limit of the send");
      !status.ok()) {
    return status.take_error();
  }
  if (auto route = usable_route(topic)) return route;
  return make_error(ErrorCode::ROUTE_UNKNOWN, "the route of the topic has just been taken away");
}

// Posts once until the loop has heard of it, however often refused callers come back.
base::Status Producer::ask_for_route(std::string_view topic) {
  const Preparation preparation(sends_prepared_);
  std::atomic<bool>& is_asked = topics_.at(topic).is_route_asked;
  if (is_asked) return {};
  client::ControlOperation* operation = make_route_call(topic);
  if (is_asked.exchange(true)) {
    operation->destroy();
    return {};
  }
  auto status = post(operation);
  if (!status.ok()) is_asked = false;
  return status;
}

client::ControlOperation* Producer::make_route_call(std::string_view topic) {
  return new client::ControlOperation(
      event::EventType::closed, 0, nullptr,
      [self = shared_from_this(), name = std::string(topic)](client::ControlOperation& call) {
        const std::shared_ptr<Producer> producer = self;
        if (producer->life_.state() == client::MemberLife::State::started) producer->life_.join();
        try {
          if (producer->life_.is_active()) {
            producer->router_.await_route(name, call);
            return;
          }
        } catch (const std::bad_alloc&) {
          call.fail(producer->host_->core(), base::make_memory_error());
          return;
        }
        call.fail(producer->host_->core(),
                  make_error(ErrorCode::CLOSING, "the producer is closing"));
      });
}

void Producer::choose_target(std::string_view topic, const Destination* destination,
                             Target* target) {
  if (destination && !destination->is_by_route()) return;
  target->topic = &topics_.at(topic);
  if (target->route) return;          // a function has chosen
  const CountScope scope(choosers_);  // keeps the snapshot alive until it is held here
  const PublishRoute* route = target->topic->route.load();
  if (route == nullptr || !route->is_usable()) return;
  const std::uint32_t n = target->topic->turn.fetch_add(1, std::memory_order_relaxed);
  std::optional<base::Instant> time_of_faults;
  if (router_.latencies().has_faults()) [[unlikely]]
    time_of_faults = host_->now();
  if (destination == nullptr && !time_of_faults) {
    target->choice = route->choose(n);
  } else {
    const auto choice = choose_queue(*route, destination, target->key_hash, n, time_of_faults);
    if (!choice || !route->is_present(*choice)) return;
    target->choice = *choice;
  }
  target->route = route->shared_from_this();
}

}  // namespace rmq::producer
