#include "producer/send_attempt.h"

#include "producer/send_operation.h"
#include "protocol/typed_response.h"
#include "remoting/connection.h"
#include "wire/rewrite_head.h"

namespace rmq::producer {

SendAttempt::~SendAttempt() = default;

std::string_view SendAttempt::broker_name() const {
  if (route_) return route_->broker_name(choice_);
  const Destination* destination = first_->destination().get();
  return destination ? std::string_view(destination->broker_name) : std::string_view();
}

std::int32_t SendAttempt::queue_id() const {
  if (route_) return choice_.queue_id;
  return first_->destination() ? first_->destination()->queue_id : -1;
}

std::string SendAttempt::address_text() const {
  if (route_) return route_->brokers()[choice_.broker].master->name();
  const Destination* destination = first_->destination().get();
  return destination && !destination->is_by_route() ? destination->address.to_text() : "";
}

SendDetour& SendAttempt::make_detour(remoting::Deadlines& deadlines) {
  if (!detour_) detour_ = std::make_unique<SendDetour>(*this, deadlines);
  return *detour_;
}

base::Status SendAttempt::redirect(std::shared_ptr<const PublishRoute> route,
                                   PublishRoute::Choice choice, client::ClientCore& core) {
  const protocol::SendRedirect redirect(choice.queue_id, route->brokers()[choice.broker].name);
  const base::Bytes rest = body.empty() ? frame.subspan(wire::head_bytes(frame)) : body;
  auto head = core.decorator().rewrite(frame, redirect.changes(), rest);
  if (!head.ok()) return head.take_error();
  SendDetour& detour = make_detour(core.deadlines());
  body = rest;
  detour.head = head.take_value();
  frame = {reinterpret_cast<std::uint8_t*>(detour.head.data()), detour.head.size()};
  set_queue(std::move(route), choice);
  return {};
}

void SendAttempt::submit_to(remoting::Connection& connection) {
  connection.submit(*this);
  connection_ = &connection;
  if (tries_ < 255) ++tries_;
}

void SendAttempt::leave_loop() noexcept {
  detour_.reset();
  route_.reset();
  topic_ = nullptr;
}

void SendAttempt::read(const wire::CommandView& response, protocol::SendMessageResponse* answer,
                       AttemptResult* result) const {
  auto said = protocol::read_response<protocol::SendMessageRequest>(
      static_cast<std::int32_t>(protocol::RequestCode::SEND_MESSAGE_V2), response,
      base::ServerRole::broker, [this] { return address_text(); });
  if (said.ok()) {
    *answer = said.value();
    result->stored = answer;
    return;
  }
  result->error = said.take_error();
  // The answer says stored, whatever else is wrong with it.
  result->is_final = result->error->outcome == base::Outcome::applied;
}

void SendAttempt::on_response(const wire::CommandView& response, const base::SlabRef&) {
  protocol::SendMessageResponse answer;
  AttemptResult result;
  try {
    read(response, &answer, &result);
  } catch (const std::bad_alloc&) {
    // The answer says stored or not, but there is no room to tell: the user learns that it may be.
    result.error = base::make_memory_error();
    result.error->outcome = base::Outcome::maybe_applied;
    result.is_final = true;
  }
  end(result);
}

void SendAttempt::on_failure(base::Error error) {
  AttemptResult result;
  result.error = std::move(error);
  end(result);
}

void SendAttempt::on_sent() {
  AttemptResult result;
  end(result);
}

void SendAttempt::end(AttemptResult& result) noexcept {
  connection_ = nullptr;
  handler_.on_attempt_ended(*this, result);
}

}  // namespace rmq::producer
