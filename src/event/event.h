// An event: the outcome of one operation, on its way to the user. The operation itself is the event
// (it derives from Event), so that finishing allocates nothing and can never fail for want of
// memory.
//
// Owner: the library until the event is taken from its queue, then the user until destroy(). An
// event owns all that it shows.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "event/answer.h"
#include "event/budget.h"
#include "message/message.h"

namespace rmq::event {

// Numbers are part of the C ABI (RMQ_EVENT_*).
enum class EventType : std::int32_t {
  send = 1,
  closed = 2,
  flushed = 3,
  log = 4,
  resolve = 5,
  delivery = 6,
  result = 7,
  error = 8,
  transaction_check = 12,
};

// Numbers are part of the C ABI (RMQ_SEND_*), where those of the broker are its own.
inline constexpr std::int32_t kSendStatusNone = -1;
inline constexpr std::int32_t kSendStatusWritten = 100;

// What a send tells about the stored message. Texts are zero-terminated and live as long as the
// event.
struct SendResult {
  std::int32_t status = kSendStatusNone;
  std::int32_t queue_id = -1;
  std::int64_t queue_offset = -1;
  bool trace_on = true;
  std::string_view message_id;
  std::string_view offset_message_id;
  std::string_view broker_name;
  std::string_view transaction_id;
  std::string_view region_id;
  std::string_view recall_handle;
};

// Where the messages of a delivery come from. Texts are zero-terminated and live as long as the
// event.
struct DeliveryInfo {
  std::string_view topic;  // of the queue: a retry topic for messages that come again
  std::string_view broker_name;
  std::string_view group;
  std::int32_t queue_id = -1;
  std::int64_t first_queue_offset = -1;
  std::uint64_t epoch = 0;  // counts the times that a queue was gained, by this consumer
};

struct LogRecord;
struct CallResult;

// What the user gave a handle or a call, and finds again in its events.
struct Tag {
  std::uint64_t token = 0;
  void* user_data = nullptr;
};

// All that an event shows, beside its token and its error. What does not apply is null or empty.
// Lives as long as the event.
struct EventParts {
  const SendResult* send_result = nullptr;  // of a send that succeeded
  // Of a send, however it ended; zero-terminated, as `topic`.
  std::string_view message_id;
  std::string_view topic;
  const LogRecord* log_record = nullptr;
  const std::string* text = nullptr;  // of a question, and of a call that asked servers
  std::optional<DeliveryInfo> delivery;
  std::span<const message::Message* const> messages;
  bool wants_answer = false;
};

class Event {
 public:
  Event(EventType type, std::uint64_t token, void* user_data)
      : token_(token), user_data_(user_data), type_(type) {}
  Event(EventType type, Tag tag) : Event(type, tag.token, tag.user_data) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Ends the event. Any thread.
  virtual void destroy() noexcept = 0;

  EventType type() const { return type_; }
  std::uint64_t token() const { return token_; }
  void* user_data() const { return user_data_; }

  // OK, or why the operation failed. The error object may be missing when memory was exhausted.
  base::ErrorCode error_code() const { return error_code_; }
  const base::Error* error() const { return error_.get(); }
  base::Outcome outcome() const { return outcome_; }

  virtual EventParts parts() const { return {}; }
  // Of a call that asked servers and succeeded; null otherwise. No part, because events that are
  // hot would pay for it.
  virtual const CallResult* call_result() const { return nullptr; }
  // The user's code gets to see the messages now. Any thread.
  virtual void note_shown() noexcept {}
  // Once, from any thread; WRONG_EVENT for events that take no such answer. Only errors allocate.
  virtual base::Status answer(const Answer& answer);

  // Called without a lock by the thread that takes the event off its queue. False: the event was
  // withdrawn meanwhile, and is destroyed unseen.
  virtual bool take() noexcept { return true; }
  // True once nobody shall see the event any more; EventQueue::discard_withdrawn removes it.
  virtual bool is_withdrawn() const noexcept { return false; }

  // The room that this event holds until it is taken; given back by take().
  void hold(Budget& budget, std::uint32_t bytes) {
    assert(budget_ == nullptr && "holds room already");
    budget_ = &budget;
    held_bytes_ = bytes;
  }
  void release_held() noexcept {
    if (Budget* budget = std::exchange(budget_, nullptr)) budget->release(held_bytes_);
  }

 protected:
  virtual ~Event() { assert(budget_ == nullptr && "destroyed with the room that it holds"); }
  void set_ok(base::Outcome outcome = base::Outcome::applied) { outcome_ = outcome; }
  void set_error(base::Error error) noexcept;

 private:
  friend class EventList;

  Event* next_ = nullptr;
  std::uint64_t token_;
  void* user_data_;
  Budget* budget_ = nullptr;
  std::unique_ptr<base::Error> error_;
  std::uint32_t held_bytes_ = 0;
  EventType type_;
  base::ErrorCode error_code_ = base::ErrorCode::OK;
  base::Outcome outcome_ = base::Outcome::not_applied;
};

// A first-in first-out chain through the events themselves.
class EventList {
 public:
  bool empty() const { return head_ == nullptr; }
  std::size_t size() const { return size_; }

  void push_back(Event* event) {
    assert(event->next_ == nullptr && "in a list already");
    assert(event != tail_ && "in this list already");
    (tail_ ? tail_->next_ : head_) = event;
    tail_ = event;
    ++size_;
  }
  Event* pop_front() {
    Event* event = head_;
    assert((event == nullptr) == (size_ == 0));
    if (!event) return nullptr;
    head_ = event->next_;
    if (!head_) tail_ = nullptr;
    --size_;
    event->next_ = nullptr;
    return event;
  }
  void append(EventList& other) {
    assert(&other != this && "appended to itself");
    if (other.empty()) return;
    (tail_ ? tail_->next_ : head_) = other.head_;
    tail_ = other.tail_;
    size_ += other.size_;
    other = EventList();
  }

 private:
  Event* head_ = nullptr;
  Event* tail_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace rmq::event
