// One send, from its acceptance to the user's destroy: a link in the inbox, then the event. Its way
// to a broker is a SendAttempt, its own or one that carries several sends. All of it is one
// allocation, with the frame behind the object. The texts of the result are written over the frame,
// which nobody needs any more by then. Large frames have a block of their own, which goes when the
// send ends.
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
#include "producer/send_attempt.h"
#include "producer/transaction_question.h"

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
  bool is_half = false;  // of a transaction
  bool is_ordered = false;
  event::Tag tag{};
};

class SendOperation final : public event::Event,
                            public base::InboxItem,
                            public base::ListNode<SendOperation> {
 public:
  // Throws std::bad_alloc. `frame_bytes` of frame and body are to be filled in by the caller
  // through attempt(); a pinned body is not copied. `destination`: null for any queue.
  static SendOperation* make(Producer& producer, std::shared_ptr<const Destination> destination,
                             SendMode mode, std::size_t frame_bytes, std::string_view topic,
                             event::Tag tag);

  const std::shared_ptr<const Destination>& destination() const { return destination_; }

  // The queue of the send is that of this number, until its route is known: sharding_hash.h.
  void set_key_hash(std::uint64_t hash) { key_hash_ = hash; }
  std::uint64_t key_hash() const { return key_hash_; }

  // What carries the send to its broker.
  SendAttempt& attempt() { return *attempt_; }
  // The next send that travels with this one; null: there is none.
  SendOperation* next_in_attempt() const { return next_in_attempt_; }

  // Until when all attempts together may take, and how long that is.
  void set_due(base::Instant due, base::Duration limit) {
    due_ = own_attempt_.deadline = due;
    limit_ = limit;
  }
  base::Instant due() const { return due_; }

  // Loop thread.
  // Attempts that may have stored the message, or did, and did not end the send well.
  int uncertain_attempts() const { return uncertain_attempts_; }
  void note_uncertain_attempt() {
    if (uncertain_attempts_ < 255) ++uncertain_attempts_;
  }
  // The send is over, in one of these ways; the producer then delivers it.
  void set_stored(const protocol::SendMessageResponse& answer,
                  std::string_view broker_name) noexcept;
  void set_written(std::int32_t queue_id, std::string_view broker_name) noexcept;
  void fail(base::Error error) noexcept;
  // What led the send on its way is given up, so that an event that is kept keeps itself only.
  void leave_loop() noexcept;

  // Of a half message: how does its transaction end? Null once the event wants no answer.
  void make_question(const std::shared_ptr<client::Host>& host) {
    question_ = std::make_shared<TransactionQuestion>(host, TransactionQuestion::State::open);
  }
  const std::shared_ptr<TransactionQuestion>& question() const { return question_; }
  void drop_question() noexcept { question_.reset(); }
  const event::SendResult& result() const { return result_; }
  std::string_view topic() const { return topic_text_; }

  SendMode mode() const { return mode_; }
  std::uint64_t sequence() const { return sequence_; }
  void set_sequence(std::uint64_t sequence) { sequence_ = sequence; }
  void set_waiter(event::Waiter* waiter) { waiter_ = waiter; }
  event::Waiter* waiter() const { return waiter_; }
  void set_message_id(std::string_view id);

  // InboxItem
  void run_on_loop() noexcept override;
  // Event
  event::EventParts parts() const override;
  base::Status answer(const event::Answer& answer) override;
  void destroy() noexcept override;

 private:
  static constexpr std::size_t kMessageIdBytesMax = 56;
  static constexpr std::size_t kInlineFrameBytesMax = 8 * 1024;

  SendOperation(Producer& producer, std::shared_ptr<const Destination> destination, SendMode mode,
                event::Tag tag);
  ~SendOperation() override;

  using Text = std::pair<std::string_view*, std::string_view>;  // where it is shown, what it is
  void keep_texts(std::span<const Text> texts);

  Producer* producer_;
  std::shared_ptr<const Destination> destination_;
  SendAttempt own_attempt_;
  SendAttempt* attempt_ = &own_attempt_;
  SendOperation* next_in_attempt_ = nullptr;
  base::Instant due_ = base::kNever;
  base::Duration limit_{};
  event::Waiter* waiter_ = nullptr;
  std::shared_ptr<TransactionQuestion> question_;
  base::SlabRef large_frame_;
  std::uint8_t* inline_memory_ = nullptr;  // behind this object
  std::size_t inline_bytes_ = 0;
  std::string_view topic_text_;  // behind the frame's memory
  std::uint64_t sequence_ = 0;
  std::uint64_t key_hash_ = 0;
  event::SendResult result_;
  SendMode mode_;
  std::uint8_t uncertain_attempts_ = 0;
  char message_id_[kMessageIdBytesMax + 1] = {};
};

}  // namespace rmq::producer
