// One message that was not consumed, on its way back to the brokers, which deliver it to the group
// later (protocol.md 10.6). It goes to the broker that stored it. If that fails, it goes as a new
// message to the retry topic on any broker, unless it came damaged. If that fails too, the user
// gets it once more after a pause. Until one of these has worked, the offset of its queue does not
// pass it.
//
// Loop thread only; owned by the ConcurrentConsumption of its queue. Destroying it leaves the
// message to whoever holds the queue next.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>

#include "base/intrusive_list.h"
#include "base/transition.h"
#include "cluster/call_set.h"
#include "consumer/consumer_context.h"
#include "consumer/delivery.h"
#include "protocol/empty_response.h"
#include "protocol/send_message.h"
#include "remoting/deadlines.h"

namespace rmq::consumer {

enum class SendBackState : std::uint8_t {
  idle,       // -> sending: start.
  sending,    // Asked the broker that stored it. -> done: it agreed. -> resending: it did not.
              // -> pausing: it did not, and the message is damaged.
  resending,  // Sent to the retry topic. -> done: it is stored. -> pausing: it is not.
  pausing,    // For 5 s. -> failed: they are over.
  done,       // A broker has it.
  failed,     // It is the user's again.
};

class SendBack;

class SendBackHandler {
 public:
  // Both may destroy the SendBack; neither is called inside start().
  virtual void on_sent_back(SendBack& send_back) noexcept = 0;
  virtual void on_send_back_failed(SendBack& send_back) noexcept = 0;
  // No broker has it for now.
  virtual void on_send_back_pausing() noexcept = 0;

 protected:
  ~SendBackHandler() = default;
};

class SendBack final : public base::ListNode<SendBack>, private remoting::DeadlineHandler {
 public:
  SendBack(ConsumerContext& context, const protocol::MessageQueue& queue, SendBackHandler& handler,
           Delivery::Ref delivery, std::size_t index, std::int32_t delay_level);
  ~SendBack();
  SendBack(const SendBack&) = delete;
  SendBack& operator=(const SendBack&) = delete;

  void start() noexcept;

  SendBackState state() const { return state_; }
  const Delivery& delivery() const { return *delivery_; }
  std::size_t index() const { return index_; }

 private:
  void on_deadline(remoting::Deadline& deadline) override;
  void change_state(SendBackState to) {
    assert(state_ < SendBackState::done && "goes on after its end");
    base::note_transition("SendBack", state_, to);
    state_ = to;
  }
  void send();
  void resend_or_pause();
  void resend();
  void on_send_answered(base::Result<protocol::EmptyResponse> answer);
  void on_resend_answered(base::Result<protocol::SendMessageResponse> answer);
  void finish() noexcept;
  void pause() noexcept;
  std::string make_retry_properties() const;
  // Views `properties`.
  protocol::SendMessageRequest make_retry(std::int32_t queue_id, std::string_view properties) const;
  template <typename Request>
  void ask(const cluster::Target& target, const Request& request, std::string_view body,
           void (SendBack::*answered)(base::Result<typename Request::Response>));

  ConsumerContext& context_;
  const protocol::MessageQueue& queue_;
  SendBackHandler& handler_;
  const Delivery::Ref delivery_;
  const std::size_t index_;
  const std::int32_t delay_level_;
  SendBackState state_ = SendBackState::idle;
  cluster::CallSet calls_;
  remoting::Deadline pause_;
};

}  // namespace rmq::consumer
