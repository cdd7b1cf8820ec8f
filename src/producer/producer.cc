#include "producer/producer.h"

#include "producer/half_message.h"
#include "producer/queues_call.h"
#include "producer/recall_call.h"
#include "producer/send_frame.h"

namespace rmq::producer {

using base::ErrorCode;
using base::make_error;
using client::wait_grace;

namespace {

std::string describe_part(std::int64_t used, std::int64_t max, const std::string& option) {
  std::string text = std::to_string(used);
  if (max != event::Budget::kUnbounded) text += " of " + option + " " + std::to_string(max);
  return text;
}

// "3 of max_inflight 3 sends and 700 of max_inflight_bytes 65536 bytes"
std::string describe_room(const event::Budget& budget, const std::string& option) {
  return describe_part(budget.operations(), budget.operations_max(), option) + " sends and " +
         describe_part(budget.bytes(), budget.bytes_max(), option + "_bytes") + " bytes";
}

}  // namespace

Producer::Producer(std::shared_ptr<client::Host> host, ProducerOptions options,
                   std::shared_ptr<event::EventQueue> queue, event::Tag tag)
    : host_(std::move(host)),
      options_(std::move(options)),
      queue_(std::move(queue)),
      tag_(tag),
      budget_(event::Budget::make(options_.inflight_max, options_.inflight_bytes_max,
                                  host_->common_budget())),
      troubles_(*host_, options_.group,
                options_.tells_errors ? client::ErrorDoor(queue_, tag) : client::ErrorDoor()),
      flush_deadline_(*this) {}

Producer::~Producer() = default;

base::Status Producer::start() {
  if (auto status = host_->check_running(); !status.ok()) return status;
  return life_.start();
}

base::Status Producer::acquire_room(std::size_t bytes, base::Instant deadline, bool may_wait) {
  const auto charge = static_cast<std::uint32_t>(bytes);
  const event::Budget* full = nullptr;
  if (budget_->try_acquire(charge, &full)) return {};
  // A callback would wait for room that only its own thread gives back.
  const bool is_callback = host_->is_in_callback();
  const bool waits = may_wait && host_->may_block() && !is_callback;
  if (waits && budget_->acquire(charge, deadline - host_->now(), &full)) return {};
  if (auto status = life_.check_started(); !status.ok()) return status;
  const bool is_common = full != budget_.get();
  std::string text = describe_room(*full, is_common ? "runtime_max_inflight" : "max_inflight");
  if (is_common) text += " of all producers of the runtime";
  text += " are pending or not taken as events yet";
  if (waits) text += ", until the deadline";
  return make_error(ErrorCode::QUEUE_FULL, std::move(text),
                    is_callback ? "return from the callback first; each event that was handled "
                                  "gives its room back"
                                : "take events from the queue; each gives its room back");
}

base::Result<SendOperation*> Producer::prepare(
    const OutgoingMessage& message, base::Bytes body,
    const std::shared_ptr<const Destination>& destination, const SendCall& call, Target& target) {
  if (auto status = life_.check_started(); !status.ok()) return status.take_error();
  const base::Duration limit = or_default(call.timeout);
  const base::Instant deadline = target.route ? target.deadline : host_->now() + limit;

  if (call.is_half) {
    if (auto status = check_half_message(message, options_); !status.ok())
      return status.take_error();
  }
  SendFrame send(message, body, options_);
  if (auto status = send.check_and_compress(); !status.ok()) return status.take_error();
  Preparation preparation(sends_prepared_);
  choose_target(message.topic(), destination.get(), &target);
  if (target.route) {
    send.set_queue(target.route->broker_name(target.choice), target.choice.queue_id);
  } else if (destination) {
    send.set_queue(destination->broker_name, destination->queue_id);
  }
  send.stamp(*host_, call);
  const bool may_wait = call.may_wait && (is_waiting(call.mode) || blocks_when_full_);
  if (auto status = acquire_room(send.held_bytes(), deadline, may_wait); !status.ok())
    return status.take_error();

  SendOperation* operation = nullptr;
  try {
    operation = SendOperation::make(*this, destination, call.mode, send.frame_bytes(),
                                    message.topic(), call.tag);
    if (call.is_half) operation->make_question(host_);
  } catch (const std::bad_alloc&) {
    if (operation != nullptr) operation->destroy();
    budget_->release(static_cast<std::uint32_t>(send.held_bytes()));
    throw;
  }
  operation->hold(*budget_, static_cast<std::uint32_t>(send.held_bytes()));
  send.write(operation);
  operation->attempt().set_topic(target.topic);
  operation->attempt().set_queue(target.route, target.choice);
  operation->set_due(deadline, limit);
  operation->set_key_hash(target.key_hash);
  if (call.is_ordered) operation->attempt().set_ordered();
  preparation.keep();
  return operation;
}

base::Status Producer::update(const config::Config& changes) {
  using config::OptionId;
  if (auto status = changes.check_change(config::Owner::kProducer); !status.ok()) return status;
  if (changes.is_set(OptionId::kSendMsgTimeout)) {
    send_timeout_ = changes.duration(OptionId::kSendMsgTimeout);
  }
  life_.update(changes);
  if (changes.is_set(OptionId::kQueueFullPolicy)) {
    blocks_when_full_ = ProducerOptions::blocks_when_full(changes);
  }
  return {};
}

base::Error Producer::take_back(SendOperation& operation) {
  --sends_prepared_;
  operation.release_held();
  operation.destroy();
  return make_error(ErrorCode::CLOSED, "the runtime is closed");
}

base::Status Producer::send_async(const OutgoingMessage& message, base::Bytes body,
                                  const std::shared_ptr<const Destination>& destination,
                                  const SendCall& call) {
  Target target;
  if (destination) {
    if (auto status = look_at(message, body, *destination, call, &target); !status.ok())
      return status;
  }
  const CallScope scope(life_);
  auto operation = prepare(message, body, destination, call, target);
  if (!operation.ok()) return operation.take_error();
  if (host_->core().post(*operation.value())) return {};
  return take_back(*operation.value());
}

base::Result<event::Event*> Producer::send(const OutgoingMessage& message,
                                           const std::shared_ptr<const Destination>& destination,
                                           const SendCall& call) {
  if (auto status = life_.check_started(); !status.ok()) return status.take_error();
  if (!host_->may_block()) {
    return make_error(ErrorCode::WRONG_THREAD,
                      "a blocking send on the thread that drives the runtime would never end",
                      "send asynchronously and go on stepping");
  }
  const base::Instant started = host_->now();
  Target target;
  if (destination) {
    if (auto status = look_at(message, message.body(), *destination, call, &target); !status.ok())
      return status.take_error();
  }
  event::UnsharedWaiter waiter = event::Waiter::make();
  const CallScope scope(life_);
  auto prepared = prepare(message, message.body(), destination, call, target);
  if (!prepared.ok()) return prepared.take_error();
  SendOperation* operation = prepared.value();
  operation->set_waiter(waiter.get());
  // The loop reads a pinned body until the send has ended.
  const bool is_lent = message.has_pinned_body() && !host_->is_driven();
  const base::Instant until = is_lent ? base::kNever : operation->due() + wait_grace(*host_);
  const client::Host::CallEnd end = host_->call(*operation, std::move(waiter), until);
  if (!end) return take_back(*operation);
  if (event::Event* event = *end) {
    event->release_held();
    return event;
  }
  base::Error error = make_error(ErrorCode::REQUEST_TIMEOUT,
                                 "the send did not end within " +
                                     std::to_string(base::to_ms(host_->now() - started)) +
                                     " ms: nobody drives the runtime",
                                 "call rmq_runtime_step often enough");
  error.outcome = base::Outcome::maybe_applied;
  return error;
}

base::Status Producer::cancel(std::uint64_t token) {
  if (auto status = life_.check_started(); !status.ok() && status.code() != ErrorCode::CLOSING)
    return status;
  auto* operation =
      new client::ControlOperation(event::EventType::closed, token, nullptr,
                                   [self = shared_from_this()](client::ControlOperation& cancel) {
                                     const std::shared_ptr<Producer> producer = self;
                                     const std::uint64_t wanted = cancel.token();
                                     producer->cancel_sends(&wanted);
                                     cancel.complete(producer->host_->core());
                                   });
  return post(operation);
}

base::Status Producer::post(client::ControlOperation* operation) {
  if (host_->core().post(*operation)) return {};
  operation->destroy();
  return make_error(ErrorCode::CLOSED, "the runtime is closed");
}

client::ControlOperation* Producer::make_flush(base::Duration timeout, std::uint64_t token,
                                               void* user_data) {
  auto* operation =
      new client::ControlOperation(event::EventType::flushed, token, user_data,
                                   [self = shared_from_this()](client::ControlOperation& flush) {
                                     const std::shared_ptr<Producer> producer = self;
                                     producer->begin_flush(flush);
                                   });
  operation->deadline = host_->now() + or_default(timeout);
  return operation;
}

base::Status Producer::flush_async(base::Duration timeout, std::uint64_t token, void* user_data) {
  const CallScope scope(life_);
  if (auto status = life_.check_started(); !status.ok()) return status;
  if (auto status = acquire_room(0, host_->now() + or_default(timeout), blocks_when_full_);
      !status.ok())
    return status;
  client::ControlOperation* operation = nullptr;
  try {
    operation = make_flush(timeout, token, user_data);
  } catch (const std::bad_alloc&) {
    budget_->release(0);
    throw;
  }
  operation->hold(*budget_, 0);
  operation->set_queue(queue_);
  if (host_->core().post(*operation)) return {};
  operation->release_held();
  operation->destroy();
  return make_error(ErrorCode::CLOSED, "the runtime is closed");
}

base::Status Producer::flush(base::Duration timeout) {
  if (auto status = life_.check_started(); !status.ok()) return status;
  if (!host_->may_block()) {
    return make_error(ErrorCode::WRONG_THREAD,
                      "a blocking flush on the thread that drives the runtime would never end",
                      "use the asynchronous flush and go on stepping");
  }
  // The call keeps what it runs on: a callback may destroy the handles before it returns.
  const std::shared_ptr<client::Host> host = host_;
  event::UnsharedWaiter waiter = event::Waiter::make();
  client::ControlOperation* operation = make_flush(timeout, 0, nullptr);
  operation->set_waiter(waiter.get());
  const base::Instant until = operation->deadline + wait_grace(*host);
  const client::Host::CallEnd end = host->call(*operation, std::move(waiter), until);
  if (!end) {
    operation->destroy();
    return make_error(ErrorCode::CLOSED, "the runtime is closed");
  }
  return client::take_status(*end, ErrorCode::REQUEST_TIMEOUT,
                             "the flush did not end: nobody drives the runtime");
}

base::Result<client::OwnedColdCall> Producer::make_recall(std::string_view topic,
                                                          std::string_view recall_handle,
                                                          event::Tag tag) {
  return RecallCall::make(calls_, options_.group, topic, recall_handle, tag);
}

base::Result<client::OwnedColdCall> Producer::make_queues(std::string_view topic, event::Tag tag) {
  return QueuesCall::make(calls_, topic, tag);
}

void Producer::abandon() noexcept {
  budget_->close();  // for callers who wait for room: the loop may not run any more
  life_.abandon();
}

}  // namespace rmq::producer
