#include "consumer/group_member.h"

#include "base/blank.h"
#include "consumer/tag_expression.h"
#include "protocol/names.h"

namespace rmq::consumer {

using base::ErrorCode;
using base::make_error;

namespace {

base::Result<protocol::SubscriptionData> make_subscription(std::string_view topic, FilterType type,
                                                           std::string_view expression) {
  if (type == FilterType::tag) return read_tag_expression(topic, expression);
  if (base::trim_blanks(expression).empty()) {
    return make_error(ErrorCode::SUBSCRIPTION_SELECTOR,
                      "the SQL92 expression for topic " + std::string(topic) +
                          (expression.empty() ? " is empty" : " is blank"),
                      "subscribe by tag with an empty expression to get all messages");
  }
  protocol::SubscriptionData subscription;
  subscription.topic = topic;
  subscription.sub_string = expression;
  subscription.expression_type = protocol::kExpressionSql92;
  return subscription;
}

}  // namespace

std::shared_ptr<GroupMember> GroupMember::make(std::shared_ptr<client::Host> host,
                                               const ConsumerParts& parts, ConsumerOptions options,
                                               std::shared_ptr<event::EventQueue> queue,
                                               event::Tag tag) {
  return std::shared_ptr<GroupMember>(
      new GroupMember(std::move(host), parts, std::move(options), std::move(queue), tag));
}

GroupMember::GroupMember(std::shared_ptr<client::Host> host, const ConsumerParts& parts,
                         ConsumerOptions options, std::shared_ptr<event::EventQueue> queue,
                         event::Tag tag)
    : host_(std::move(host)),
      parts_(parts),
      options_(std::move(options)),
      context_(host_, options_, std::move(queue), tag),
      subscribe_due_(*this),
      good_bye_due_(*this) {}

GroupMember::~GroupMember() = default;

base::Status GroupMember::subscribe(std::string_view topic, FilterType type,
                                    std::string_view expression) {
  if (auto status = life_.check_open(); !status.ok()) return status;
  if (auto status = protocol::check_topic(topic); !status.ok()) {
    base::Error error = status.take_error();
    error.code = ErrorCode::SUBSCRIPTION_TOPIC;
    return error;
  }
  auto subscription = make_subscription(topic, type, expression);
  if (!subscription.ok()) return subscription.take_error();
  {
    base::MutexLock lock(mutex_);
    if (!wanted_.contains(topic) && wanted_.size() >= options_.subscriptions_max) {
      return make_error(ErrorCode::SUBSCRIPTION_LIMIT,
                        "the consumer has " + std::to_string(wanted_.size()) +
                            " subscriptions, as many as max_subscriptions allows");
    }
    wanted_.insert_or_assign(std::string(topic), subscription.take_value());
  }
  return take_subscriptions_to_loop();
}

base::Status GroupMember::unsubscribe(std::string_view topic) {
  if (auto status = life_.check_open(); !status.ok()) return status;
  {
    base::MutexLock lock(mutex_);
    const auto found = wanted_.find(topic);
    if (found == wanted_.end()) {
      return make_error(ErrorCode::NOT_SUBSCRIBED,
                        "the topic " + std::string(topic) + " is not subscribed");
    }
    wanted_.erase(found);
  }
  return take_subscriptions_to_loop();
}

base::Status GroupMember::take_subscriptions_to_loop() {
  if (life_.state() != State::started) return {};  // start takes them
  auto* operation =
      new client::ControlOperation(event::EventType::closed, 0, nullptr,
                                   [self = shared_from_this()](client::ControlOperation& change) {
                                     const std::shared_ptr<GroupMember> consumer = self;
                                     consumer->apply_subscriptions();
                                     change.complete(consumer->host_->core());
                                   });
  if (host_->core().post(*operation)) return {};
  operation->destroy();
  return make_error(ErrorCode::CLOSED, "the runtime is closed");
}

base::Status GroupMember::start() {
  if (auto status = host_->check_running(); !status.ok()) return status;
  if (!options_.unsupported.empty())
    return make_error(ErrorCode::NOT_IMPLEMENTED, options_.unsupported + " is not supported yet");
  // A second start is told as such, not as a second member of the group.
  if (life_.state() != State::created) return life_.start();
  auto filter_check = std::make_unique<FilterCheck>(context_);
  auto queues = std::make_unique<HeldQueues>(context_, parts_, static_cast<QueueHandler&>(*this));
  auto assignment = parts_.make_assignment(context_, static_cast<AssignmentHandler&>(*this));
  if (!host_->core().claim_consumer_group(options_.group)) {
    return make_error(ErrorCode::GROUP_TAKEN,
                      "the runtime has a consumer of the group " + options_.group + " already",
                      "make a runtime of its own for each member of a group");
  }
  // Somebody else's start may have come and gone before the claim.
  if (life_.state() != State::created) {
    host_->core().release_consumer_group(options_.group);
    return life_.start();
  }
  // This thread has the claim; the loop knows nothing yet.
  filter_check_ = std::move(filter_check);
  queues_ = std::move(queues);
  assignment_ = std::move(assignment);
  auto status = life_.start();
  if (!status.ok()) host_->core().release_consumer_group(options_.group);
  return status;
}

base::Status GroupMember::update(const config::Config& changes) {
  if (auto status = changes.check_change(config::Owner::kConsumer); !status.ok()) return status;
  life_.update(changes);
  return {};
}

}  // namespace rmq::consumer
