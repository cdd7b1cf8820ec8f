#include "tests/property/consumer_process.h"

#include <algorithm>
#include <utility>

#include "base/decimal.h"
#include "message/message.h"

namespace rmq::sim {

using base::ErrorCode;
using event::AnswerKind;

ConsumerProcess::ConsumerProcess(World& its_world, const GroupPlan& group, std::uint64_t seed)
    : Process(its_world, seed),
      group_(group),
      later_chance_(draw.chance(0.5) ? 0.05 : 0),
      forget_chance_(draw.chance(0.2) ? 0.05 : 0),
      slow_chance_(draw.chance(0.3) ? 0.1 : 0),
      answer_delay_max_(draw.chance(0.3) ? std::chrono::milliseconds(5000)
                                         : std::chrono::milliseconds(50)),
      consumer_(
          consumer::GroupMember::make(runtime(),
                                      *consumer::find_parts(consumer::ConsumerKind::push_concurrent,
                                                            protocol::MessageModel::clustering),
                                      make_options(group, draw), queue().queue(), {})) {
  if (!consumer_->subscribe(kTopic, consumer::FilterType::tag, group.expression).ok() ||
      !consumer_->start().ok()) {
    world.mistake("a consumer did not start");
  }
  if (draw.chance(0.2)) {
    producer::ProducerOptions options;
    options.group = "idle";
    companion_ = std::make_shared<producer::Producer>(runtime(), options, queue().queue());
    if (!companion_->start().ok()) world.mistake("a second member did not start");
  }
  world.note_disturbance();
}

ConsumerProcess::~ConsumerProcess() {
  for (const auto& [number, event] : held_) event->destroy();
}

consumer::ConsumerOptions ConsumerProcess::make_options(const GroupPlan& group, Draw& draw) {
  consumer::ConsumerOptions options;
  options.group = group.name;
  options.tells_errors = true;  // as consumers do by default
  options.consume_from_where = protocol::ConsumeFromWhere::first_offset;
  options.batch_size = static_cast<std::size_t>(draw.between(1, 4));
  options.pull_batch_size = static_cast<std::int32_t>(draw.between(1, 32));
  if (draw.chance(0.2)) options.consume_timeout = std::chrono::seconds(8);
  if (draw.chance(0.3))
    options.queue_limits.messages = static_cast<std::size_t>(draw.between(1, 8));
  if (draw.chance(0.2))
    options.total_limits.messages = static_cast<std::size_t>(draw.between(2, 16));
  return options;
}

void ConsumerProcess::behave() {
  is_well_behaved_ = true;
  set_poll_delay(base::Duration{0});
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, event] : held_) numbers.push_back(number);
  for (const std::uint64_t number : numbers) answer(number);
}

void ConsumerProcess::leave(base::Duration timeout) {
  if (is_leaving_ || is_ending()) return;
  is_leaving_ = true;
  world.note_disturbance();
  if (consumer_->close_async(timeout, {.token = next_operation()}).ok()) {
    note_accepted("close", timeout, queue());
  }
  world.after(timeout + std::chrono::seconds(1), [this] { end(std::chrono::seconds(1)); });
}

void ConsumerProcess::on_event(event::Event* event) {
  if (event->type() == event::EventType::delivery) {
    take_delivery(event);
    return;
  }
  note_operation(*event);
  event->destroy();
}

void ConsumerProcess::take_delivery(event::Event* event) {
  ++world.ledger.deliveries;
  auto& records = world.ledger.groups[group_.name];
  Holding& holding = holding_of(*event);
  for (const message::Message* message : event->parts().messages) {
    const message::MessageFields fields = message->fields();
    holding.consumed.try_emplace(fields.queue_offset, false);
    if (fields.error) continue;  // damaged on its way: its place in the queue is all that is known
    ++records[std::string(fields.keys)].deliveries;
    if (!group_.wants(fields.tags)) world.mistake("a message that its filter leaves out");
    if (base::as_text(fields.body) != find_body(fields.keys)) {
      world.mistake("message " + std::string(fields.keys) + " has another body than was sent");
    }
  }
  const std::uint64_t number = ++next_number_;
  // A forgotten answer is "again later" for what was seen, and "not looked at" for the rest.
  if (number % 2 == 0) event->note_shown();
  held_.emplace(number, event);
  if (!is_well_behaved_ && draw.chance(forget_chance_)) return;
  base::Duration delay{0};
  if (!is_well_behaved_) {
    delay = draw.chance(slow_chance_)
                ? draw.between(std::chrono::seconds(5), std::chrono::seconds(40))
                : draw.between(base::Duration{0}, answer_delay_max_);
  }
  world.after(delay, [this, number] { answer(number); });
}

std::string_view ConsumerProcess::find_body(std::string_view key) const {
  const auto token = base::parse_int32(key);
  return token && static_cast<std::size_t>(*token) < world.ledger.sends.size()
             ? std::string_view(world.ledger.sends[static_cast<std::size_t>(*token)].body)
             : std::string_view();
}

void ConsumerProcess::answer(std::uint64_t number) {
  const auto place = held_.find(number);
  if (place == held_.end()) return;
  event::Event* event = place->second;
  held_.erase(place);
  if (!has_power()) {
    event->destroy();
    return;
  }
  if (is_well_behaved_ || !draw.chance(0.01)) give_answer(*event);  // else a forgotten answer
  event->destroy();
}

void ConsumerProcess::give_answer(event::Event& event) {
  const std::size_t count = event.parts().messages.size();
  const bool is_readable = std::all_of(
      event.parts().messages.begin(), event.parts().messages.end(),
      [](const message::Message* message) { return message->fields().error == nullptr; });
  const bool each = is_readable && count > 1 && !is_well_behaved_ && draw.chance(0.3);
  const bool whole = is_readable && (is_well_behaved_ || !draw.chance(later_chance_));
  std::uint8_t bits[8] = {};
  for (std::size_t i = 0; i < count; ++i) {
    const bool consumed = each ? !draw.chance(later_chance_ * 4) : whole;
    if (consumed) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1u << (i % 8));
    note_answer(event, i, consumed);
  }
  const std::int32_t level = draw.chance(0.5) ? 1 : 0;
  const base::Status status =
      each ? event.answer(
                 {.form = event::AnswerForm::each, .value = level, .bits = {bits, (count + 7) / 8}})
           : event.answer({.kind = whole ? AnswerKind::success : AnswerKind::reconsume_later,
                           .value = whole ? 0 : level});
  if (status.ok()) {
    Holding& holding = holding_of(event);
    for (std::size_t i = 0; i < count; ++i) {
      const bool consumed = (bits[i / 8] >> (i % 8) & 1) != 0;
      if (consumed) holding.consumed[event.parts().messages[i]->fields().queue_offset] = true;
    }
  } else if (status.code() == ErrorCode::STALE) {
    ++world.ledger.stale_answers;
  } else {
    world.mistake("an answer was refused: " + status.error().message);
  }
}

ConsumerProcess::Holding& ConsumerProcess::holding_of(const event::Event& event) {
  const event::DeliveryInfo from = event.parts().delivery.value();
  Holding& holding =
      holdings_[{std::string(from.topic), std::string(from.broker_name), from.queue_id}];
  if (holding.epoch != from.epoch) holding = {from.epoch, {}};
  return holding;
}

std::int64_t ConsumerProcess::safe_offset(const Holding& holding) {
  for (const auto& [offset, consumed] : holding.consumed) {
    if (!consumed) return offset;
  }
  return holding.consumed.empty() ? 0 : holding.consumed.rbegin()->first + 1;
}

void ConsumerProcess::abandon() {
  consumer_->abandon();
  if (companion_) companion_->abandon();
}

bool ConsumerProcess::drop() {
  consumer_.reset();
  companion_.reset();
  return true;
}

// Where nothing has gone wrong yet, a destroy tells the brokers what was answered before it.
void ConsumerProcess::on_destroying() {
  if (world.had_faults || world.shape.has_large_bodies() || !has_power()) return;
  for (const consumer::ProcessQueue* held : consumer_->queues()) {
    const protocol::MessageQueue& queue = held->queue();
    const auto holding = holdings_.find({queue.topic, queue.broker_name, queue.queue_id});
    if (holding == holdings_.end() || holding->second.epoch != held->epoch()) continue;
    const std::int64_t expected = safe_offset(holding->second);
    // The offsets have arrived then, and nobody else can have written any.
    world.after(4 * world.shape.latency, [this, queue, expected] {
      if (world.had_faults) return;
      for (std::size_t i = 0; i < world.broker_count(); ++i) {
        if (world.broker(i).options().broker_name != queue.broker_name) continue;
        ++world.ledger.checked_last_offsets;
        const std::int64_t stored =
            world.broker(i).offsets().find(group_.name, queue.topic, queue.queue_id).value_or(0);
        if (stored >= expected) continue;
        world.mistake("a destroy stored the offset " + std::to_string(stored) + " of queue " +
                      std::to_string(queue.queue_id) + " of " + queue.topic + ", and " +
                      std::to_string(expected) + " was answered");
      }
    });
  }
}

void ConsumerProcess::note_answer(const event::Event& event, std::size_t index, bool consumed) {
  if (!consumed) return;
  const event::DeliveryInfo from = event.parts().delivery.value();
  const message::MessageFields fields = event.parts().messages[index]->fields();
  auto& record = world.ledger.groups[group_.name][std::string(fields.keys)];
  ++record.consumed;
  if (from.topic == kTopic) {
    record.places.insert({std::string(from.broker_name), from.queue_id, fields.queue_offset});
  } else {
    ++record.consumed_again;
  }
}

}  // namespace rmq::sim
