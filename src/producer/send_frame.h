// Turns a message into the frame of its first attempt, on the calling thread and without
// allocating. The size is counted first, so that the operation and its frame are one block.
#pragma once

#include <cstdint>
#include <string>

#include "client/host.h"
#include "cluster/request_decorator.h"
#include "producer/outgoing_message.h"
#include "producer/producer_options.h"
#include "producer/send_operation.h"
#include "protocol/send_message.h"

namespace rmq::producer {

// Used once, in this order: check_and_compress, set_queue, stamp, then the sizes and write. What it
// refers to must outlive it.
class SendFrame {
 public:
  SendFrame(const OutgoingMessage& message, base::Bytes body, const ProducerOptions& options)
      : message_(message), body_(body), options_(options) {}
  SendFrame(const SendFrame&) = delete;
  SendFrame& operator=(const SendFrame&) = delete;

  base::Status check_and_compress();
  // Without it the frame is for a queue that is not known yet, and is encoded again when it is.
  void set_queue(std::string_view broker_name, std::int32_t queue_id) {
    cluster::name_broker(broker_name, &request_);
    request_.queue_id = queue_id;
  }
  // Gives the message its unique id and time.
  void stamp(client::Host& host, const SendCall& call);

  std::size_t frame_bytes() const { return head_bytes_ + (pins_body() ? 0 : body_.size()); }
  // What the send is charged for until its event is taken.
  std::size_t held_bytes() const { return sizeof(SendOperation) + head_bytes_ + body_.size(); }
  void write(SendOperation* operation);

 private:
  bool pins_body() const {
    return message_.has_pinned_body() && may_pin_ && !is_compressed_ &&
           body_.data() == message_.body().data();
  }

  const OutgoingMessage& message_;
  base::Bytes body_;
  const ProducerOptions& options_;
  bool is_compressed_ = false;
  bool may_pin_ = true;
  std::string compressed_;
  protocol::SendMessageRequest request_;
  cluster::Decoration decoration_;
  std::size_t head_bytes_ = 0;
  char unique_id_[64] = {};
  std::size_t unique_id_bytes_ = 0;
  // Most property texts fit here; longer ones go to the string.
  char properties_[512] = {};
  std::string long_properties_;
};

}  // namespace rmq::producer
