// One way of messages to a broker: a request on a connection, with the queue that it is for. It
// carries one send, or several that travel as one. Whoever handles its end may start it again at
// another broker.
//
// The attempt of a send that travels alone is a part of that send, and ends with it. Loop thread
// only, once the send is posted.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client/client_core.h"
#include "producer/publish_topics.h"
#include "producer/send_detour.h"
#include "protocol/send_message.h"
#include "remoting/request.h"

namespace rmq::producer {

class SendAttempt;
class SendOperation;
struct OrderedLane;

// How an attempt has ended. Valid during the call that tells it.
struct AttemptResult {
  // What the answer says, when the message is stored. Null, without an error: written.
  const protocol::SendMessageResponse* stored = nullptr;
  std::optional<base::Error> error{};  // when the attempt failed
  bool is_final = false;               // no other broker can mend the error
};

class AttemptHandler {
 public:
  virtual void on_attempt_ended(SendAttempt& attempt, AttemptResult& result) noexcept = 0;
  // The attempt has waited as long as its detour says: for a route until its time was over, or in
  // an ordered lane.
  virtual void on_attempt_expired(SendAttempt& attempt) noexcept = 0;

 protected:
  ~AttemptHandler() = default;
};

class SendAttempt final : public remoting::Request {
 public:
  SendAttempt(SendOperation& first, AttemptHandler& handler) : first_(&first), handler_(handler) {}
  ~SendAttempt() override;

  // The sends that travel together follow each other from this one on (next_in_attempt).
  SendOperation& first() const { return *first_; }
  // The queue was named or chosen by the user: no other one will do.
  void set_fixed() { is_fixed_ = true; }
  bool is_fixed() const { return is_fixed_; }
  void set_ordered() { is_ordered_ = true; }
  bool is_ordered() const { return is_ordered_; }

  // Of attempts by route; null for those to an address.
  void set_topic(PublishTopic* topic) { topic_ = topic; }
  PublishTopic* topic() const { return topic_; }
  // The queue for which the frame is written.
  void set_queue(std::shared_ptr<const PublishRoute> route, PublishRoute::Choice choice) {
    route_ = std::move(route);
    choice_ = choice;
  }
  // Where the ordered send has its place; null for others, and while it waits for a queue.
  void set_lane(OrderedLane* lane) { lane_ = lane; }
  OrderedLane* lane() const { return lane_; }
  bool has_queue() const { return route_ != nullptr; }
  const std::shared_ptr<const PublishRoute>& route() const { return route_; }
  PublishRoute::Choice choice() const { return choice_; }
  std::string_view broker_name() const;
  std::int32_t queue_id() const;
  std::string address_text() const;

  // Sets another queue, and writes it into the frame.
  base::Status redirect(std::shared_ptr<const PublishRoute> route, PublishRoute::Choice choice,
                        client::ClientCore& core);
  void submit_to(remoting::Connection& connection);
  int tries() const { return tries_; }
  remoting::Connection* connection() const { return connection_; }  // null between tries

  // Null while nothing has gone wrong.
  SendDetour* detour() const { return detour_.get(); }
  SendDetour& make_detour(remoting::Deadlines& deadlines);
  void expire() noexcept { handler_.on_attempt_expired(*this); }
  // The attempt is over: gives up what led it on its way.
  void leave_loop() noexcept;

  // Request
  void on_response(const wire::CommandView& response, const base::SlabRef& slab) override;
  void on_failure(base::Error error) override;
  void on_sent() override;

 private:
  void read(const wire::CommandView& response, protocol::SendMessageResponse* answer,
            AttemptResult* result) const;
  void end(AttemptResult& result) noexcept;

  SendOperation* const first_;
  AttemptHandler& handler_;
  PublishTopic* topic_ = nullptr;
  std::shared_ptr<const PublishRoute> route_;
  PublishRoute::Choice choice_;
  remoting::Connection* connection_ = nullptr;
  std::unique_ptr<SendDetour> detour_;
  OrderedLane* lane_ = nullptr;
  std::uint8_t tries_ = 0;
  bool is_fixed_ = false;
  bool is_ordered_ = false;
};

}  // namespace rmq::producer
