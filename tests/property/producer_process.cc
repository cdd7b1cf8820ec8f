#include "tests/property/producer_process.h"

#include <utility>

namespace rmq::sim {
namespace {

using producer::SendMode;

constexpr const char* kTags[] = {"a", "b", "c"};
constexpr base::Duration kTimeouts[] = {base::milliseconds(300), base::milliseconds(3000),
                                        base::milliseconds(10000)};
// An ordered send is tried again until its time limit.
constexpr int kOrderedAttemptsMax = 1000;

}  // namespace

ProducerProcess::ProducerProcess(World& its_world, std::uint64_t seed)
    : Process(its_world, seed),
      producer_(std::make_shared<producer::Producer>(runtime(), make_options(), queue().queue())),
      ordered_share_(draw.chance(0.5) ? 0.5 : 0) {
  if (draw.chance(0.2)) set_poll_delay(std::chrono::seconds(3));
  if (!producer_->start().ok()) world.mistake("a producer did not start");
}

producer::ProducerOptions ProducerProcess::make_options() {
  producer::ProducerOptions options;
  options.group = "senders";
  options.block_when_full = false;
  if (draw.chance(0.3)) options.inflight_max = draw.between(2, 16);
  options.async_retries = static_cast<int>(draw.between(0, 3));
  options.retry_when_not_store_ok = draw.chance(0.3);
  options.compress_over_bytes = 256;
  if (world.shape.has_large_bodies()) {
    // Most of the time of a run would go into compressing noise.
    options.compress = draw.chance(0.25);
    options.compression_level = 1;
  }
  options.tells_errors = draw.chance(0.5);
  options.avoids_slow_brokers = draw.chance(0.3);
  return options;
}

std::shared_ptr<const producer::Destination> ProducerProcess::choose_destination() {
  if (!draw.chance(0.2)) return nullptr;
  const std::size_t index = draw.below(world.broker_count());
  const auto queue_id =
      static_cast<std::int32_t>(draw.below(static_cast<std::uint64_t>(world.shape.queues)));
  return producer::Destination::make({}, world.broker(index).options().broker_name, queue_id)
      .take_value();
}

void ProducerProcess::send_some(int count) {
  for (int i = 0; i < count && !is_ending(); ++i) send_one();
}

void ProducerProcess::send_one() {
  const std::uint64_t token = world.ledger.sends.size();
  SendRecord record;
  record.topic = kTopic;
  record.tag = kTags[draw.below(std::size(kTags))];
  record.key = std::to_string(token);
  record.body = "message " + record.key;
  if (draw.chance(0.1)) record.body.append(static_cast<std::size_t>(draw.between(1, 2000)), '.');
  const bool is_large = world.shape.has_large_bodies() && draw.chance(0.1) && add_noise(record);
  record.is_oneway = draw.chance(0.05);
  const base::Duration timeout = is_large && world.shape.is_patient
                                     ? kTimeouts[std::size(kTimeouts) - 1]
                                     : kTimeouts[draw.below(std::size(kTimeouts))];
  record.time_limit = timeout;
  record.due = world.now() + timeout;
  record.look_after = poll_delay_max();
  record.queue = &queue();

  auto message = producer::OutgoingMessage::make(kTopic).take_value();
  message->set_body(base::as_bytes(record.body));
  bool is_set = message->set_tags(record.tag).ok() && message->set_keys(record.key).ok();
  choose_order(*message, record);
  const bool is_ordered = !record.order.empty();
  if (!is_ordered && draw.chance(0.05)) is_set = message->set_delay_level(1).ok() && is_set;
  if (!is_set) world.mistake("a property was refused");
  const auto destination = is_ordered ? by_key_ : choose_destination();
  record.attempts_max =
      destination || record.is_oneway ? 1 : 1 + producer_->options().async_retries;
  if (is_ordered) record.attempts_max = kOrderedAttemptsMax;
  const SendMode mode = record.is_oneway ? SendMode::oneway_event : SendMode::event;
  // Refused ones owe no event.
  if (!producer_
           ->send_async(*message, message->body(), destination,
                        {.timeout = timeout,
                         .mode = mode,
                         .is_ordered = is_ordered,
                         .tag = {.token = token}})
           .ok()) {
    return;
  }
  if (is_large) large_token_ = token;
  record.is_cancelled = draw.chance(0.03);
  const bool cancels = record.is_cancelled;
  world.ledger.sends.push_back(std::move(record));
  if (cancels && !producer_->cancel(token).ok()) world.mistake("a cancel was refused");
}

void ProducerProcess::choose_order(producer::OutgoingMessage& message, SendRecord& record) {
  if (record.is_oneway || !draw.chance(ordered_share_)) return;
  const std::string key = "key-" + std::to_string(draw.below(4));
  if (!message.set_sharding_key(key).ok()) world.mistake("a sharding key was refused");
  record.order = name_ + " " + key;
}

// Makes the body large, and of bytes that do not compress. One at a time, and not for ever.
bool ProducerProcess::add_noise(SendRecord& record) {
  const bool is_busy = large_token_ && world.ledger.sends[*large_token_].events == 0;
  const auto size =
      static_cast<std::size_t>(draw.between(static_cast<std::int64_t>(WorldShape::kLargeBytes),
                                            static_cast<std::int64_t>(world.shape.body_bytes_max)));
  if (is_busy || size > world.large_bytes_left) return false;
  world.large_bytes_left -= size;
  record.body.reserve(record.body.size() + size + sizeof(std::uint64_t));
  for (std::size_t i = 0; i < size; i += sizeof(std::uint64_t)) {
    const std::uint64_t noise = draw.seed();
    record.body.append(reinterpret_cast<const char*>(&noise), sizeof noise);
  }
  return true;
}

void ProducerProcess::flush() {
  if (is_ending()) return;
  constexpr base::Duration kLimit = std::chrono::seconds(5);
  if (producer_->flush_async(kLimit, next_operation(), nullptr).ok()) {
    note_accepted("flush", kLimit, queue());
  }
}

// Every send has its event by now, which holds the last of its room.
bool ProducerProcess::drop() {
  poll();
  if (inflight() != 0) world.mistake("a producer did not get its room back from a runtime's end");
  producer_.reset();
  return true;
}

void ProducerProcess::on_event(event::Event* event) {
  if (event->type() == event::EventType::send) {
    take_send(*event);
  } else {
    note_operation(*event);
  }
  event->destroy();
}

void ProducerProcess::take_send(const event::Event& event) {
  if (event.token() >= world.ledger.sends.size()) {
    world.mistake("an event with the unknown token " + std::to_string(event.token()));
    return;
  }
  SendRecord& record = world.ledger.sends[event.token()];
  ++record.events;
  record.code = event.error_code();
  record.is_applied = event.error_code() == base::ErrorCode::OK;
  record.outcome = event.outcome();
  record.uncertain_attempts =
      static_cast<const producer::SendOperation&>(event).uncertain_attempts();
  record.ended_at = world.now();
  record.ended_as = ++world.ledger.ends;
}

}  // namespace rmq::sim
