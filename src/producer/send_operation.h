// One send, from its acceptance to the user's destroy: a link in the inbox, then a request on a
// connection, then the event. All of it is one allocation, with the frame behind the object; the
// texts of the result are written over the frame, which nobody needs any more by then. Large frames
// have a block of their own, which goes when the send ends.
//
// Owner: the calling thread until it is posted, the loop until the event is delivered, then the
// event's owner.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/inbox.h"
#include "base/intrusive_list.h"
#include "event/event.h"
#include "event/waiter.h"
#include "remoting/request.h"

namespace rmq::protocol {
struct SendMessageResponse;
}

namespace rmq::producer {

class Producer;
struct Destination;

// How a send comes to its end, as its caller wants to hear it.
enum class SendMode : std::uint8_t {
  event,          // an event on the producer's queue
  silent_oneway,  // nothing at all
  oneway_event,   // an event once every byte is with the kernel
  waiting,        // a blocking caller waits on an event::Waiter
};

class SendOperation final : public event::Event,
                            public remoting::Request,
                            public base::InboxItem,
                            public base::ListNode<SendOperation> {
 public:
  // Throws std::bad_alloc. `head_bytes` of frame and `body` are to be filled in by the caller
  // through `frame`; a pinned body is not copied.
  static SendOperation* make(Producer& producer, std::shared_ptr<const Destination> destination,
                             SendMode mode, std::size_t frame_bytes, std::string_view topic,
                             std::uint64_t token, void* user_data);

  const std::shared_ptr<const Destination>& destination() const { return destination_; }
  SendMode mode() const { return mode_; }
  std::uint64_t sequence() const { return sequence_; }
  void set_sequence(std::uint64_t sequence) { sequence_ = sequence; }
  void set_waiter(event::Waiter* waiter) { waiter_ = waiter; }
  event::Waiter* waiter() const { return waiter_; }
  void set_message_id(std::string_view id);

  // InboxItem
  void run_on_loop() noexcept override;
  // Request
  void on_response(const wire::CommandView& response, const base::SlabRef& slab) override;
  void on_failure(base::Error error) override;
  void on_sent() override;
  // Event
  const event::SendResult* send_result() const override;
  void destroy() noexcept override;

  // Ends a send that never reached a connection. The producer then delivers it.
  void fail(base::Error error) noexcept;

 private:
  static constexpr std::size_t kMessageIdBytesMax = 56;
  static constexpr std::size_t kInlineFrameBytesMax = 8 * 1024;

  SendOperation(Producer& producer, std::shared_ptr<const Destination> destination, SendMode mode,
                std::uint64_t token, void* user_data);
  ~SendOperation() override;

  void take_response(const wire::CommandView& response);
  void keep_texts(const protocol::SendMessageResponse& answer);

  Producer* producer_;
  std::shared_ptr<const Destination> destination_;
  event::Waiter* waiter_ = nullptr;
  std::unique_ptr<std::uint8_t[]> large_frame_;
  std::uint8_t* inline_memory_ = nullptr;  // behind this object
  std::size_t inline_bytes_ = 0;
  std::string_view topic_;  // behind the frame's memory
  std::uint64_t sequence_ = 0;
  event::SendResult result_;
  SendMode mode_;
  char message_id_[kMessageIdBytesMax + 1] = {};
};

}  // namespace rmq::producer
