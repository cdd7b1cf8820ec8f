#include "producer/send_operation.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "producer/producer.h"

namespace rmq::producer {

SendOperation* SendOperation::make(Producer& producer,
                                   std::shared_ptr<const Destination> destination, SendMode mode,
                                   std::size_t frame_bytes, std::string_view topic,
                                   event::Tag tag) {
  const bool is_large = frame_bytes > kInlineFrameBytesMax;
  base::SlabRef large = is_large ? base::SlabRef::allocate(frame_bytes) : base::SlabRef();
  const std::size_t inline_bytes = is_large ? 256 : frame_bytes;
  void* block = ::operator new(sizeof(SendOperation) + inline_bytes + topic.size() + 1);
  auto* operation = new (block) SendOperation(producer, std::move(destination), mode, tag);
  operation->inline_memory_ = static_cast<std::uint8_t*>(block) + sizeof(SendOperation);
  operation->inline_bytes_ = inline_bytes;
  char* topic_memory = reinterpret_cast<char*>(operation->inline_memory_ + inline_bytes);
  operation->topic_text_ = {std::char_traits<char>::copy(topic_memory, topic.data(), topic.size()),
                            topic.size()};
  topic_memory[topic.size()] = '\0';
  operation->own_attempt_.frame = {is_large ? large->data() : operation->inline_memory_,
                                   frame_bytes};
  operation->large_frame_ = std::move(large);
  return operation;
}

SendOperation::SendOperation(Producer& producer, std::shared_ptr<const Destination> destination,
                             SendMode mode, event::Tag tag)
    : Event(event::EventType::send, tag),
      producer_(&producer),
      destination_(std::move(destination)),
      own_attempt_(*this, producer.router()),
      mode_(mode) {
  own_attempt_.oneway = is_oneway(mode);
  if (destination_ && destination_->is_fixed()) own_attempt_.set_fixed();
}

SendOperation::~SendOperation() {
  if (question_) question_->give_up();
}

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

void SendOperation::leave_loop() noexcept {
  own_attempt_.leave_loop();
  destination_.reset();
}

void SendOperation::fail(base::Error error) noexcept {
  error.elapsed_ms = base::to_ms(producer_->host().now() - (due_ - limit_));
  error.limit_ms = base::to_ms(limit_);
  try {
    error.topic = topic_text_;
    error.message_id = result_.message_id;
    producer_->describe(&error);
  } catch (const std::bad_alloc&) {
    // The error goes without its context.
  }
  set_error(std::move(error));
}

void SendOperation::set_written(std::int32_t queue_id, std::string_view broker_name) noexcept {
  set_ok(base::Outcome::maybe_applied);  // nobody answers a one-way send
  result_.status = event::kSendStatusWritten;
  result_.queue_id = queue_id;
  try {
    const Text broker{&result_.broker_name, broker_name};
    keep_texts({&broker, 1});
  } catch (const std::bad_alloc&) {
    // The result goes without the broker's name.
  }
}

void SendOperation::set_stored(const protocol::SendMessageResponse& answer,
                               std::string_view broker_name) noexcept {
  set_ok();
  result_.status = static_cast<std::int32_t>(answer.status);
  result_.queue_id = answer.queue_id;
  result_.queue_offset = answer.queue_offset;
  result_.trace_on = answer.trace_on;
  const Text texts[] = {{&result_.broker_name, broker_name},
                        {&result_.offset_message_id, answer.msg_id},
                        {&result_.transaction_id, answer.transaction_id},
                        {&result_.region_id, answer.region_id},
                        {&result_.recall_handle, answer.recall_handle}};
  try {
    keep_texts(texts);
  } catch (const std::bad_alloc&) {
    // There is no room for what the answer tells: the user learns that the message may be stored.
    base::Error error = base::make_memory_error();
    error.outcome = base::Outcome::maybe_applied;
    fail(std::move(error));
  }
}

void SendOperation::keep_texts(std::span<const Text> texts) {
  std::size_t bytes = 0;
  for (const auto& [target, text] : texts) bytes += text.size() + 1;
  // Nobody reads the frame any more.
  char* place = reinterpret_cast<char*>(inline_memory_);
  if (bytes > inline_bytes_) {
    large_frame_ = base::SlabRef::allocate(bytes);
    place = reinterpret_cast<char*>(large_frame_->data());
  } else {
    large_frame_.reset();
  }
  for (const auto& [target, text] : texts) {
    if (text.empty()) continue;  // absent, and shown so
    std::memcpy(place, text.data(), text.size());
    place[text.size()] = '\0';
    *target = {place, text.size()};
    place += text.size() + 1;
  }
}

event::EventParts SendOperation::parts() const {
  event::EventParts parts;
  if (error_code() == base::ErrorCode::OK) parts.send_result = &result_;
  parts.message_id = result_.message_id;
  parts.topic = topic_text_;
  parts.wants_answer = question_ != nullptr;
  return parts;
}

base::Status SendOperation::answer(const event::Answer& answer) {
  if (question_) return question_->answer(answer);
  return base::make_error(
      base::ErrorCode::WRONG_EVENT, "this send is no transaction that waits for its end",
      "sends with RMQ_FLAG_TRANSACTION whose status is RMQ_SEND_OK want an answer");
}

}  // namespace rmq::producer
