#include "testbroker/timer_messages.h"

#include <algorithm>
#include <climits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "base/format.h"
#include "protocol/properties.h"
#include "protocol/sys_flag.h"
#include "testbroker/property_text.h"
#include "testbroker/server_state.h"

namespace rmq::testbroker {
namespace {

// When the sender wants it to go out. Nothing: the text is no number.
std::optional<std::int64_t> read_due(const Message& message, std::int64_t now_ms) {
  const std::string_view seconds = message.property(protocol::kPropertyTimerDelaySec);
  if (!seconds.empty()) {
    const auto number = base::parse_int64(seconds);
    if (!number || *number > INT32_MAX) return std::nullopt;
    return now_ms + *number * 1000;
  }
  const std::string_view delay = message.property(protocol::kPropertyTimerDelayMs);
  if (!delay.empty()) {
    const auto number = base::parse_int64(delay);
    if (!number || *number > INT64_MAX / 2) return std::nullopt;
    return now_ms + *number;
  }
  return base::parse_int64(message.property(protocol::kPropertyTimerDeliverMs));
}

std::string recall_key(std::string_view topic, std::string_view message_id) {
  return std::string(topic) + "+" + std::string(message_id);
}

}  // namespace

TimerMessages::TimerMessages(ServerState& state)
    : state_(state), timer_(state.loop.make_timer(*this)) {}

bool TimerMessages::is_timed(const Message& message) const {
  if (!state_.options.is_5x()) return false;
  const std::int32_t transaction = message.sys_flag & protocol::kSysFlagTransactionMask;
  if (transaction != 0 && transaction != protocol::kSysFlagTransactionCommit) return false;
  if (base::parse_int32(message.property(protocol::kPropertyDelay)).value_or(0) > 0) return false;
  if (!message.property(protocol::kPropertyTimerOutMs).empty()) return false;
  return !message.property(protocol::kPropertyTimerDelaySec).empty() ||
         !message.property(protocol::kPropertyTimerDelayMs).empty() ||
         !message.property(protocol::kPropertyTimerDeliverMs).empty();
}

Refusal TimerMessages::check(const Message& message) const {
  if (!state_.options.timers) {
    return {protocol::ResponseCode::SYSTEM_ERROR,
            "accurate timer message is not enabled, timerWheelEnable is false"};
  }
  const std::int64_t now = state_.wall_ms();
  const auto due = read_due(message, now);
  const bool is_late_recall =
      due && *due <= now && !message.property(protocol::kPropertyTimerDeleteKey).empty();
  if (due && *due - now <= kDelayMsMax && !is_late_recall) return {};
  return {protocol::ResponseCode::MESSAGE_ILLEGAL,
          base::format("timer message illegal, the delay time should not be bigger than the max "
                       "delay {}ms; or if set del msg, the delay time should be bigger than the "
                       "current time",
                       kDelayMsMax)};
}

const Message& TimerMessages::add(Message message) {
  const std::int64_t due = read_due(message, state_.wall_ms()).value_or(0);
  if (due <= state_.wall_ms()) return state_.append_now(std::move(message));
  // The slot before the time: the wheel reads it when it is over.
  const std::int64_t slot_ms = (due - 1) / kPrecisionMs * kPrecisionMs;
  put_property(protocol::kPropertyTimerOutMs, std::to_string(slot_ms), &message.properties);
  put_property(protocol::kPropertyRealTopic, message.topic, &message.properties);
  put_property(protocol::kPropertyRealQueueId, std::to_string(message.queue_id),
               &message.properties);
  message.topic = kTimerTopic;
  message.queue_id = 0;
  const Message& kept = state_.store_message(std::move(message));
  waiting_.emplace(slot_ms, kept.queue_offset);
  arm_timer();
  return kept;
}

void TimerMessages::deliver_due() {
  if (state_.is_asleep()) return;
  while (!waiting_.empty() && waiting_.begin()->first + kPrecisionMs <= state_.wall_ms()) {
    deliver(waiting_.begin()->first);
  }
  arm_timer();
}

void TimerMessages::deliver(std::int64_t slot_ms) {
  std::set<std::string, std::less<>> recalled;
  std::vector<Message> due;
  const auto [begin, end] = waiting_.equal_range(slot_ms);
  for (auto each = begin; each != end; ++each) {
    const Message* kept = state_.store.find(kTimerTopic, 0, each->second);
    if (kept == nullptr) continue;
    const std::string_view key = kept->property(protocol::kPropertyTimerDeleteKey);
    if (key.empty()) {
      due.push_back(*kept);
    } else {
      recalled.emplace(key);
    }
  }
  waiting_.erase(begin, end);
  for (Message& message : due) {
    message.topic = message.property(protocol::kPropertyRealTopic);
    if (recalled.contains(
            recall_key(message.topic, message.property(protocol::kPropertyUniqKey)))) {
      continue;
    }
    message.queue_id =
        base::parse_int32(message.property(protocol::kPropertyRealQueueId)).value_or(0);
    // The wheel took it as soon as it was stored.
    put_property("TIMER_ENQUEUE_MS", std::to_string(message.store_ms), &message.properties);
    message.store_ms = state_.wall_ms();
    put_property("TIMER_DEQUEUE_MS", std::to_string(message.store_ms), &message.properties);
    state_.append_now(std::move(message));
  }
}

void TimerMessages::take_over(const TimerMessages& other) {
  clear();
  const std::int64_t end = state_.store.max_offset(kTimerTopic, 0);
  for (const auto& [slot_ms, queue_offset] : other.waiting_) {
    if (queue_offset < end) waiting_.emplace(slot_ms, queue_offset);
  }
  arm_timer();
}

void TimerMessages::clear() {
  waiting_.clear();
  timer_->disarm();
}

void TimerMessages::arm_timer() {
  if (waiting_.empty() || state_.is_asleep()) return;
  const std::int64_t left = waiting_.begin()->first + kPrecisionMs - state_.wall_ms();
  timer_->arm(state_.loop.now() + base::milliseconds(std::max<std::int64_t>(left, 0)));
}

}  // namespace rmq::testbroker
