#include "consumer/delivery.h"

#include <cassert>
#include <cstring>
#include <new>
#include <vector>

#include "protocol/send_back.h"

namespace rmq::consumer {

using base::ErrorCode;
using base::make_error;

namespace {

base::Status stale_error() {
  return make_error(ErrorCode::STALE,
                    "the queue of this delivery is held no more, or the answer came too late",
                    "its messages are delivered again, here or elsewhere in the group");
}

}  // namespace

Delivery* Delivery::make(Content content, DeliveryHandler& handler, event::Tag tag) {
  const std::size_t count = content.copy ? 1 : content.messages.size();
  const std::size_t pointer_bytes = count * sizeof(const message::Message*);
  const std::size_t bit_bytes = (count + 7) / 8;
  void* block = ::operator new(sizeof(Delivery) + pointer_bytes + bit_bytes);
  auto* pointers =
      reinterpret_cast<const message::Message**>(static_cast<char*>(block) + sizeof(Delivery));
  const client::ReceivedMessage* copy = content.copy.get();
  for (std::size_t i = 0; i < count; ++i) pointers[i] = copy ? copy : content.messages[i];
  auto* delivery = new (block) Delivery(std::move(content), handler, tag);
  delivery->messages_ = {pointers, count};
  delivery->bits_ = reinterpret_cast<std::uint8_t*>(pointers + count);
  return delivery;
}

Delivery* Delivery::make_again(DeliveryHandler& handler) const {
  std::vector<const client::ReceivedMessage*> messages;
  for (std::size_t i = 0; i < messages_.size(); ++i) messages.push_back(&message(i));
  return make({.holding = holding_,
               .pulled = pulled_,
               .messages = messages,
               .copy = copy_,
               .first_ticket = first_ticket_},
              handler, {token(), user_data()});
}

Delivery::Delivery(Content content, DeliveryHandler& handler, event::Tag tag)
    : Event(event::EventType::delivery, tag.token, tag.user_data),
      holding_(std::move(content.holding)),
      pulled_(std::move(content.pulled)),
      copy_(std::move(content.copy)),
      first_ticket_(content.first_ticket),
      handler_(&handler) {
  set_ok();
}

Delivery::Ref Delivery::share() noexcept {
  [[maybe_unused]] const auto before = references_.fetch_add(1, std::memory_order_relaxed);
  assert(before > 0 && "shared after its end");
  return Ref(this);
}

void Delivery::release() noexcept {
  const auto before = references_.fetch_sub(1, std::memory_order_acq_rel);
  assert(before > 0 && "released more often than shared");
  if (before != 1) return;
  this->~Delivery();
  ::operator delete(this);
}

event::EventParts Delivery::parts() const {
  event::EventParts parts;
  event::DeliveryInfo& info = parts.delivery.emplace();
  info.topic = holding_->topic;
  info.broker_name = holding_->broker_name;
  info.group = holding_->group;
  info.queue_id = holding_->queue_id;
  info.first_queue_offset = messages_.front()->fields().queue_offset;
  info.epoch = holding_->epoch;
  parts.topic = holding_->topic;
  parts.messages = messages_;
  parts.wants_answer = true;
  return parts;
}

// Whoever makes a transition is the one that it was up to.
bool Delivery::change_state(DeliveryState from, DeliveryState to) noexcept {
  DeliveryState expected = from;
  if (!state_.compare_exchange_strong(expected, to)) return false;
  base::note_transition("Delivery", from, to);
  return true;
}

bool Delivery::take() noexcept {
  const std::shared_ptr<client::Host> host = holding_->host.lock();
  if (host) taken_at_ = host->now().time_since_epoch().count();
  return change_state(DeliveryState::queued, DeliveryState::taken);
}

bool Delivery::withdraw() noexcept {
  return change_state(DeliveryState::queued, DeliveryState::withdrawn);
}

bool Delivery::make_stale() noexcept {
  return change_state(DeliveryState::taken, DeliveryState::stale);
}

base::Status Delivery::check_answer(const event::Answer& answer) {
  using event::AnswerForm;
  using event::AnswerKind;
  if (answer.form == AnswerForm::text) return Event::answer(answer);
  const std::size_t bit_bytes = (messages_.size() + 7) / 8;
  if (answer.form == AnswerForm::each && answer.bits.size() < bit_bytes) {
    return make_error(ErrorCode::ARGUMENT, std::to_string(answer.bits.size()) +
                                               " bytes of answers, expected " +
                                               std::to_string(bit_bytes) + " for " +
                                               std::to_string(messages_.size()) + " messages");
  }
  const bool takes_level =
      answer.form == AnswerForm::each || answer.kind == AnswerKind::reconsume_later;
  if (!takes_level && answer.kind != AnswerKind::success && answer.kind != AnswerKind::give_back) {
    return make_error(
        ErrorCode::ARGUMENT,
        "answer is " + std::to_string(static_cast<std::int32_t>(answer.kind)) +
            ", expected RMQ_ANSWER_SUCCESS, RMQ_ANSWER_RECONSUME_LATER or RMQ_ANSWER_RETURN");
  }
  if (!takes_level && answer.value != 0) {
    return make_error(ErrorCode::ARGUMENT,
                      "value is " + std::to_string(answer.value) + ", expected 0 for this answer");
  }
  if (answer.value < protocol::kDelayLevelDeadLetter || answer.value > protocol::kDelayLevelMax) {
    return make_error(ErrorCode::ARGUMENT, "the delay level is " + std::to_string(answer.value) +
                                               ", expected 1 to " +
                                               std::to_string(protocol::kDelayLevelMax) +
                                               ", 0 (by count) or -1 (dead letter)");
  }
  return {};
}

// Whoever gets the state from taken (or queued, which only a callback's event can be) to answered
// is the one that answers.
base::Status Delivery::begin_answer(bool has_host) {
  DeliveryState state = state_.load();
  while (has_host && (state == DeliveryState::taken || state == DeliveryState::queued)) {
    if (change_state(state, DeliveryState::answered)) return {};
    state = state_.load();
  }
  if (state == DeliveryState::answered)
    return make_error(ErrorCode::ALREADY_ANSWERED, "the delivery was answered before");
  return stale_error();
}

base::Status Delivery::finish_answer(std::shared_ptr<client::Host> host) noexcept {
  references_.fetch_add(1, std::memory_order_relaxed);  // of the inbox
  if (host->core().post(*this)) return {};
  release();  // never the last one: the event's owner is here
  state_ = DeliveryState::stale;
  return stale_error();
}

void Delivery::set_answer(const event::Answer& answer) noexcept {
  const std::size_t bit_bytes = (messages_.size() + 7) / 8;
  if (answer.form == event::AnswerForm::each) {
    std::memcpy(bits_, answer.bits.data(), bit_bytes);
  } else {
    std::memset(bits_, answer.kind == event::AnswerKind::success ? 0xFF : 0, bit_bytes);
    is_given_back_ = answer.kind == event::AnswerKind::give_back;
  }
  delay_level_ = static_cast<std::int32_t>(answer.value);
}

base::Status Delivery::answer(const event::Answer& answer) {
  if (auto status = check_answer(answer); !status.ok()) return status;
  std::shared_ptr<client::Host> host = holding_->host.lock();
  if (host && host->is_forked())
    return make_error(ErrorCode::FORKED, "the delivery was made in the parent process");
  if (auto status = begin_answer(host != nullptr); !status.ok()) return status;
  set_answer(answer);
  return finish_answer(std::move(host));
}

void Delivery::destroy() noexcept {
  // Messages that nobody has seen do not come again as failed ones, and never become dead letters
  // by that. Deliveries of an event queue that is destroyed keep their offset, and the next member
  // of the group gets them. Deliveries that were taken and not shown are offered again.
  if (!withdraw() && state_.load() == DeliveryState::taken) {
    std::shared_ptr<client::Host> host = holding_->host.lock();
    try {
      if (host && !host->is_forked() && begin_answer(true).ok()) {
        const bool is_shown = is_shown_.load(std::memory_order_relaxed);
        set_answer(
            {.kind = is_shown ? event::AnswerKind::reconsume_later : event::AnswerKind::give_back});
        static_cast<void>(finish_answer(std::move(host)).ok());
      }
    } catch (const std::bad_alloc&) {
      // Only a refusal allocates: somebody else has settled it.
    }
  }
  release();
}

void Delivery::run_on_loop() noexcept {
  const Ref inbox_reference(this);
  if (handler_) handler_->on_answered(*this);
}

}  // namespace rmq::consumer
