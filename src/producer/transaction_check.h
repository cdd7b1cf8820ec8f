// A broker's question how a transaction ends, as an event with the half message.
//
// The message is read when the event is taken, on the thread that takes it. Bodies may be large and
// compressed, and the loop has no time for them.
#pragma once

#include <memory>
#include <string>

#include "base/slab.h"
#include "client/received_message.h"
#include "event/event.h"
#include "producer/transaction_question.h"

namespace rmq::producer {

class TransactionCheck final : public event::Event {
 public:
  // `stored`: the half message as the broker sent it, in a slab of its own.
  struct Content {
    base::SlabRef slab;
    base::Bytes stored;
    std::string broker_name;
    std::size_t body_bytes_max = 0;  // of the decompressed body
  };

  TransactionCheck(Content content, std::shared_ptr<TransactionQuestion> question, event::Tag tag)
      : Event(event::EventType::transaction_check, tag),
        content_(std::move(content)),
        question_(std::move(question)) {
    set_ok();
  }

  // Event: any thread
  void destroy() noexcept override;
  event::EventParts parts() const override;
  base::Status answer(const event::Answer& answer) override { return question_->answer(answer); }
  bool take() noexcept override;
  bool is_withdrawn() const noexcept override {
    return question_->state() == TransactionQuestion::State::withdrawn;
  }

 private:
  ~TransactionCheck() override = default;

  Content content_;
  const std::shared_ptr<TransactionQuestion> question_;
  std::unique_ptr<const client::MessageBatch> batch_;  // once taken
  const message::Message* message_ = nullptr;          // of the batch
};

}  // namespace rmq::producer
