#include "consumer/concurrent_consumption.h"

#include <algorithm>

namespace rmq::consumer {
namespace {

constexpr std::int32_t kExpiredDelayLevel = 3;
constexpr base::Duration kOfferPauseMin = base::milliseconds(10);
constexpr base::Duration kOfferPauseMax = std::chrono::seconds(1);

}  // namespace

void ConcurrentConsumption::begin(std::shared_ptr<const Holding> holding) {
  drop();
  is_withdrawn_ = false;
  holding_ = std::move(holding);
}

void ConcurrentConsumption::on_pulled(const std::shared_ptr<PulledMessages>& pulled,
                                      std::span<const client::ReceivedMessage* const> messages,
                                      OffsetWindow::Ticket first_ticket) {
  for (std::size_t i = 0; i < messages.size(); i += context_.options.batch_size) {
    const std::size_t count = std::min(context_.options.batch_size, messages.size() - i);
    deliver({.holding = holding_,
             .pulled = pulled,
             .messages = messages.subspan(i, count),
             .copy = nullptr,
             .first_ticket = first_ticket + i});
  }
}

void ConcurrentConsumption::deliver(Delivery::Content content) {
  deliver(Delivery::make(std::move(content), *this, context_.tag));
}

void ConcurrentConsumption::deliver(Delivery* delivery) {
  deliveries_.push_back(*delivery->share().release());
  context_.core().deliver(context_.queue, delivery);
}

Delivery::Ref ConcurrentConsumption::remove(Delivery& delivery) noexcept {
  static_cast<base::ListNode<Delivery>&>(delivery).unlink();
  delivery.detach();
  return Delivery::Ref(&delivery);
}

void ConcurrentConsumption::withdraw() noexcept {
  is_withdrawn_ = true;
  forget_given_back();
  for (Delivery* delivery = deliveries_.front(); delivery != nullptr;) {
    Delivery* next = deliveries_.next_of(*delivery);
    if (delivery->withdraw() || delivery->is_withdrawn()) remove(*delivery);
    delivery = next;
  }
}

std::size_t ConcurrentConsumption::drop() noexcept {
  forget_given_back();
  std::size_t with_user = 0;
  while (Delivery* delivery = deliveries_.front()) {
    if (!delivery->withdraw() && delivery->make_stale()) ++with_user;
    remove(*delivery);
  }
  while (SendBack* send_back = send_backs_.pop_front()) delete send_back;
  return with_user;
}

void ConcurrentConsumption::expire(base::Instant now) {
  for (Delivery* delivery = deliveries_.front(); delivery != nullptr;) {
    Delivery* next = deliveries_.next_of(*delivery);
    if (delivery->state() == DeliveryState::taken &&
        now - delivery->taken_at() >= context_.options.consume_timeout && delivery->make_stale()) {
      context_.troubles().note("consume_timeout", queue_, nullptr);
      const Delivery::Ref kept = remove(*delivery);
      try {
        for (std::size_t i = 0; i < delivery->size(); ++i)
          send_back(*delivery, i, kExpiredDelayLevel);
      } catch (const std::bad_alloc&) {
        handler_.on_broken();
        return;
      }
    }
    delivery = next;
  }
}

bool ConcurrentConsumption::is_quiet() {
  if (!deliveries_.is_empty()) return false;
  for (SendBack* send_back = send_backs_.front(); send_back != nullptr;
       send_back = send_backs_.next_of(*send_back)) {
    if (send_back->state() != SendBackState::pausing) return false;
  }
  return true;
}

void ConcurrentConsumption::on_answered(Delivery& delivery) noexcept {
  const Delivery::Ref kept = remove(delivery);
  try {
    if (delivery.is_given_back()) {
      give_back(delivery);
      return;
    }
    offer_pause_ = {};
    for (std::size_t i = 0; i < delivery.size(); ++i) {
      if (delivery.is_consumed(i)) {
        handler_.on_finished(delivery.ticket(i), delivery.pulled());
      } else {
        send_back(delivery, i, delivery.delay_level());
      }
    }
    handler_.on_quiet();
  } catch (const std::bad_alloc&) {
    handler_.on_broken();
  }
}

// A consumer that closes offers nothing: the next member of the group gets the messages. Who gives
// back whatever comes must not keep the library and itself busy. So only the first return since an
// answer is offered at once. Later ones wait, and what comes meanwhile is offered with them.
void ConcurrentConsumption::give_back(const Delivery& delivery) {
  if (is_withdrawn_) {
    handler_.on_quiet();
    return;
  }
  Delivery* again = delivery.make_again(*this);
  if (offer_pause_ == base::Duration::zero() && given_back_.is_empty()) {
    offer_pause_ = kOfferPauseMin;
    deliver(again);
    return;
  }
  given_back_.push_back(*again);
  if (offer_due_.is_queued()) return;
  context_.core().deadlines().set(offer_due_, context_.now() + offer_pause_);
}

void ConcurrentConsumption::on_deadline(remoting::Deadline&) {
  offer_pause_ = std::clamp(offer_pause_ * 2, kOfferPauseMin, kOfferPauseMax);
  while (Delivery* delivery = given_back_.pop_front()) deliver(delivery);
}

void ConcurrentConsumption::forget_given_back() noexcept {
  context_.core().deadlines().clear(offer_due_);
  offer_pause_ = {};
  while (Delivery* delivery = given_back_.pop_front()) delivery->destroy();
}

void ConcurrentConsumption::send_back(Delivery& delivery, std::size_t index,
                                      std::int32_t delay_level) {
  auto* send_back = new SendBack(context_, queue_, *this, delivery.share(), index, delay_level);
  send_backs_.push_back(*send_back);
  send_back->start();
}

void ConcurrentConsumption::on_sent_back(SendBack& send_back) noexcept {
  const Delivery& delivery = send_back.delivery();
  const OffsetWindow::Ticket ticket = delivery.ticket(send_back.index());
  const std::shared_ptr<PulledMessages> pulled = delivery.shared_pulled();
  static_cast<base::ListNode<SendBack>&>(send_back).unlink();
  delete &send_back;
  handler_.on_finished(ticket, *pulled);
  handler_.on_quiet();
}

void ConcurrentConsumption::on_send_back_failed(SendBack& send_back) noexcept {
  const std::unique_ptr<SendBack> ended(&send_back);
  static_cast<base::ListNode<SendBack>&>(send_back).unlink();
  if (is_withdrawn_) return;
  const Delivery& delivery = send_back.delivery();
  try {
    deliver({.holding = holding_,
             .pulled = delivery.shared_pulled(),
             .messages = {},
             .copy = delivery.message(send_back.index()).copy_redelivered(),
             .first_ticket = delivery.ticket(send_back.index())});
  } catch (const std::bad_alloc&) {
    handler_.on_broken();
  }
}

}  // namespace rmq::consumer
