#include "producer/ordered_sends.h"

#include <algorithm>

#include "producer/producer.h"
#include "producer/retry_policy.h"

namespace rmq::producer {
namespace {

constexpr base::Duration kPauseMin = base::milliseconds(50);
constexpr base::Duration kPauseMax = base::milliseconds(400);

// Before the next try at the same queue. A connection that was lost may be back at once; a broker
// that refused needs time.
base::Duration pause_before(const base::Error& error, std::uint32_t pauses) {
  if (error.response_code < 0) {
    if (pauses == 0) return base::Duration::zero();
    --pauses;
  }
  return std::min(kPauseMax, kPauseMin * (1 << std::min(pauses, 8U)));
}

}  // namespace

using base::ErrorCode;
using base::make_error;

// --- Places -------------------------------------------------------------------------------------

// A callback has chosen by the route that was the newest then.
std::uint32_t OrderedSends::mapping_of(const SendAttempt& attempt,
                                       const PublishTopic& topic) const {
  const bool is_called = attempt.first().destination()->selector == Selector::callback;
  return is_called ? attempt.route()->mapping() : topic.owner->mapping();
}

bool OrderedSends::must_wait(const SendAttempt& attempt, const OrderedTopic& group) const {
  if (!group.is_by_route) return false;
  const PublishTopic& topic = *attempt.topic();
  if (!group.later.is_empty() || !topic.owner || !topic.owner->is_usable()) return true;
  return group.in_lanes > 0 && group.mapping != mapping_of(attempt, topic);
}

OrderedTopic& OrderedSends::group_of(SendAttempt& attempt) {
  if (PublishTopic* topic = attempt.topic()) {
    if (!topic->ordered) topic->ordered = std::make_unique<OrderedTopic>();
    return *topic->ordered;
  }
  const std::string_view topic = attempt.first().topic();
  auto known = addressed_.find(topic);
  if (known == addressed_.end()) known = addressed_.try_emplace(std::string(topic)).first;
  known->second.is_by_route = false;
  return known->second;
}

OrderedTopic::Place OrderedSends::place_of(const SendAttempt& attempt, std::string* text) const {
  const Destination& destination = *attempt.first().destination();
  if (!destination.is_by_route()) {
    *text = destination.address.to_text() + " " + destination.broker_name;
    return {*text, destination.queue_id};
  }
  if (destination.selector == Selector::callback) {
    return {attempt.route()->broker_name(attempt.choice()), attempt.choice().queue_id};
  }
  if (!destination.is_by_key()) return {destination.broker_name, destination.queue_id};
  const PublishRoute& route = *attempt.topic()->owner;
  const PublishRoute::Choice choice = route.choose_by_hash(attempt.first().key_hash());
  return {route.broker_name(choice), choice.queue_id};
}

OrderedLane& OrderedSends::lane_of(SendAttempt& attempt, OrderedTopic& group) {
  std::string text;
  const OrderedTopic::Place place = place_of(attempt, &text);
  auto known = group.lanes.find(place);
  if (known == group.lanes.end()) {
    auto lane = std::make_unique<OrderedLane>(group, place.first, place.second);
    const OrderedTopic::Place own{lane->broker_name, lane->queue_id};
    known = group.lanes.emplace(own, std::move(lane)).first;
  }
  return *known->second;
}

// --- Waiting ------------------------------------------------------------------------------------

void OrderedSends::wait_in(base::IntrusiveList<SendDetour, SendDetour>& list,
                           SendAttempt& attempt) {
  remoting::Deadlines& deadlines = router_.core().deadlines();
  SendDetour& detour = attempt.make_detour(deadlines);
  if (!detour.deadline.is_queued()) deadlines.set(detour.deadline, attempt.first().due());
  list.push_back(detour);
}

void OrderedSends::begin(SendAttempt& attempt) {
  OrderedTopic& group = group_of(attempt);
  if (!must_wait(attempt, group)) {
    enter(attempt, group);
    return;
  }
  if (!attempt.topic()->owner || !attempt.topic()->owner->is_usable()) {
    router_.core().routes().refresh(attempt.topic()->name);
  }
  wait_in(group.later, attempt);
}

// Takes its place in the lane. The first one starts.
void OrderedSends::enter(SendAttempt& attempt, OrderedTopic& group) {
  OrderedLane& lane = lane_of(attempt, group);
  if (group.in_lanes == 0 && group.is_by_route) {
    group.mapping = mapping_of(attempt, *attempt.topic());
  }
  const bool is_first = lane.current == nullptr && lane.waiting.is_empty();
  if (!is_first) wait_in(lane.waiting, attempt);
  attempt.set_lane(&lane);
  ++group.in_lanes;
  if (!is_first) return;
  lane.current = &attempt;
  start_or_fail(attempt, lane);
}

// Those behind the barrier, up to the first that goes by another mapping.
void OrderedSends::enter_later(OrderedTopic& group, const PublishTopic& topic) noexcept {
  // A start may fail at once, which comes back to here: the outermost call goes on.
  if (group.is_entering || router_.producer_.is_cutting_short()) return;
  if (!topic.owner || !topic.owner->is_usable()) return;
  group.is_entering = true;
  while (SendDetour* detour = group.later.front()) {
    SendAttempt& attempt = detour->attempt;
    if (group.in_lanes > 0 && group.mapping != mapping_of(attempt, topic)) break;
    group.later.pop_front();
    try {
      enter(attempt, group);
    } catch (const std::bad_alloc&) {
      router_.fail(attempt, base::make_memory_error());
    }
  }
  group.is_entering = false;
}

// Those that were not tried yet wait for the new mapping, in the order in which they came.
void OrderedSends::give_back(OrderedTopic& group) {
  std::vector<SendAttempt*> untried;
  untried.reserve(group.in_lanes);
  for (const auto& [place, lane] : group.lanes) {
    for (SendDetour* detour = lane->waiting.front(); detour;
         detour = lane->waiting.next_of(*detour))
      untried.push_back(&detour->attempt);
  }
  std::sort(untried.begin(), untried.end(), [](const SendAttempt* a, const SendAttempt* b) {
    return a->first().sequence() < b->first().sequence();
  });
  base::IntrusiveList<SendDetour, SendDetour> behind;
  while (SendDetour* detour = group.later.pop_front()) behind.push_back(*detour);
  for (SendAttempt* attempt : untried) {
    attempt->detour()->unlink_if_linked();
    attempt->set_lane(nullptr);
    group.later.push_back(*attempt->detour());
  }
  group.in_lanes -= untried.size();
  while (SendDetour* detour = behind.pop_front()) group.later.push_back(*detour);
}

bool OrderedSends::wants_route(const PublishTopic& topic) {
  const bool waits = topic.ordered && !topic.ordered->later.is_empty();
  return waits && (!topic.owner || !topic.owner->is_usable());
}

void OrderedSends::on_route(PublishTopic& topic) noexcept {
  if (!topic.ordered) return;
  OrderedTopic& group = *topic.ordered;
  if (topic.owner->mapping() != group.mapping) {
    try {
      give_back(group);
    } catch (const std::bad_alloc&) {
      // They keep their old queues. Those that come later wait for them.
    }
  }
  enter_later(group, topic);
}

void OrderedSends::on_no_route(PublishTopic& topic, const base::Error& error) noexcept {
  if (!wants_route(topic)) return;
  while (SendDetour* detour = topic.ordered->later.front()) {
    router_.fail(detour->attempt, base::make_error_or_code(error.code, [&] { return error; }));
  }
}

// --- Tries --------------------------------------------------------------------------------------

// Each try goes by the newest route, in which the broker may have another address.
void OrderedSends::start(SendAttempt& attempt, const OrderedLane& lane) {
  if (SendDetour* detour = attempt.detour()) router_.core().deadlines().clear(detour->deadline);
  if (attempt.topic()) attempt.topic()->used_at = router_.core().loop().now();
  base::Status status = router_.aim_at(attempt, lane.broker_name, lane.queue_id);
  if (status.ok()) {
    attempt.deadline = attempt.first().due();
    attempt.fail_fast = true;
    attempt.submit_to(router_.connection_of(attempt));
  } else if (!try_again(attempt, status.error())) {
    router_.fail(attempt, status.take_error());
  }
}

void OrderedSends::start_or_fail(SendAttempt& attempt, const OrderedLane& lane) noexcept {
  try {
    start(attempt, lane);
  } catch (const std::bad_alloc&) {
    router_.fail(attempt, base::make_memory_error());
  }
}

bool OrderedSends::try_again(SendAttempt& attempt, const base::Error& error) {
  const bool is_absent = error.code == ErrorCode::BROKER_NOT_AVAILABLE && error.response_code < 0;
  if (attempt.topic() && (is_absent || hints_at_stale_route(error))) {
    router_.core().routes().refresh(attempt.topic()->name);
  }
  if (!is_absent && !is_worth_another_try(error)) return false;
  // The broker may have stored it, and said so of a sort: a second copy would be ours.
  if (error.response_code >= 0 && error.outcome != base::Outcome::not_applied) return false;
  if (router_.producer_.is_cutting_short()) return false;
  SendDetour& detour = attempt.make_detour(router_.core().deadlines());
  if (!pause(attempt, pause_before(error, detour.pauses))) return false;
  ++detour.pauses;
  detour.note_try(attempt.broker_name(), error.code, error.outcome);
  return true;
}

bool OrderedSends::pause(SendAttempt& attempt, base::Duration time) {
  const base::Instant next = router_.core().loop().now() + time;
  if (next >= attempt.first().due()) return false;
  router_.core().deadlines().set(attempt.detour()->deadline, next);
  return true;
}

void OrderedSends::on_time(SendAttempt& attempt) noexcept {
  OrderedLane* lane = attempt.lane();
  if (lane && lane->current == &attempt) {
    start_or_fail(attempt, *lane);
    return;
  }
  router_.fail(attempt, base::make_error_or_code(ErrorCode::REQUEST_TIMEOUT, [&] {
                 return make_error(ErrorCode::REQUEST_TIMEOUT,
                                   "the ordered send has waited behind earlier ones until its time "
                                   "limit, and was not tried",
                                   "give ordered sends a longer time limit, or send fewer at once");
               }));
}

void OrderedSends::cancel(SendAttempt& attempt) noexcept {
  router_.fail(attempt, base::make_error_or_code(ErrorCode::CANCELLED, [] {
                 return make_error(ErrorCode::CANCELLED,
                                   "the ordered send was cancelled while it waited for its turn");
               }));
}

// --- The next one -------------------------------------------------------------------------------

OrderedLane* OrderedSends::take_out(SendAttempt& attempt) noexcept {
  if (SendDetour* detour = attempt.detour()) {
    detour->unlink_if_linked();
    router_.core().deadlines().clear(detour->deadline);
  }
  OrderedLane* lane = attempt.lane();
  if (lane == nullptr) return nullptr;
  attempt.set_lane(nullptr);
  --lane->owner.in_lanes;
  if (lane->current == &attempt) lane->current = nullptr;
  return lane;
}

// A start may fail at once, which comes back to here: the outermost call goes on with the lane.
void OrderedSends::advance(OrderedLane* lane) noexcept {
  if (lane == nullptr || lane->is_advancing) return;
  lane->is_advancing = true;
  // What is left when the producer is cut short ends by that.
  while (lane->current == nullptr && !router_.producer_.is_cutting_short()) {
    SendDetour* next = lane->waiting.pop_front();
    if (next == nullptr) break;
    lane->current = &next->attempt;
    start_or_fail(next->attempt, *lane);
  }
  lane->is_advancing = false;
  OrderedTopic& group = lane->owner;
  if (group.in_lanes > 0) return;
  if (group.later.is_empty()) {
    if (!group.is_by_route)
      std::erase_if(addressed_, [&](auto& each) { return &each.second == &group; });
    return;
  }
  SendAttempt& first = group.later.front()->attempt;
  enter_later(group, *first.topic());
}

}  // namespace rmq::producer
