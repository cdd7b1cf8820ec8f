#include "testbroker/delayed_messages.h"

#include <algorithm>
#include <utility>

#include "base/decimal.h"
#include "protocol/names.h"
#include "protocol/properties.h"
#include "protocol/sys_flag.h"
#include "testbroker/property_text.h"
#include "testbroker/server_state.h"

namespace rmq::testbroker {

DelayedMessages::DelayedMessages(ServerState& state)
    : state_(state),
      levels_(state.options.delay_levels.size()),
      timer_(state.loop.make_timer(*this)) {}

std::int32_t DelayedMessages::level_of(const Message& message) const {
  const std::int32_t transaction = message.sys_flag & protocol::kSysFlagTransactionMask;
  if (transaction != 0 && transaction != protocol::kSysFlagTransactionCommit) return 0;
  const auto level = base::parse_int32(message.property(protocol::kPropertyDelay));
  return std::clamp(level.value_or(0), 0, static_cast<std::int32_t>(levels_.size()));
}

const Message& DelayedMessages::add(Message message, std::int32_t level) {
  put_property(protocol::kPropertyRealTopic, message.topic, &message.properties);
  put_property(protocol::kPropertyRealQueueId, std::to_string(message.queue_id),
               &message.properties);
  message.topic = protocol::kScheduleTopic;
  message.queue_id = level - 1;
  const Message& kept = state_.store_message(std::move(message));
  const auto index = static_cast<std::size_t>(kept.queue_id);
  levels_[index].push_back(
      {state_.loop.now() + state_.options.delay_levels[index], kept.queue_offset});
  forget_dropped(kept.queue_id);
  arm_timer();
  return kept;
}

// The store keeps a bounded number of messages for each level, and so does this.
void DelayedMessages::forget_dropped(std::int32_t queue_id) {
  auto& waiting = levels_[static_cast<std::size_t>(queue_id)];
  const std::int64_t min = state_.store.min_offset(protocol::kScheduleTopic, queue_id);
  while (!waiting.empty() && waiting.front().queue_offset < min) waiting.pop_front();
}

void DelayedMessages::deliver_due() {
  if (state_.is_asleep()) return;
  const base::Instant now = state_.loop.now();
  std::int32_t queue_id = 0;
  for (auto& waiting : levels_) {
    while (!waiting.empty() && waiting.front().due <= now) {
      const std::int64_t queue_offset = waiting.front().queue_offset;
      waiting.pop_front();
      deliver(queue_id, queue_offset);
    }
    ++queue_id;
  }
  arm_timer();
}

void DelayedMessages::deliver(std::int32_t queue_id, std::int64_t queue_offset) {
  const Message* kept = state_.store.find(protocol::kScheduleTopic, queue_id, queue_offset);
  if (kept == nullptr) return;
  Message message = *kept;
  message.topic = message.property(protocol::kPropertyRealTopic);
  message.queue_id =
      base::parse_int32(message.property(protocol::kPropertyRealQueueId)).value_or(0);
  message.store_ms = state_.wall_ms();
  state_.append_now(std::move(message));
}

void DelayedMessages::take_over(const DelayedMessages& other) {
  clear();
  for (std::size_t level = 0; level < std::min(levels_.size(), other.levels_.size()); ++level) {
    const std::int64_t end =
        state_.store.max_offset(protocol::kScheduleTopic, static_cast<std::int32_t>(level));
    for (const Waiting& waiting : other.levels_[level]) {
      if (waiting.queue_offset < end) levels_[level].push_back(waiting);
    }
  }
  arm_timer();
}

void DelayedMessages::clear() {
  for (auto& waiting : levels_) waiting.clear();
  timer_->disarm();
}

void DelayedMessages::arm_timer() {
  base::Instant next = base::kNever;
  for (const auto& waiting : levels_) {
    if (!waiting.empty()) next = std::min(next, waiting.front().due);
  }
  if (next != base::kNever && !state_.is_asleep()) timer_->arm(next);
}

std::size_t DelayedMessages::size() const {
  std::size_t size = 0;
  for (const auto& waiting : levels_) size += waiting.size();
  return size;
}

}  // namespace rmq::testbroker
