#include "producer/send_operation.h"

#include <cstring>
#include <new>
#include <utility>

#include "producer/destination.h"
#include "producer/producer.h"
#include "protocol/response_code.h"
#include "protocol/send_message.h"

namespace rmq::producer {

SendOperation* SendOperation::make(Producer& producer,
                                   std::shared_ptr<const Destination> destination, SendMode mode,
                                   std::size_t frame_bytes, std::string_view topic,
                                   std::uint64_t token, void* user_data) {
  const bool is_large = frame_bytes > kInlineFrameBytesMax;
  std::unique_ptr<std::uint8_t[]> large(is_large ? new std::uint8_t[frame_bytes] : nullptr);
  const std::size_t inline_bytes = is_large ? 256 : frame_bytes;
  void* block = ::operator new(sizeof(SendOperation) + inline_bytes + topic.size());
  auto* operation =
      new (block) SendOperation(producer, std::move(destination), mode, token, user_data);
  operation->inline_memory_ = static_cast<std::uint8_t*>(block) + sizeof(SendOperation);
  operation->inline_bytes_ = inline_bytes;
  char* topic_memory = reinterpret_cast<char*>(operation->inline_memory_ + inline_bytes);
  operation->topic_ = {std::char_traits<char>::copy(topic_memory, topic.data(), topic.size()),
                       topic.size()};
  operation->frame = {is_large ? large.get() : operation->inline_memory_, frame_bytes};
  operation->large_frame_ = std::move(large);
  return operation;
}

SendOperation::SendOperation(Producer& producer, std::shared_ptr<const Destination> destination,
                             SendMode mode, std::uint64_t token, void* user_data)
    : Event(event::EventType::send, token, user_data),
      producer_(&producer),
      destination_(std::move(destination)),
      mode_(mode) {
  oneway = mode == SendMode::silent_oneway || mode == SendMode::oneway_event;
}

SendOperation::~SendOperation() = default;

void SendOperation::destroy() noexcept {
  this->~SendOperation();
  ::operator delete(this);
}

void SendOperation::set_message_id(std::string_view id) {
  const std::size_t bytes = std::min(id.size(), kMessageIdBytesMax);
  std::memcpy(message_id_, id.data(), bytes);
  result_.message_id = {message_id_, bytes};
}

void SendOperation::run_on_loop() noexcept { producer_->begin_send(*this); }

void SendOperation::on_response(const wire::CommandView& response, const base::SlabRef&) {
  try {
    take_response(response);
  } catch (const std::bad_alloc&) {
    // The answer says stored or not, but there is no room to tell: the user learns that it may be.
    base::Error error;
    error.code = base::ErrorCode::MEMORY;
    error.outcome = base::Outcome::maybe_applied;
    fail(std::move(error));
  }
  producer_->end_send(*this);
}

void SendOperation::on_failure(base::Error error) {
  fail(std::move(error));
  producer_->end_send(*this);
}

void SendOperation::on_sent() {
  set_ok();
  result_.status = event::kSendStatusWritten;
  result_.broker_name = destination_->broker_name;
  result_.queue_id = destination_->queue_id;
  producer_->end_send(*this);
}

void SendOperation::fail(base::Error error) noexcept {
  error.queue_id = destination_->queue_id;
  try {
    if (error.address.empty()) error.address = destination_->address.to_text();
    error.topic = topic_;
    error.broker_name = destination_->broker_name;
    producer_->describe(&error);
  } catch (const std::bad_alloc&) {
    // The error goes without its context.
  }
  set_error(std::move(error));
}

void SendOperation::take_response(const wire::CommandView& response) {
  if (!protocol::is_stored(response)) {
    fail(protocol::error_from_response(
        response, base::ServerRole::broker,
        static_cast<std::int32_t>(protocol::RequestCode::SEND_MESSAGE_V2),
        destination_->address.to_text()));
    return;
  }
  auto parsed = protocol::parse_send_response(response);
  if (!parsed.ok()) {
    base::Error error = parsed.take_error();
    error.server_role = base::ServerRole::broker;
    error.outcome =
        base::Outcome::applied;  // the answer says stored, whatever else is wrong with it
    fail(std::move(error));
    return;
  }
  set_ok();
  const protocol::SendMessageResponse& answer = parsed.value();
  result_.status = static_cast<std::int32_t>(answer.status);
  result_.queue_id = answer.queue_id;
  result_.queue_offset = answer.queue_offset;
  result_.trace_on = answer.trace_on;
  result_.broker_name = destination_->broker_name;
  keep_texts(answer);
}

void SendOperation::keep_texts(const protocol::SendMessageResponse& answer) {
  const std::pair<std::string_view*, std::string_view> texts[] = {
      {&result_.offset_message_id, answer.msg_id},
      {&result_.transaction_id, answer.transaction_id},
      {&result_.region_id, answer.region_id},
      {&result_.recall_handle, answer.recall_handle}};
  std::size_t bytes = 0;
  for (const auto& [target, text] : texts) bytes += text.size() + 1;
  // Nobody reads the frame any more.
  char* place = reinterpret_cast<char*>(inline_memory_);
  if (bytes > inline_bytes_) {
    large_frame_.reset(new std::uint8_t[bytes]);
    place = reinterpret_cast<char*>(large_frame_.get());
  } else {
    large_frame_.reset();
  }
  for (const auto& [target, text] : texts) {
    if (!text.empty()) std::memcpy(place, text.data(), text.size());
    place[text.size()] = '\0';
    *target = {place, text.size()};
    place += text.size() + 1;
  }
}

const event::SendResult* SendOperation::send_result() const {
  return error_code() == base::ErrorCode::OK ? &result_ : nullptr;
}

}  // namespace rmq::producer
