#include "consumer/filter_check.h"

#include <algorithm>

#include "protocol/check_client.h"
#include "protocol/response_code.h"
#include "protocol/subscription_json.h"

namespace rmq::consumer {
namespace {

std::string check_body(const ConsumerContext& context, const std::string& client_id,
                       const protocol::SubscriptionData& subscription) {
  protocol::JsonWriter body;
  body.begin_object();
  body.text("clientId", client_id);
  body.text("group", context.options.group);
  body.name("subscriptionData");
  protocol::write_subscription(subscription, &body);
  body.end_object();
  return body.take();
}

base::Error as_refusal(base::Error error, const std::string& topic, const std::string& address) {
  error.code = base::ErrorCode::FILTER_REJECTED;
  error.message = "the broker " + address + " cannot filter the topic " + topic +
                  " by the SQL92 expression: " + error.remark;
  error.hint = "see whether the expression is right and the broker has enablePropertyFilter = true";
  error.topic = topic;
  return error;
}

}  // namespace

void FilterCheck::look_at_all() {
  for (const auto& [topic, subscription] : context_.subscriptions) look_at(topic);
}

void FilterCheck::look_at(const std::string& topic) {
  const protocol::SubscriptionData* subscription = context_.find_subscription(topic);
  if (subscription == nullptr || subscription->expression_type == protocol::kExpressionTag) {
    forget(topic);
    return;
  }
  const cluster::RoutePtr route = context_.core().routes().find(topic);
  if (!route || route->is_default) return;
  Asked& asked = asked_[topic];
  if (asked.expression != subscription->sub_string) {
    asked = {subscription->sub_string, {}};
  }
  std::set<cluster::EndpointPtr, cluster::ByNumber> masters;
  for (std::size_t i = 0; i < route->brokers.size(); ++i) {
    cluster::Endpoint* found = route->brokers[i].find();
    if (found == nullptr) continue;
    const cluster::EndpointPtr master = found->shared_from_this();
    masters.insert(master);
    if (asked.brokers.contains(master)) continue;
    ask(topic, route->data.brokers[i].broker_name, master, *subscription);
    asked.brokers.insert(master);
  }
  std::erase_if(asked.brokers, [&](const auto& broker) { return !masters.contains(broker); });
}

void FilterCheck::ask(const std::string& topic, const std::string& broker_name,
                      const cluster::EndpointPtr& broker,
                      const protocol::SubscriptionData& subscription) {
  calls_.ask({broker->connection()}, protocol::CheckClientRequest{},
             check_body(context_, context_.host.client_id(), subscription),
             context_.now() + context_.options.request_timeout,
             [this, topic, broker_name, broker](base::Result<protocol::EmptyResponse> answer) {
               if (answer.ok()) return;
               try {
                 take_failure(topic, broker_name, broker, answer.take_error());
               } catch (const std::bad_alloc&) {
                 // The pulls tell what the broker thinks of the expression.
               }
             });
}

// A broker that did not answer is asked again when it is back. One that does not know the question
// is left alone: its answers to the pulls tell.
void FilterCheck::take_failure(const std::string& topic, const std::string& broker_name,
                               const cluster::EndpointPtr& broker, base::Error error) {
  if (!cluster::has_answered(error)) {
    if (const auto asked = asked_.find(topic); asked != asked_.end())
      asked->second.brokers.erase(broker);
    return;
  }
  cluster::throw_if_unread(error);
  if (error.response_code ==
      static_cast<std::int32_t>(protocol::ResponseCode::REQUEST_CODE_NOT_SUPPORTED))
    return;
  const base::Error refusal = as_refusal(std::move(error), topic, broker->name());
  context_.troubles().note("check_filter", {topic, broker_name, -1}, &refusal);
}

}  // namespace rmq::consumer
