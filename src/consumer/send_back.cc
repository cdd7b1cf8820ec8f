#include "consumer/send_back.h"

#include "protocol/names.h"
#include "protocol/properties.h"
#include "protocol/route_queues.h"
#include "protocol/send_back.h"
#include "protocol/sys_flag.h"

namespace rmq::consumer {
namespace {

constexpr base::Duration kPause = std::chrono::seconds(5);
constexpr std::int32_t kMaxReconsumeTimesDefault = 16;
constexpr std::int32_t kFirstDelayLevel = 3;  // level 3 is 10 s, and each time one more
// The producer group that Java's clients use for such sends.
constexpr std::string_view kInnerProducerGroup = "CLIENT_INNER_PRODUCER";

std::int32_t max_reconsume_times(const ConsumerOptions& options) {
  return options.max_reconsume_times < 0 ? kMaxReconsumeTimesDefault : options.max_reconsume_times;
}

}  // namespace

SendBack::SendBack(ConsumerContext& context, const protocol::MessageQueue& queue,
                   SendBackHandler& handler, Delivery::Ref delivery, std::size_t index,
                   std::int32_t delay_level)
    : context_(context),
      queue_(queue),
      handler_(handler),
      delivery_(std::move(delivery)),
      index_(index),
      delay_level_(delay_level),
      calls_(context.core().decorator()),
      pause_(*this) {}

SendBack::~SendBack() { context_.core().deadlines().clear(pause_); }

void SendBack::start() noexcept {
  try {
    send();
  } catch (const std::bad_alloc&) {
    pause();
  }
}

template <typename Request>
void SendBack::ask(const cluster::Target& target, const Request& request, std::string_view body,
                   void (SendBack::*answered)(base::Result<typename Request::Response>)) {
  calls_.ask(target, request, body, context_.now() + context_.options.send_back_timeout,
             [this, answered](base::Result<typename Request::Response> answer) {
               try {
                 if (!answer.ok()) cluster::throw_if_unread(answer.error());
                 (this->*answered)(std::move(answer));
               } catch (const std::bad_alloc&) {
                 pause();
               }
             });
}

void SendBack::send() {
  change_state(SendBackState::sending);
  // A logical queue tells whom to ask for its messages now, not who stored this one.
  const bool is_logical = protocol::is_logical(queue_.broker_name);
  cluster::Endpoint* broker =
      is_logical ? nullptr : context_.find_broker(queue_, protocol::kMasterId, false);
  if (broker == nullptr) {
    resend_or_pause();
    return;
  }
  const message::MessageFields message = delivery_->message(index_).fields();
  protocol::SendBackRequest request;
  request.commit_log_offset = message.commit_log_offset;
  request.group = context_.options.group;
  request.delay_level = delay_level_;
  request.origin_message_id = message.offset_message_id;
  request.origin_topic = message.topic;
  request.max_reconsume_times = max_reconsume_times(context_.options);
  ask({broker->connection(), queue_.broker_name}, request, {}, &SendBack::on_send_answered);
}

void SendBack::on_send_answered(base::Result<protocol::EmptyResponse> answer) {
  if (answer.ok()) {
    finish();
    return;
  }
  context_.troubles().note("send_back", queue_, &answer.error());
  resend_or_pause();
}

// A copy gets a checksum of its own. The copy of a damaged message would pass for a good one.
void SendBack::resend_or_pause() {
  const base::Error* error = delivery_->message(index_).fields().error;
  const bool is_damaged = error != nullptr && error->code != base::ErrorCode::TOO_LARGE;
  if (is_damaged) {
    pause();
  } else {
    resend();
  }
}

void SendBack::resend() {
  change_state(SendBackState::resending);
  const cluster::RoutePtr route = context_.core().routes().find(context_.retry_topic);
  const auto targets = route ? protocol::publish_queues(route->data, context_.retry_topic)
                             : std::vector<protocol::MessageQueue>();
  if (targets.empty()) {
    pause();
    return;
  }
  const auto& target = targets[context_.core().loop().random().below(targets.size())];
  cluster::Endpoint* broker = context_.find_broker(target, protocol::kMasterId, false);
  if (broker == nullptr) {
    pause();
    return;
  }
  const std::string properties = make_retry_properties();
  const base::Bytes body = delivery_->message(index_).fields().body;
  ask({broker->connection(), target.broker_name}, make_retry(target.queue_id, properties),
      base::as_text(body), &SendBack::on_resend_answered);
}

void SendBack::on_resend_answered(base::Result<protocol::SendMessageResponse> answer) {
  const bool is_stored = answer.ok() || answer.error().outcome == base::Outcome::applied;
  if (is_stored) {
    finish();
    return;
  }
  context_.troubles().note("resend", queue_, &answer.error());
  pause();
}

void SendBack::finish() noexcept {
  change_state(SendBackState::done);
  handler_.on_sent_back(*this);
}

// The delay, the counts and the topic that the broker would have written at a send-back.
std::string SendBack::make_retry_properties() const {
  const client::ReceivedMessage& message = delivery_->message(index_);
  const message::MessageFields fields = message.fields();
  const std::string_view origin_id = message.property(protocol::kPropertyOriginMessageId);
  std::string properties;
  for (std::size_t i = 0; i < message.property_count(); ++i) {
    const auto [name, value] = message.property_at(i);
    const bool is_replaced =
        name == protocol::kPropertyTransactionPrepared || name == protocol::kPropertyRetryTopic ||
        name == protocol::kPropertyOriginMessageId || name == protocol::kPropertyDelay;
    if (!is_replaced) protocol::append_property(name, value, &properties);
  }
  const std::int32_t level =
      delay_level_ > 0 ? delay_level_ : kFirstDelayLevel + fields.reconsume_times;
  protocol::append_property(protocol::kPropertyRetryTopic, fields.topic, &properties);
  protocol::append_property(protocol::kPropertyOriginMessageId,
                            origin_id.data() ? origin_id : fields.message_id, &properties);
  protocol::append_property(protocol::kPropertyDelay, std::to_string(level), &properties);
  return properties;
}

protocol::SendMessageRequest SendBack::make_retry(std::int32_t queue_id,
                                                  std::string_view properties) const {
  const message::MessageFields fields = delivery_->message(index_).fields();
  protocol::SendMessageRequest request;
  request.producer_group = kInnerProducerGroup;
  request.topic = context_.retry_topic;
  request.queue_id = queue_id;
  // The body goes as it was shown: decompressed, unless it could not be.
  request.sys_flag =
      fields.error
          ? fields.sys_flag & (protocol::kSysFlagCompressed | protocol::kSysFlagCompressionTypeMask)
          : 0;
  request.born_timestamp_ms = fields.born_timestamp_ms;
  request.flag = fields.flag;
  request.properties = properties;
  request.reconsume_times = fields.reconsume_times + 1;
  // More deliveries than are allowed make a dead letter of it.
  request.max_reconsume_times =
      delay_level_ == protocol::kDelayLevelDeadLetter ? 0 : max_reconsume_times(context_.options);
  return request;
}

void SendBack::pause() noexcept {
  change_state(SendBackState::pausing);
  context_.core().deadlines().set(pause_, context_.now() + kPause);
  handler_.on_send_back_pausing();
}

void SendBack::on_deadline(remoting::Deadline&) {
  change_state(SendBackState::failed);
  handler_.on_send_back_failed(*this);
}

}  // namespace rmq::consumer
