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
  for (const protocol::BrokerData& broker : route->data.brokers) {
    const std::string address(route->address_of(broker.broker_name));
    if (address.empty() || asked.addresses.contains(address)) continue;
    ask(topic, broker.broker_name, address, *subscription);
    asked.addresses.insert(address);
  }
  std::erase_if(asked.addresses, [&](const std::string& address) {
    return std::none_of(route->data.brokers.begin(), route->data.brokers.end(),
                        [&](const protocol::BrokerData& broker) {
                          return route->address_of(broker.broker_name) == address;
                        });
  });
}

void FilterCheck::ask(const std::string& topic, const std::string& broker_name,
                      const std::string& address, const protocol::SubscriptionData& subscription) {
  remoting::Connection* connection = context_.core().connections().find(address);
  if (connection == nullptr) return;
  calls_.ask({*connection}, protocol::CheckClientRequest{},
             check_body(context_, context_.host.client_id(), subscription),
             context_.now() + context_.options.request_timeout,
             [this, topic, broker_name, address](base::Result<protocol::EmptyResponse> answer) {
               if (answer.ok()) return;
               try {
                 take_failure(topic, broker_name, address, answer.take_error());
               } catch (const std::bad_alloc&) {
                 // The pulls tell what the broker thinks of the expression.
               }
             });
}

// A broker that did not answer is asked again when it is back. One that does not know the question
// is left alone: its answers to the pulls tell.
void FilterCheck::take_failure(const std::string& topic, const std::string& broker_name,
                               const std::string& address, base::Error error) {
  if (!cluster::has_answered(error)) {
    if (const auto asked = asked_.find(topic); asked != asked_.end())
      asked->second.addresses.erase(address);
    return;
  }
  cluster::throw_if_unread(error);
  if (error.response_code ==
      static_cast<std::int32_t>(protocol::ResponseCode::REQUEST_CODE_NOT_SUPPORTED))
    return;
  const base::Error refusal = as_refusal(std::move(error), topic, address);
  context_.troubles().note("check_filter", {topic, broker_name, -1}, &refusal);
}

}  // namespace rmq::consumer
