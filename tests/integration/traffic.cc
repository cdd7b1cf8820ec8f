#include "tests/integration/traffic.h"

#include <array>
#include <cstdio>

namespace rmq::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookInterval(20);
constexpr std::int64_t kPollMs = 2;  // between two looks at what is to be sent

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

Traffic::Traffic(const Servers& servers, const std::string& topic, std::size_t queues, int rate)
    : topic_(topic),
      queues_(queues),
      rate_(rate),
      member_(servers, topic, "group_of_" + topic, {{"consume_message_batch_max_size", "8"}}),
      producer_(abi::make_producer(member_.runtime.get(), member_.events.get(),
                                   {{"queue_full_policy", "error"}})) {
  EXPECT_EQ(rmq_producer_start(producer_.get(), nullptr), RMQ_OK);
  thread_ = std::thread([this] { run(); });
}

Traffic::~Traffic() {
  is_over_ = true;
  thread_.join();
}

void Traffic::run() {
  std::array<rmq_event_view_t, 64> views{};
  while (!is_over_) {
    send_what_is_due();
    std::size_t count = 0;
    EXPECT_EQ(rmq_event_queue_poll(member_.events.get(), kPollMs, views.data(), sizeof views[0],
                                   views.size(), &count, nullptr),
              RMQ_OK);
    for (std::size_t i = 0; i < count; ++i) take(views[i]);
    rmq_event_destroy_batch(views.data(), sizeof views[0], count);
  }
}

void Traffic::send_what_is_due() {
  if (!is_sending_) return;
  const auto due = static_cast<std::size_t>(seconds_between(start_.at, Clock::now()) * rate_);
  while (messages_.size() < due) send_one();
}

void Traffic::send_one() {
  const std::uint64_t token = messages_.size();
  const abi::Message message = make_message(topic_, std::to_string(token));
  const std::int32_t code = rmq_producer_send_async(producer_.get(), message.get(), nullptr, 0, 0,
                                                    token, nullptr, nullptr);
  const std::lock_guard lock(mutex_);
  messages_.emplace_back();
  if (code == RMQ_OK) {
    messages_.back().fate = Fate::pending;
  } else {
    ++errors_[code];
  }
}

void Traffic::take(const rmq_event_view_t& view) {
  if (view.event_type == RMQ_EVENT_DELIVERY) {
    take_delivery(view);
    return;
  }
  if (view.event_type != RMQ_EVENT_SEND) return;
  const std::lock_guard lock(mutex_);
  Message& message = messages_.at(view.token);
  ++message.events;
  if (view.error_code != RMQ_OK) ++errors_[view.error_code];
  message.fate = view.outcome == RMQ_OUTCOME_APPLIED         ? Fate::applied
                 : view.outcome == RMQ_OUTCOME_MAYBE_APPLIED ? Fate::maybe_applied
                                                             : Fate::not_applied;
}

void Traffic::take_delivery(const rmq_event_view_t& view) {
  rmq_message_view_t message{};
  const std::lock_guard lock(mutex_);
  last_delivery_ = Moment();
  const std::string queue = std::string(view.broker_name) + ":" + std::to_string(view.queue_id);
  std::vector<Arrival>& arrivals = arrivals_[queue];
  for (std::size_t i = 0; rmq_event_messages(view.event, i, &message, sizeof message, 1) == 1;
       ++i) {
    const std::string body(static_cast<const char*>(message.body), message.body_bytes);
    ++messages_.at(std::stoul(body)).deliveries;
    redelivered_ += places_.emplace(queue, message.queue_offset).second ? 0 : 1;
    arrivals.push_back({last_delivery_.at, message.store_timestamp_ms});
  }
  // Stale when the queue began anew meanwhile: then they come again.
  rmq_event_answer(view.event, RMQ_ANSWER_SUCCESS, RMQ_DELAY_BY_COUNT, nullptr);
}

TrafficFigures Traffic::figures() const {
  const std::lock_guard lock(mutex_);
  TrafficFigures figures;
  figures.errors = errors_;
  figures.redelivered = redelivered_;
  for (const Message& message : messages_) {
    const bool is_consumed = message.deliveries > 0;
    figures.sent += message.fate != Fate::refused ? 1 : 0;
    figures.applied += message.fate == Fate::applied ? 1 : 0;
    figures.maybe_applied += message.fate == Fate::maybe_applied ? 1 : 0;
    figures.not_applied += message.fate == Fate::not_applied ? 1 : 0;
    figures.refused += message.fate == Fate::refused ? 1 : 0;
    figures.consumed += is_consumed ? 1 : 0;
    figures.duplicates += is_consumed ? message.deliveries - 1 : 0;
    figures.maybe_consumed += message.fate == Fate::maybe_applied && is_consumed ? 1 : 0;
    figures.lost += message.fate == Fate::applied && !is_consumed ? 1 : 0;
    figures.wrongly_consumed +=
        (message.fate == Fate::not_applied || message.fate == Fate::refused) && is_consumed ? 1 : 0;
    figures.unended += message.fate == Fate::pending ? 1 : 0;
    figures.ended_twice += message.events > 1 ? 1 : 0;
  }
  return figures;
}

std::map<std::string, double> Traffic::wait_for_queues(const Moment& since,
                                                       std::chrono::seconds limit) const {
  const Clock::time_point deadline = Clock::now() + limit;
  while (true) {
    std::map<std::string, double> first;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [queue, arrivals] : arrivals_) {
        for (const Arrival& arrival : arrivals) {
          if (arrival.store_timestamp_ms <= since.wall_ms) continue;
          first.emplace(queue, seconds_between(since.at, arrival.at));
          break;
        }
      }
    }
    if (first.size() >= queues_ || Clock::now() > deadline) return first;
    std::this_thread::sleep_for(kLookInterval);
  }
}

void Traffic::finish(std::chrono::seconds limit, std::chrono::milliseconds quiet) {
  is_sending_ = false;
  const Clock::time_point deadline = Clock::now() + limit;
  while (Clock::now() < deadline) {
    const TrafficFigures now = figures();
    if (now.lost == 0 && now.unended == 0) break;
    std::this_thread::sleep_for(kLookInterval);
  }
  const auto is_quiet = [this, quiet] {
    const std::lock_guard lock(mutex_);
    return Clock::now() - last_delivery_.at > quiet;
  };
  while (!is_quiet() && Clock::now() < deadline) std::this_thread::sleep_for(kLookInterval);
}

void print(const TrafficFigures& figures) {
  std::printf("sent %zu: applied %zu, maybe %zu, not %zu; refused %zu\n", figures.sent,
              figures.applied, figures.maybe_applied, figures.not_applied, figures.refused);
  for (const auto& [code, count] : figures.errors) {
    std::printf("  %zu times %s\n", count, rmq_name(RMQ_NAME_ERROR, code));
  }
  std::printf(
      "consumed %zu, of the maybe applied ones %zu; duplicates %zu, %zu of them not stored twice\n",
      figures.consumed, figures.maybe_consumed, figures.duplicates, figures.redelivered);
}

}  // namespace rmq::test
