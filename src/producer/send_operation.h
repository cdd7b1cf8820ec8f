// One send, from its acceptance to the user's destroy: a link in the inbox, then a request on a
// connection, then the event. All of it is one allocation, with the frame behind the object. The
// texts of the result are written over the frame, which nobody needs any more by then. Large frames
// have a block of their own, which goes when the send ends.
//
// Owner: the calling thread until it is posted, the loop until the event is delivered, then the
// event's owner.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/inbox.h"
#include "base/intrusive_list.h"
#include "base/slab.h"
#include "event/event.h"
#include "event/waiter.h"
#include "producer/destination.h"
#include "producer/publish_topics.h"
#include "producer/send_detour.h"
#include "remoting/request.h"

namespace rmq::producer {

class Producer;

// How a send comes to its end, as its caller wants to hear it.
enum class SendMode : std::uint8_t {
  event,           // an event on the producer's queue
  silent_oneway,   // nothing at all
  oneway_event,    // an event once every byte is with the kernel
  waiting,         // a blocking caller waits on an event::Waiter
  oneway_waiting,  // the same, until every byte is with the kernel
};

constexpr bool is_oneway(SendMode mode) {
  return mode == SendMode::silent_oneway || mode == SendMode::oneway_event ||
         mode == SendMode::oneway_waiting;
}
constexpr bool is_waiting(SendMode mode) {
  return mode == SendMode::waiting || mode == SendMode::oneway_waiting;
}

// How one call of the user sends.
struct SendCall {
  base::Duration timeout{};  // zero: the option
  SendMode mode = SendMode::event;
  bool may_wait = true;  // for room, where the mode and the options let it
  event::Tag tag;
};

class SendOperation final : public event::Event,
                            public remoting::Request,
                            public base::InboxItem,
                            public base::ListNode<SendOperation> {
 public:
  // Throws std::bad_alloc. `frame_bytes` of frame and `body` are to be filled in by the caller
  // through `frame`; a pinned body is not copied. `destination`: null for any queue.
  static SendOperation* make(Producer& producer, std::shared_ptr<const Destination> destination,
                             SendMode mode, std::size_t frame_bytes, std::string_view topic,
                             event::Tag tag);

  const std::shared_ptr<const Destination>& destination() const { return destination_; }

  // Of sends by route; null for those to an address.
  void set_topic(PublishTopic* topic) { publish_topic_ = topic; }
  PublishTopic* topic() const { return publish_topic_; }
  // The queue for which the frame is written.
  void set_queue(std::shared_ptr<const PublishRoute> route, PublishRoute::Choice choice) {
    route_ = std::move(route);
    choice_ = choice;
  }
  bool has_queue() const { return route_ != nullptr; }
  const std::shared_ptr<const PublishRoute>& route() const { return route_; }
  PublishRoute::Choice choice() const { return choice_; }
  std::string_view broker_name() const;
  std::int32_t queue_id() const;

  // Until when all attempts together may take, and how long that is.
  void set_due(base::Instant due, base::Duration limit) {
    due_ = deadline = due;
    limit_ = limit;
  }
  base::Instant due() const { return due_; }

  // Loop thread.
  // Sets another queue, and writes it into the frame.
  base::Status redirect(std::shared_ptr<const PublishRoute> route, PublishRoute::Choice choice);
  void submit_to(remoting::Connection& connection);
  int attempts() const { return attempts_; }
  // Attempts that may have stored the message, or did, and did not end the send well.
  int uncertain_attempts() const { return uncertain_attempts_; }
  remoting::Connection* connection() const { return connection_; }  // null between attempts
  SendDetour* detour() const { return detour_.get(); }
  SendDetour& set_detour(std::unique_ptr<SendDetour> detour) {
    detour_ = std::move(detour);
    return *detour_;
  }
  // The send is over: what led it on its way is given up, so that an event that is kept keeps
  // itself only.
  void leave_loop() noexcept;

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
  event::EventParts parts() const override;
  void destroy() noexcept override;

  // Ends a send that never reached a connection. The producer then delivers it.
  void fail(base::Error error) noexcept;

 private:
  static constexpr std::size_t kMessageIdBytesMax = 56;
  static constexpr std::size_t kInlineFrameBytesMax = 8 * 1024;

  SendOperation(Producer& producer, std::shared_ptr<const Destination> destination, SendMode mode,
                event::Tag tag);
  ~SendOperation() override;

  // Both: false when the send goes on elsewhere.
  bool take_response(const wire::CommandView& response);
  bool end_attempt(base::Error error);
  void take_stored(const protocol::SendMessageResponse& answer, std::string_view broker_name);
  using Text = std::pair<std::string_view*, std::string_view>;  // where it is shown, what it is
  void keep_texts(std::span<const Text> texts);
  std::string address_text() const;
  void note_uncertain_attempt() {
    if (uncertain_attempts_ < 255) ++uncertain_attempts_;
  }

  Producer* producer_;
  std::shared_ptr<const Destination> destination_;
  PublishTopic* publish_topic_ = nullptr;
  std::shared_ptr<const PublishRoute> route_;
  PublishRoute::Choice choice_;
  remoting::Connection* connection_ = nullptr;
  base::Instant due_ = base::kNever;
  base::Duration limit_{};
  std::unique_ptr<SendDetour> detour_;
  event::Waiter* waiter_ = nullptr;
  base::SlabRef large_frame_;
  std::uint8_t* inline_memory_ = nullptr;  // behind this object
  std::size_t inline_bytes_ = 0;
  std::string_view topic_text_;  // behind the frame's memory
  std::uint64_t sequence_ = 0;
  event::SendResult result_;
  SendMode mode_;
  std::uint8_t attempts_ = 0;
  std::uint8_t uncertain_attempts_ = 0;
  char message_id_[kMessageIdBytesMax + 1] = {};
};

}  // namespace rmq::producer
