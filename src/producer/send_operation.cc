#include "producer/send_operation.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "client/announced_address.h"
#include "producer/producer.h"
#include "protocol/response_code.h"
#include "wire/rewrite_head.h"

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
  operation->frame = {is_large ? large->data() : operation->inline_memory_, frame_bytes};
  operation->large_frame_ = std::move(large);
  return operation;
}

SendOperation::SendOperation(Producer& producer, std::shared_ptr<const Destination> destination,
                             SendMode mode, event::Tag tag)
    : Event(event::EventType::send, tag),
      producer_(&producer),
      destination_(std::move(destination)),
      mode_(mode) {
  oneway = is_oneway(mode);
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

std::string_view SendOperation::broker_name() const {
  if (route_) return route_->brokers()[choice_.broker].name;
  return destination_ ? std::string_view(destination_->broker_name) : std::string_view();
}

std::int32_t SendOperation::queue_id() const {
  if (route_) return choice_.queue_id;
  return destination_ ? destination_->queue_id : -1;
}

std::string SendOperation::address_text() const {
  if (route_) return route_->brokers()[choice_.broker].address.to_text();
  return destination_ && !destination_->is_by_route() ? destination_->address.to_text() : "";
}

base::Status SendOperation::redirect(std::shared_ptr<const PublishRoute> route,
                                     PublishRoute::Choice choice) {
  auto head = protocol::redirect_send(frame, choice.queue_id, route->brokers()[choice.broker].name);
  if (!head.ok()) return head.take_error();
  if (!detour_)
    detour_ = std::make_unique<SendDetour>(*this, producer_->router(),
                                           producer_->host().core().deadlines());
  if (body.empty()) body = frame.subspan(wire::head_bytes(frame));
  detour_->head = head.take_value();
  frame = {reinterpret_cast<std::uint8_t*>(detour_->head.data()), detour_->head.size()};
  set_queue(std::move(route), choice);
  return {};
}

void SendOperation::submit_to(remoting::Connection& connection) {
  connection.submit(*this);
  connection_ = &connection;
  if (attempts_ < 255) ++attempts_;
}

void SendOperation::leave_loop() noexcept {
  detour_.reset();
  route_.reset();
  destination_.reset();
  publish_topic_ = nullptr;
}

void SendOperation::on_response(const wire::CommandView& response, const base::SlabRef&) {
  connection_ = nullptr;
  try {
    if (!take_response(response)) return;
  } catch (const std::bad_alloc&) {
    // The answer says stored or not, but there is no room to tell: the user learns that it may be.
    base::Error error = base::make_memory_error();
    error.outcome = base::Outcome::maybe_applied;
    fail(std::move(error));
  }
  producer_->end_send(*this);
}

void SendOperation::on_failure(base::Error error) {
  connection_ = nullptr;
  const base::ErrorCode code = error.code;
  const base::Outcome outcome = error.outcome;
  try {
    if (!end_attempt(std::move(error))) return;
  } catch (const std::bad_alloc&) {
    base::Error bare;
    bare.code = code;
    bare.outcome = outcome;
    fail(std::move(bare));
  }
  producer_->end_send(*this);
}

void SendOperation::on_sent() {
  connection_ = nullptr;
  set_ok(base::Outcome::maybe_applied);  // nobody answers a one-way send
  result_.status = event::kSendStatusWritten;
  result_.queue_id = queue_id();
  try {
    const Text broker{&result_.broker_name, broker_name()};
    keep_texts({&broker, 1});
  } catch (const std::bad_alloc&) {
    // The result goes without the broker's name.
  }
  producer_->end_send(*this);
}

void SendOperation::fail(base::Error error) noexcept {
  error.queue_id = queue_id();
  error.elapsed_ms = base::to_ms(producer_->host().now() - (due_ - limit_));
  error.limit_ms = base::to_ms(limit_);
  try {
    if (error.address.empty()) error.address = address_text();
    error.topic = topic_text_;
    error.message_id = result_.message_id;
    error.broker_name = broker_name();
    // A route gave the address; a send without one goes to an address that the user gave.
    if (route_) client::explain_announced_address(error.broker_name, &error);
    producer_->describe(&error);
    if (detour_) detour_->complete(&error);
  } catch (const std::bad_alloc&) {
    // The error goes without its context.
  }
  if (detour_) error.outcome = std::max(error.outcome, detour_->worst);
  set_error(std::move(error));
}

bool SendOperation::end_attempt(base::Error error) {
  if (error.outcome != base::Outcome::not_applied) note_uncertain_attempt();
  if (publish_topic_ && producer_->router().try_again(*this, error)) return false;
  if (detour_ && detour_->stored) {
    take_stored(detour_->stored->answer, detour_->stored->broker_name);
  } else {
    fail(std::move(error));
  }
  return true;
}

bool SendOperation::take_response(const wire::CommandView& response) {
  if (!protocol::is_stored(response)) {
    return end_attempt(protocol::error_from_response(
        response, base::ServerRole::broker,
        static_cast<std::int32_t>(protocol::RequestCode::SEND_MESSAGE_V2), address_text()));
  }
  auto parsed = protocol::parse_send_response(response);
  if (!parsed.ok()) {
    base::Error error = parsed.take_error();
    error.server_role = base::ServerRole::broker;
    error.outcome =
        base::Outcome::applied;  // the answer says stored, whatever else is wrong with it
    fail(std::move(error));
    return true;
  }
  const protocol::SendMessageResponse& answer = parsed.value();
  if (publish_topic_ && answer.status != protocol::SendStatus::ok &&
      producer_->router().try_elsewhere(*this, answer)) {
    note_uncertain_attempt();
    return false;
  }
  if (route_ && route_->is_default()) producer_->router().note_created(*publish_topic_);
  take_stored(answer, broker_name());
  return true;
}

void SendOperation::take_stored(const protocol::SendMessageResponse& answer,
                                std::string_view broker_name) {
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
  keep_texts(texts);
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
    if (!text.empty()) std::memcpy(place, text.data(), text.size());
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
  return parts;
}

}  // namespace rmq::producer
