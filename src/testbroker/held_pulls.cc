#include "testbroker/held_pulls.h"

#include <algorithm>
#include <iterator>

#include "testbroker/peers.h"
#include "testbroker/server_state.h"

namespace rmq::testbroker {
namespace {

constexpr std::int64_t kSuspendMsMax = 24 * 3600 * 1000;
// A look itself takes a moment, after which a real broker waits the whole interval again. So a pull
// that is sent when the one before was answered misses the look at the end of its time. The answer
// of the next look comes a moment later than a client that counts in intervals expects.
constexpr base::Duration kLookTime = std::chrono::microseconds(100);

std::size_t bytes_of(const Pull& pull, const TagFilter& filter) {
  return pull.bytes() + pull.topic.size() + filter.bytes();
}

}  // namespace

HeldPulls::HeldPulls(ServerState& state, HeldPullLimits limits)
    : state_(state),
      limits_(limits),
      started_at_(state.loop.now()),
      timer_(state.loop.make_timer(*this)) {}

// The looks of a broker go on from its start, whether pulls wait or not. A timer is needed only for
// the next one that finds some.
void HeldPulls::plan_look() {
  if (timer_armed_ || count_ == 0) return;
  const base::Duration period = state_.options.long_poll_check_interval + kLookTime;
  const base::Duration age = state_.loop.now() - started_at_;
  timer_->arm(started_at_ + (age / period + 1) * period);
  timer_armed_ = true;
}

bool HeldPulls::hold(std::uint64_t ticket, Pull pull, TagFilter filter) {
  const std::size_t bytes = bytes_of(pull, filter);
  if (count_ >= limits_.pulls || bytes > limits_.bytes - bytes_) return false;
  ++count_;
  bytes_ += bytes;
  const base::Instant now = state_.loop.now();
  const base::milliseconds timeout(
      std::clamp<std::int64_t>(pull.suspend_timeout_ms, 0, kSuspendMsMax));
  Queue queue(pull.topic, pull.queue_id);
  queues_[std::move(queue)].push_back({ticket, std::move(pull), std::move(filter), now + timeout});
  plan_look();
  return true;
}

void HeldPulls::note_arrival(std::string_view topic, std::int32_t queue_id, std::int64_t offset) {
  if (count_ == 0) return;
  Queue queue(topic, queue_id);
  if (!queues_.contains(queue)) return;
  arrivals_.try_emplace(std::move(queue), offset);
  state_.peers.schedule_turn_end();
}

bool HeldPulls::has_match(const Queue& queue, std::int64_t first_offset,
                          const TagFilter& filter) const {
  const auto& [topic, queue_id] = queue;
  const std::int64_t end = state_.store.max_offset(topic, queue_id);
  for (std::int64_t offset = first_offset; offset < end; ++offset) {
    const Message* message = state_.store.find(topic, queue_id, offset);
    if (message != nullptr && filter.matches(*message)) return true;
  }
  return false;
}

void HeldPulls::wake_arrivals() {
  std::vector<Held> woken;
  for (const auto& [queue, first_offset] : std::exchange(arrivals_, {})) {
    const auto entry = queues_.find(queue);
    if (entry == queues_.end()) continue;
    wake(
        entry->second,
        [&](const Held& held) {
          return has_match(queue, std::max(first_offset, held.pull.offset), held.filter);
        },
        &woken);
    if (entry->second.empty()) queues_.erase(entry);
  }
  answer(std::move(woken));
}

void HeldPulls::check_all() {
  timer_armed_ = false;
  if (state_.is_asleep()) return;
  std::vector<Held> woken;
  const base::Instant now = state_.loop.now();
  for (auto& [queue, waiting] : queues_) {
    const std::int64_t end = state_.store.max_offset(queue.first, queue.second);
    wake(
        waiting, [&](const Held& held) { return end > held.pull.offset || now >= held.due; },
        &woken);
  }
  drop_empty_queues();
  plan_look();
  answer(std::move(woken));
}

template <typename Wanted>
void HeldPulls::wake(std::vector<Held>& waiting, const Wanted& wanted, std::vector<Held>* woken) {
  const auto first = std::stable_partition(waiting.begin(), waiting.end(),
                                           [&](const Held& held) { return !wanted(held); });
  for (auto held = first; held != waiting.end(); ++held) {
    --count_;
    bytes_ -= bytes_of(held->pull, held->filter);
  }
  std::move(first, waiting.end(), std::back_inserter(*woken));
  waiting.erase(first, waiting.end());
}

// An answer may end its connection, and with it other waiting pulls: none of the tables is in use
// here.
void HeldPulls::answer(std::vector<Held> woken) {
  for (Held& held : woken) {
    wire::Command answer;
    run_pull(held.pull, state_, &held.filter, &answer);
    state_.peers.answer_later(held.ticket, std::move(answer));
  }
}

void HeldPulls::remove_connection(std::uint64_t connection) {
  if (count_ == 0) return;
  std::vector<Held> gone;
  for (auto& [queue, waiting] : queues_) {
    wake(
        waiting, [&](const Held& held) { return held.pull.connection == connection; }, &gone);
  }
  drop_empty_queues();
}

void HeldPulls::drop_empty_queues() {
  std::erase_if(queues_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace rmq::testbroker
