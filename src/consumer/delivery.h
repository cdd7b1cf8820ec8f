// A delivery: messages of one pull answer on their way to the user and back. It is the event that
// the user takes and answers, from any thread. It also is the answer's way into the loop's inbox,
// so that answering allocates nothing.
//
// Three kinds of owners share it. The event queue or the user owns the event. The
// ConcurrentConsumption of its queue is an owner until the answer is there or void. The third kind
// is each message that still has to be sent back. The delivery shows its own memory and refers to
// no consumer or runtime that it would keep alive: it outlives all of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/inbox.h"
#include "base/intrusive_list.h"
#include "client/host.h"
#include "client/received_message.h"
#include "consumer/offset_window.h"
#include "event/event.h"

namespace rmq::consumer {

// One stay of a queue with this consumer, for all its deliveries. Immutable.
struct Holding {
  std::weak_ptr<client::Host> host;
  std::string group;
  std::string topic;
  std::string broker_name;
  std::int32_t queue_id = 0;
  std::uint64_t epoch = 0;
};

// The messages of one pull answer, shared by the deliveries that they are split into.
struct PulledMessages {
  std::unique_ptr<const client::MessageBatch> messages;
  std::size_t bytes = 0;       // what they hold until the last of them is finished
  std::size_t unfinished = 0;  // loop thread only
};

enum class DeliveryState : std::uint8_t {
  queued,  // On the event queue. -> taken: polled. -> withdrawn: the queue is lost or the consumer
           // closes. -> answered: the event queue is destroyed.
  taken,  // With the user. -> answered: answer, or destroy, which gives back what was not shown. ->
          // stale: the queue is lost, the time limits of consuming or closing have passed.
  answered,   // For good; the loop learns of it through its inbox.
  withdrawn,  // For good. Nobody sees it any more.
  stale,      // For good. An answer is refused and moves nothing.
};

class Delivery;

// Loop thread.
class DeliveryHandler {
 public:
  virtual void on_answered(Delivery& delivery) noexcept = 0;

 protected:
  ~DeliveryHandler() = default;
};

class Delivery final : public event::Event,
                       public base::InboxItem,
                       public base::ListNode<Delivery> {
 public:
  struct Release {
    void operator()(Delivery* delivery) const noexcept { delivery->release(); }
  };
  using Ref = std::unique_ptr<Delivery, Release>;

  // What it is made of. The tickets of its messages follow each other.
  struct Content {
    std::shared_ptr<const Holding> holding;
    std::shared_ptr<PulledMessages> pulled;
    std::span<const client::ReceivedMessage* const> messages;  // of `pulled`
    std::shared_ptr<const client::ReceivedMessage> copy;       // or this one instead
    OffsetWindow::Ticket first_ticket = 0;
  };
  // Throws std::bad_alloc. The caller holds one reference for the event, to be handed to an event
  // queue, and takes another by share().
  static Delivery* make(Content content, DeliveryHandler& handler, event::Tag tag);
  // The same once more, to be offered again, as make().
  Delivery* make_again(DeliveryHandler& handler) const;

  // Event: any thread
  void destroy() noexcept override;
  event::EventParts parts() const override;
  void note_shown() noexcept override { is_shown_.store(true, std::memory_order_relaxed); }
  base::Status answer(const event::Answer& answer) override;
  bool take() noexcept override;
  bool is_withdrawn() const noexcept override { return state_.load() == DeliveryState::withdrawn; }

  // Loop thread
  void run_on_loop() noexcept override;
  std::size_t size() const { return messages_.size(); }
  Ref share() noexcept;
  DeliveryState state() const { return state_.load(); }
  // False: somebody has taken it already.
  bool withdraw() noexcept;
  // Of a taken one. False: it was answered, and the loop is about to hear of it.
  bool make_stale() noexcept;
  // The handler hears nothing more.
  void detach() noexcept { handler_ = nullptr; }
  base::Instant taken_at() const { return base::Instant(base::Duration(taken_at_.load())); }
  // Of an answered one.
  bool is_consumed(std::size_t index) const { return (bits_[index / 8] >> (index % 8) & 1) != 0; }
  std::int32_t delay_level() const { return delay_level_; }
  bool is_given_back() const { return is_given_back_; }

  OffsetWindow::Ticket ticket(std::size_t index) const { return first_ticket_ + index; }
  PulledMessages& pulled() const { return *pulled_; }
  const std::shared_ptr<PulledMessages>& shared_pulled() const { return pulled_; }
  const client::ReceivedMessage& message(std::size_t index) const {
    return static_cast<const client::ReceivedMessage&>(*messages_[index]);
  }

 private:
  Delivery(Content content, DeliveryHandler& handler, event::Tag tag);
  ~Delivery() override = default;
  void release() noexcept;
  bool change_state(DeliveryState from, DeliveryState to) noexcept;
  base::Status check_answer(const event::Answer& answer);
  base::Status begin_answer(bool has_host);
  base::Status finish_answer(std::shared_ptr<client::Host> host) noexcept;
  void set_answer(const event::Answer& answer) noexcept;

  std::atomic<DeliveryState> state_{DeliveryState::queued};
  std::atomic<std::int32_t> references_{1};
  std::atomic<bool> is_shown_{false};
  bool is_given_back_ = false;  // of an answered one
  std::int32_t delay_level_ = 0;
  std::atomic<base::Duration::rep> taken_at_{0};
  const std::shared_ptr<const Holding> holding_;
  const std::shared_ptr<PulledMessages> pulled_;
  const std::shared_ptr<const client::ReceivedMessage> copy_;
  std::span<const message::Message* const> messages_;  // behind this object
  std::uint8_t* bits_ = nullptr;                       // behind those
  const OffsetWindow::Ticket first_ticket_;
  DeliveryHandler* handler_;  // loop thread
};

}  // namespace rmq::consumer
