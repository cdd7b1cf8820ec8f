#include "consumer/push_consumer.h"

#include "consumer/allocate_average.h"
#include "protocol/names.h"

namespace rmq::consumer {

using base::ErrorCode;
using base::make_error;

namespace {

constexpr base::Duration kCloseTimeoutDefault = std::chrono::seconds(3);
// A blocking caller waits for the loop's own deadline, and so much longer before it gives the loop
// up.
constexpr base::Duration kWaitGrace = std::chrono::seconds(5);

base::Result<protocol::SubscriptionData> make_subscription(std::string_view topic, FilterType type,
                                                           std::string_view expression) {
  if (type == FilterType::tag) return protocol::parse_tag_expression(topic, expression);
  if (expression.empty()) {
    return make_error(ErrorCode::SUBSCRIPTION_SELECTOR,
                      "the SQL92 expression for topic " + std::string(topic) + " is empty",
                      "subscribe by tag with an empty expression to get all messages");
  }
  protocol::SubscriptionData subscription;
  subscription.topic = topic;
  subscription.sub_string = expression;
  subscription.expression_type = protocol::kExpressionSql92;
  return subscription;
}

}  // namespace

std::shared_ptr<PushConsumer> PushConsumer::make(std::shared_ptr<client::Host> host,
                                                 ConsumerOptions options,
                                                 std::shared_ptr<event::EventQueue> queue,
                                                 std::uint64_t token, void* user_data) {
  return std::shared_ptr<PushConsumer>(
      new PushConsumer(std::move(host), std::move(options), std::move(queue), token, user_data));
}

PushConsumer::PushConsumer(std::shared_ptr<client::Host> host, ConsumerOptions options,
                           std::shared_ptr<event::EventQueue> queue, std::uint64_t token,
                           void* user_data)
    : host_(std::move(host)),
      options_(std::move(options)),
      context_(host_, options_, std::move(queue), token, user_data),
      offsets_(context_),
      strategy_(std::make_unique<AllocateAverage>()),
      persist_due_(*this),
      expire_due_(*this),
      close_due_(*this) {}

PushConsumer::~PushConsumer() = default;

base::Status PushConsumer::check_accepting() const {
  if (host_->is_forked()) {
    return make_error(ErrorCode::FORKED, "the consumer belongs to the parent process",
                      "make a runtime of its own after fork()");
  }
  switch (state_.load()) {
    case State::created:
    case State::started:
      return {};
    case State::closing:
      return make_error(ErrorCode::CLOSING, "the consumer is closing and accepts nothing new");
    case State::closed:
      break;
  }
  return make_error(ErrorCode::CLOSED, "the consumer is closed");
}

base::Status PushConsumer::subscribe(std::string_view topic, FilterType type,
                                     std::string_view expression) {
  if (auto status = check_accepting(); !status.ok()) return status;
  if (auto status = protocol::check_topic(topic); !status.ok()) {
    base::Error error = status.take_error();
    error.code = ErrorCode::SUBSCRIPTION_TOPIC;
    return error;
  }
  auto subscription = make_subscription(topic, type, expression);
  if (!subscription.ok()) return subscription.take_error();
  subscription.value().sub_version = host_->wall_ms();
  {
    std::lock_guard lock(mutex_);
    if (!wanted_.contains(topic) && wanted_.size() >= options_.subscriptions_max) {
      return make_error(ErrorCode::SUBSCRIPTION_LIMIT,
                        "the consumer has " + std::to_string(wanted_.size()) +
                            " subscriptions, as many as max_subscriptions allows");
    }
    wanted_.insert_or_assign(std::string(topic), subscription.take_value());
  }
  return take_subscriptions_to_loop();
}

base::Status PushConsumer::unsubscribe(std::string_view topic) {
  if (auto status = check_accepting(); !status.ok()) return status;
  {
    std::lock_guard lock(mutex_);
    const auto found = wanted_.find(topic);
    if (found == wanted_.end()) {
      return make_error(ErrorCode::NOT_SUBSCRIBED,
                        "the topic " + std::string(topic) + " is not subscribed");
    }
    wanted_.erase(found);
  }
  return take_subscriptions_to_loop();
}

base::Status PushConsumer::take_subscriptions_to_loop() {
  if (state_ != State::started) return {};  // start takes them
  auto* operation =
      new client::ControlOperation(event::EventType::closed, 0, nullptr,
                                   [self = shared_from_this()](client::ControlOperation& change) {
                                     const std::shared_ptr<PushConsumer> consumer = self;
                                     consumer->apply_subscriptions();
                                     change.complete(consumer->host_->core());
                                   });
  if (host_->core().post(*operation)) return {};
  operation->destroy();
  return make_error(ErrorCode::CLOSED, "the runtime is closed");
}

base::Status PushConsumer::start() {
  if (auto status = host_->check_running(); !status.ok()) return status;
  if (!options_.unsupported.empty())
    return make_error(ErrorCode::UNSUPPORTED, options_.unsupported + " is not supported yet");
  if (state_ == State::started)
    return make_error(ErrorCode::ALREADY_STARTED, "the consumer was started before");
  if (!host_->core().claim_consumer_group(options_.group)) {
    return make_error(ErrorCode::START_FAILED,
                      "the runtime has a consumer of the group " + options_.group + " already",
                      "make a runtime of its own for each member of a group");
  }
  State expected = State::created;
  if (!state_.compare_exchange_strong(expected, State::started)) {
    host_->core().release_consumer_group(options_.group);
    return make_error(ErrorCode::CLOSED, "the consumer is closed; make a new one to go on");
  }
  was_started_ = true;
  if (start_.post(host_->core(), shared_from_this())) return {};
  host_->core().release_consumer_group(options_.group);
  state_ = State::closed;
  return make_error(ErrorCode::CLOSED, "the runtime is closed");
}

client::ControlOperation* PushConsumer::make_close(base::Duration timeout, std::uint64_t token,
                                                   void* user_data) {
  auto* operation =
      new client::ControlOperation(event::EventType::closed, token, user_data,
                                   [self = shared_from_this()](client::ControlOperation& close) {
                                     const std::shared_ptr<PushConsumer> consumer = self;
                                     consumer->begin_user_close(close);
                                   });
  operation->deadline =
      host_->now() + (timeout == base::Duration::zero() ? kCloseTimeoutDefault : timeout);
  return operation;
}

base::Status PushConsumer::close_async(base::Duration timeout, std::uint64_t token,
                                       void* user_data) {
  if (host_->is_forked()) return check_accepting();
  client::ControlOperation* operation = make_close(timeout, token, user_data);
  State expected = State::started;
  if (state_.compare_exchange_strong(expected, State::closing)) {
    operation->set_queue(context_.queue);
    if (host_->core().post(*operation)) return {};
    operation->destroy();
    return make_error(ErrorCode::CLOSED, "the runtime is closed");
  }
  operation->destroy();
  if (expected == State::closed) return make_error(ErrorCode::CLOSED, "the consumer is closed");
  if (expected == State::closing)
    return make_error(ErrorCode::CLOSING, "the consumer is closing already");
  return make_error(ErrorCode::NOT_STARTED,
                    "the consumer has not been started, so there is nothing to close");
}

base::Status PushConsumer::close(base::Duration timeout) {
  if (host_->is_forked()) return check_accepting();
  State expected = State::created;
  if (state_.compare_exchange_strong(expected, State::closed) || expected == State::closed)
    return {};
  const bool waits = host_->may_block() && !host_->is_in_callback();
  client::ControlOperation* operation = make_close(timeout, 0, nullptr);
  event::Waiter* waiter = nullptr;
  try {
    if (waits) waiter = event::Waiter::make();
  } catch (const std::bad_alloc&) {
    operation->destroy();
    throw;
  }
  const base::Duration wait = operation->deadline - host_->now() + kWaitGrace;
  operation->set_waiter(waiter);
  state_.compare_exchange_strong(expected = State::started, State::closing);
  if (!host_->core().post(*operation)) {
    operation->destroy();
    if (waiter) waiter->discard();
    return {};  // the runtime has closed it
  }
  if (!waits) {
    return make_error(ErrorCode::IN_PROGRESS,
                      "the consumer is closing; this thread cannot wait for it");
  }
  return client::wait_for(waiter, wait, ErrorCode::CLOSE_TIMEOUT,
                          "closing did not end: nobody drives the runtime");
}

void PushConsumer::abandon() noexcept {
  State expected = State::started;
  state_.compare_exchange_strong(expected, State::closing);
  // The start was run or is ahead of this: an inbox keeps its order.
  if (was_started_) abandonment_.post(host_->core(), shared_from_this());
}

}  // namespace rmq::consumer
