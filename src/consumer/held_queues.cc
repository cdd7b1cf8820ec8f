#include "consumer/held_queues.h"

#include <algorithm>
#include <limits>

namespace rmq::consumer {
namespace {

// Queues whose offsets are looked at in one turn, and the pause before the next ones.
constexpr std::size_t kPersistMax = 1000;
constexpr base::Duration kPersistPause = std::chrono::milliseconds(1);
constexpr base::Duration kExpireIntervalMin = std::chrono::milliseconds(250);
constexpr base::Duration kExpireIntervalMax = std::chrono::seconds(60);

// Deliveries without an answer are noticed late by a fraction of their time limit.
base::Duration expire_interval(const ConsumerOptions& options) {
  return std::clamp(options.consume_timeout / 10, kExpireIntervalMin, kExpireIntervalMax);
}

}  // namespace

void HeldQueues::start() {
  remoting::Deadlines& deadlines = context_.core().deadlines();
  deadlines.set(persist_due_, context_.now() + context_.options.persist_interval);
  deadlines.set(expire_due_, context_.now() + expire_interval(context_.options));
}

void HeldQueues::stop() {
  context_.core().deadlines().clear(expire_due_);
  for (const auto& [queue, process_queue] : queues_) process_queue->stop();
}

bool HeldQueues::is_quiet() noexcept {
  return std::all_of(queues_.begin(), queues_.end(),
                     [](const auto& place) { return place.second->is_quiet(); });
}

std::size_t HeldQueues::drop_all() noexcept {
  std::size_t with_user = 0;
  for (const auto& [queue, process_queue] : queues_) {
    process_queue->note_offset();
    with_user += process_queue->drop();
  }
  return with_user;
}

void HeldQueues::clear() noexcept {
  context_.core().deadlines().clear(persist_due_);
  offsets_->stop();
  queues_.clear();
}

bool HeldQueues::keep_only(const std::string& topic,
                           const std::set<protocol::MessageQueue>& wanted) {
  bool has_lost = false;
  for (auto place = first_of(topic); is_of(place, topic);) {
    const auto next = std::next(place);
    if (!wanted.contains(place->first)) {
      lose(place);
      has_lost = true;
    }
    place = next;
  }
  return has_lost;
}

void HeldQueues::lose(Map::iterator place) {
  ProcessQueue& queue = *place->second;
  queue.persist();
  queue.drop();
  offsets_->forget(queue.queue());
  context_.log(event::LogLevel::info, "queue_lost", place->first);
  queues_.erase(place);
}

void HeldQueues::add(const protocol::MessageQueue& queue) {
  if (queues_.contains(queue)) return;
  queues_.emplace(queue, std::make_unique<ProcessQueue>(context_, parts_, *offsets_, gate_.get(),
                                                        handler_, queue));
  context_.log(event::LogLevel::info, "queue_gained", queue);
}

bool HeldQueues::has_new(const std::string& topic) const {
  for (auto place = first_of(topic); is_of(place, topic); ++place) {
    if (place->second->state() == QueueState::idle) return true;
  }
  return false;
}

void HeldQueues::start_new(const std::string& topic, base::Duration pause) {
  for (auto place = first_of(topic); is_of(place, topic); ++place) {
    if (place->second->state() == QueueState::idle) place->second->start(pause);
  }
}

void HeldQueues::share_topic_limits(const std::string& topic) noexcept {
  const auto share = [](std::size_t limit, std::size_t count) {
    if (limit == CacheLimits::kUnlimited) return limit;
    return std::max<std::size_t>(limit / count, 1);
  };
  std::size_t held = 0;
  for (auto place = first_of(topic); is_of(place, topic); ++place) ++held;
  if (held == 0) return;
  const CacheLimits& limits = context_.options.topic_limits;
  const CacheLimits part = {share(limits.messages, held), share(limits.bytes, held)};
  for (auto place = first_of(topic); is_of(place, topic); ++place)
    place->second->set_topic_share(part);
}

void HeldQueues::on_route_changed(const std::string& topic) noexcept {
  for (auto place = first_of(topic); is_of(place, topic); ++place)
    place->second->on_route_changed();
}

void HeldQueues::on_broker_missed(const std::string& topic,
                                  const std::string& broker_name) noexcept {
  for (auto place = first_of(topic); is_of(place, topic); ++place) {
    if (place->first.broker_name == broker_name) place->second->on_broker_missed();
  }
}

ProcessQueue* HeldQueues::find(const protocol::MessageQueue& queue) {
  const auto place = queues_.find(queue);
  return place == queues_.end() ? nullptr : place->second.get();
}

std::vector<const ProcessQueue*> HeldQueues::all() const {
  std::vector<const ProcessQueue*> held;
  for (const auto& [queue, process_queue] : queues_) held.push_back(process_queue.get());
  return held;
}

std::vector<const ProcessQueue*> HeldQueues::of_topic(std::string_view topic) const {
  std::vector<const ProcessQueue*> held;
  for (auto place = first_of(topic); is_of(place, topic); ++place)
    held.push_back(place->second.get());
  return held;
}

// A round over all queues takes as many turns as it needs.
void HeldQueues::persist_some() {
  auto place = persist_next_ ? queues_.lower_bound(*persist_next_) : queues_.begin();
  for (std::size_t count = 0; place != queues_.end() && count < kPersistMax; ++count, ++place)
    place->second->persist();
  if (place == queues_.end()) {
    persist_next_.reset();
    return;
  }
  persist_next_ = place->first;
  context_.core().deadlines().set(persist_due_, context_.now() + kPersistPause);
}

void HeldQueues::on_deadline(remoting::Deadline& deadline) {
  remoting::Deadlines& deadlines = context_.core().deadlines();
  if (&deadline == &persist_due_) {
    deadlines.set(persist_due_, context_.now() + context_.options.persist_interval);
    persist_some();
  } else {
    deadlines.set(expire_due_, context_.now() + expire_interval(context_.options));
    for (const auto& [queue, process_queue] : queues_) process_queue->expire(context_.now());
  }
}

}  // namespace rmq::consumer
