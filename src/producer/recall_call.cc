#include "producer/recall_call.h"

#include <algorithm>

#include "base/quote.h"
#include "protocol/names.h"
#include "protocol/recall_message.h"
#include "protocol/response_code.h"

namespace rmq::producer {

using base::ErrorCode;
using base::make_error;
using protocol::ResponseCode;

namespace {

constexpr std::string_view kWhereHandlesComeFrom =
    "give the recall_handle of rmq_event_send_result as it is";

// What to do about an answer, where its own words do not say it.
std::string_view hint_for(std::int32_t response_code) {
  switch (static_cast<ResponseCode>(response_code)) {
    case ResponseCode::NO_PERMISSION:
      return "the broker has to allow recalls: recallMessageEnable=true in broker.conf";
    case ResponseCode::ILLEGAL_OPERATION:
      return "a message can be recalled until its time, by the broker that it was sent to";
    case ResponseCode::TOPIC_NOT_EXIST:
      return "the topic was removed since the message was sent";
    case ResponseCode::SLAVE_NOT_AVAILABLE:
      return "the broker is a slave now; recall again when its master is back";
    case ResponseCode::SERVICE_NOT_AVAILABLE:
      return "the broker takes nothing at the moment; recall again later";
    case ResponseCode::REQUEST_CODE_NOT_SUPPORTED:
      return "recalling needs RocketMQ 5.4 or newer";
    default:
      return {};
  }
}

}  // namespace

RecallCall::RecallCall(client::ColdCalls& calls, event::Tag tag, std::string_view group,
                       std::string text, protocol::RecallHandle handle)
    : ColdCall(calls, tag), group_(group), text_(std::move(text)), handle_(std::move(handle)) {}

base::Result<client::OwnedColdCall> RecallCall::make(client::ColdCalls& calls,
                                                     std::string_view group, std::string_view topic,
                                                     std::string_view recall_handle,
                                                     event::Tag tag) {
  if (auto status = protocol::check_topic(topic); !status.ok()) return status.take_error();
  auto handle = protocol::parse_recall_handle(recall_handle);
  if (!handle) {
    return make_error(
        ErrorCode::ARGUMENT,
        "recall_handle " + base::quote(recall_handle) + " is none that a broker has given",
        std::string(kWhereHandlesComeFrom));
  }
  if (handle->topic != topic) {
    return make_error(ErrorCode::ARGUMENT,
                      "recall_handle is of a message to the topic " + base::quote(handle->topic) +
                          ", and not to " + base::quote(topic),
                      std::string(kWhereHandlesComeFrom));
  }
  return client::OwnedColdCall(
      new RecallCall(calls, tag, group, std::string(recall_handle), std::move(*handle)));
}

void RecallCall::begin() {
  route_.start(core(), handle_.topic, due(),
               [this](const cluster::RoutePtr& route, base::Error error) {
                 if (route) {
                   take_step([&] { ask(*route); });
                 } else {
                   fail(std::move(error));
                 }
               });
}

void RecallCall::leave() noexcept {
  route_.stop();
  broker_.reset();
}

// A broker that the route does not name is asked through any other, as the official client does. A
// proxy stands for all brokers behind it.
void RecallCall::ask(const cluster::Route& route) {
  cluster::Endpoint* broker = route.find_endpoint(handle_.broker_name);
  if (broker == nullptr && route.find_broker(handle_.broker_name) == nullptr) {
    const auto other = std::find_if(route.brokers.begin(), route.brokers.end(),
                                    [](const auto& each) { return each.find() != nullptr; });
    if (other != route.brokers.end()) broker = other->find();
  }
  if (broker == nullptr) {
    base::Error error = make_error(
        ErrorCode::BROKER_NOT_AVAILABLE,
        "the broker " + base::quote(handle_.broker_name) + " of the message has no master now",
        "recall again when it is back");
    fail(explain(std::move(error)));
    return;
  }
  broker_ = broker->shared_from_this();
  const protocol::RecallMessageRequest request{
      .producer_group = group_, .topic = handle_.topic, .recall_handle = text_};
  questions().ask(
      cluster::Target{broker->connection(), handle_.broker_name}, request, {}, due(),
      [this](base::Result<std::string> answer) {
        if (!answer.ok()) {
          take_step([&] { fail(explain(answer.take_error())); });
          return;
        }
        event::CallResult result;
        result.text = answer.take_value();
        complete(std::move(result));
      },
      cluster::CallSet::WhenAway::wait);
}

base::Error RecallCall::explain(base::Error error) const {
  error.topic = handle_.topic;
  error.broker_name = handle_.broker_name;
  error.message_id = handle_.message_id;
  if (error.hint.empty()) error.hint = hint_for(error.response_code);
  return error;
}

}  // namespace rmq::producer
