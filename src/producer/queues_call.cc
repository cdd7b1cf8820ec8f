#include "producer/queues_call.h"

#include "protocol/names.h"
#include "protocol/route_queues.h"

namespace rmq::producer {

using base::ErrorCode;
using base::make_error;

QueuesCall::QueuesCall(client::ColdCalls& calls, event::Tag tag, std::string_view topic)
    : ColdCall(calls, tag), topic_(topic) {}

base::Result<client::OwnedColdCall> QueuesCall::make(client::ColdCalls& calls,
                                                     std::string_view topic, event::Tag tag) {
  if (auto status = protocol::check_topic(topic); !status.ok()) return status.take_error();
  return client::OwnedColdCall(new QueuesCall(calls, tag, topic));
}

void QueuesCall::begin() {
  route_.start(core(), topic_, due(), [this](const cluster::RoutePtr& route, base::Error error) {
    if (route) {
      take_step([&] { tell(*route); });
    } else {
      fail(std::move(error));
    }
  });
}

void QueuesCall::tell(const cluster::Route& route) {
  event::CallResult result;
  for (const protocol::MessageQueue& queue : protocol::publish_queues(route.data, topic_)) {
    if (route.find_endpoint(queue) == nullptr) continue;  // no master: nothing can be sent there
    result.queues.push_back(
        {.topic = topic_, .broker_name = queue.broker_name, .queue_id = queue.queue_id});
  }
  if (result.queues.empty()) {
    base::Error error =
        make_error(ErrorCode::NO_ROUTE,
                   "the route of the topic " + topic_ +
                       " has no queue that may be written to on a broker with a master",
                   "look at the topic's permissions and at its brokers");
    error.topic = topic_;
    fail(std::move(error));
    return;
  }
  result.count = static_cast<std::int32_t>(result.queues.size());
  complete(std::move(result));
}

}  // namespace rmq::producer
