// The question how a transaction ends, which an event puts to the user. It is the event of a half
// message that was stored, or that of a broker's check. The question is answered once, from any
// thread. The answer then goes to the loop, and allocates nothing on its way.
//
// Shared by the event, by the Transactions that sends the answer on, and by the inbox on the way.
// It keeps neither producer nor runtime alive.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/inbox.h"
#include "client/host.h"
#include "event/answer.h"

namespace rmq::producer {

class TransactionQuestion;

// Loop thread.
class QuestionHandler {
 public:
  // The user has answered, or has destroyed the event without an answer (AnswerKind::none).
  virtual void on_answered(TransactionQuestion& question) noexcept = 0;

 protected:
  ~QuestionHandler() = default;
};

class TransactionQuestion final : public base::InboxItem,
                                  public std::enable_shared_from_this<TransactionQuestion> {
 public:
  enum class State : std::uint8_t {
    queued,     // On an event queue. -> open: polled. -> withdrawn: the check is over.
                // -> answered: the event queue is destroyed.
    open,       // With the user. -> answered: answer, or destroy. -> stale: the check's time is
                // over, or the producer is closed.
    answered,   // For good; the loop learns of it through its inbox.
    withdrawn,  // For good. Nobody sees the event any more.
    stale,      // For good. An answer is refused.
  };

  TransactionQuestion(const std::shared_ptr<client::Host>& host, State first)
      : host_(host), state_(first) {}

  // Any thread.
  base::Status answer(const event::Answer& answer);
  // The event is destroyed.
  void give_up() noexcept;
  bool take() noexcept { return change_state(State::queued, State::open); }
  State state() const noexcept { return state_.load(); }

  // Loop thread.
  // `key`: the unique id of the half message. The handler hears of the answer until detach().
  void attach(QuestionHandler& handler, std::string key) {
    handler_ = &handler;
    key_ = std::move(key);
  }
  void detach() noexcept { handler_ = nullptr; }
  bool withdraw() noexcept { return change_state(State::queued, State::withdrawn); }
  bool make_stale() noexcept { return change_state(State::open, State::stale); }
  const std::string& key() const { return key_; }
  event::AnswerKind kind() const { return kind_; }  // of an answered one

  // InboxItem
  void run_on_loop() noexcept override;

 private:
  bool change_state(State from, State to) noexcept;
  bool post(client::Host& host) noexcept;

  const std::weak_ptr<client::Host> host_;
  std::atomic<State> state_;
  event::AnswerKind kind_ = event::AnswerKind::none;
  std::shared_ptr<TransactionQuestion> in_inbox_;  // itself, on its way
  QuestionHandler* handler_ = nullptr;             // loop thread
  std::string key_;                                // loop thread
};

}  // namespace rmq::producer
