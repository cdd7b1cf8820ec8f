#include "producer/send_router.h"

#include "producer/producer.h"
#include "producer/retry_policy.h"

namespace rmq::producer {
namespace {

// A topic that no send has used for so long is forgotten: its route is not asked for any more.
constexpr base::Duration kTopicUnusedMax = std::chrono::hours(1);
constexpr base::Duration kSweepInterval = std::chrono::minutes(10);

}  // namespace

using base::ErrorCode;
using base::make_error;

SendRouter::SendRouter(Producer& producer, PublishTopics& topics)
    : producer_(producer),
      topics_(topics),
      latencies_(producer.host(), producer.options().avoids_slow_brokers),
      sweep_due_(*this),
      ordered_(*this),
      route_calls_due_(*this) {}

client::ClientCore& SendRouter::core() const {
  if (core_ == nullptr) core_ = &producer_.host().core();
  return *core_;
}

const ProducerOptions& SendRouter::options() const { return producer_.options(); }

// --- Routes -------------------------------------------------------------------------------------

void SendRouter::watch(PublishTopic& topic) {
  if (topic.is_watched) return;
  const cluster::RoutePtr known =
      core().routes().watch(topic.name, *this, cluster::RouteTable::Missing::takes_default);
  topic.is_watched = true;
  if (!sweep_due_.is_queued()) {
    core().deadlines().set(sweep_due_, core().loop().now() + kSweepInterval);
  }
  topic.turn = static_cast<std::uint32_t>(core().loop().random().below(1u << 31));
  if (!is_in_use_) {
    is_in_use_ = true;
    core().heartbeats().announce_change();
  }
  if (known) publish(topic, *known);
}

void SendRouter::keep_topic(std::string_view name) {
  PublishTopic& topic = topics_.at(name);
  topic.is_kept = true;
  watch(topic);
}

void SendRouter::use_topic(std::string_view name) {
  PublishTopic& topic = topics_.at(name);
  topic.used_at = core().loop().now();
  watch(topic);
}

void SendRouter::publish(PublishTopic& topic, const cluster::Route& route) {
  std::shared_ptr<const PublishRoute> made =
      PublishRoute::make(route, {.default_queues_max = options().default_topic_queue_nums,
                                 .rooms = &options().rooms,
                                 .former = topic.owner.get(),
                                 .latencies = &latencies_,
                                 .mapping_next = ++mappings_});
  std::unique_ptr<base::Error> failure;
  if (!made->is_usable()) {
    failure = std::make_unique<base::Error>(
        make_error(ErrorCode::NO_ROUTE,
                   "the route of the topic " + topic.name +
                       " has no queue that may be written to on a broker with a master",
                   "look at the topic's permissions and at its brokers"));
  }
  // A sending thread may be about to use the old one. It will not once no thread is choosing.
  if (topic.owner) retired_.push_back(topic.owner);
  topic.owner = std::move(made);
  topic.route.store(topic.owner.get());
  topic.is_refresh_asked = false;
  topic.failure = std::move(failure);
  free_retired();
}

void SendRouter::free_retired() noexcept {
  if (!retired_.empty() && !producer_.has_choosers()) retired_.clear();
}

void SendRouter::on_route(const cluster::RoutePtr& route) {
  const std::shared_ptr<Producer> keep = producer_.shared_from_this();
  PublishTopic* topic = topics_.find(route->topic);
  if (topic == nullptr || !topic->is_watched) return;
  publish(*topic, *route);
  ordered_.on_route(*topic);
  if (!topic->owner->is_usable()) return;
  release_parked(*topic);
  end_route_calls(topic->name, nullptr);
}

bool SendRouter::wants_other_route(std::string_view name) const {
  const PublishTopic* topic = topics_.find(name);
  return topic != nullptr && (!topic->parked.is_empty() || OrderedSends::wants_route(*topic));
}

void SendRouter::on_route_failure(std::string_view name, const cluster::RoutePtr&,
                                  const base::Error& error) {
  const std::shared_ptr<Producer> keep = producer_.shared_from_this();
  PublishTopic* topic = topics_.find(name);
  if (topic == nullptr || !topic->is_watched) return;
  topic->failure = std::make_unique<base::Error>(error);
  producer_.troubles().note("route", {std::string(name), "", -1}, &error);
  if (error.code == ErrorCode::NO_ROUTE) {
    fail_parked(*topic, error);
    ordered_.on_no_route(*topic, error);
    end_route_calls(topic->name, &error);
  } else if (wants_other_route(name)) {
    core().routes().refresh(name);
  }
}

void SendRouter::note_created(PublishTopic& topic) {
  if (topic.is_refresh_asked) return;
  topic.is_refresh_asked = true;
  core().routes().refresh(topic.name);
}

// --- Topics that nobody uses --------------------------------------------------------------------

void SendRouter::on_deadline(remoting::Deadline& deadline) {
  if (&deadline == &route_calls_due_) {
    end_late_route_calls();
    return;
  }
  const base::Instant now = core().loop().now();
  core().deadlines().set(sweep_due_, now + kSweepInterval);
  free_retired_topics();
  producer_.note_topics_in_use();
  std::vector<std::string> unused;
  topics_.for_each([&](PublishTopic& topic) {
    // The send that it was made for has not come yet.
    if (topic.is_kept || topic.used_at == base::Instant{}) topic.used_at = now;
    if (now - topic.used_at >= kTopicUnusedMax) unused.push_back(topic.name);
  });
  for (const std::string& name : unused) retire(name);
}

void SendRouter::retire(std::string_view name) {
  retired_.reserve(retired_.size() + 1);
  retired_topics_.reserve(retired_topics_.size() + 1);
  std::unique_ptr<PublishTopic> topic = topics_.take(name);
  if (topic->is_watched) core().routes().unwatch(topic->name, *this);
  topic->is_watched = false;
  topic->is_retired = true;
  topic->route.store(nullptr);
  if (topic->owner) retired_.push_back(std::move(topic->owner));
  retired_topics_.push_back({std::move(topic)});
  free_retired();
}

void SendRouter::free_retired_topics() noexcept {
  std::erase_if(retired_topics_, [](const RetiredTopic& old) { return old.is_unreachable; });
  if (producer_.has_topic_holders()) return;
  for (RetiredTopic& old : retired_topics_) old.is_unreachable = true;
}

void SendRouter::leave() noexcept {
  is_in_use_ = false;
  last_destination_.reset();
  last_endpoint_.reset();
  core().deadlines().clear(sweep_due_);
  core().deadlines().clear(route_calls_due_);
  latencies_.stop();
  topics_.for_each([this](PublishTopic& topic) {
    if (topic.is_watched) core().routes().unwatch(topic.name, *this);
    topic.is_watched = false;
  });
}

// --- Parking ------------------------------------------------------------------------------------

void SendRouter::park(SendAttempt& attempt, PublishTopic& topic) {
  core().routes().refresh(topic.name);
  SendDetour& detour = attempt.make_detour(core().deadlines());
  core().deadlines().set(detour.deadline, attempt.first().due());
  topic.parked.push_back(detour);
}

void SendRouter::unpark(SendDetour& detour) noexcept {
  static_cast<base::ListNode<SendDetour>&>(detour).unlink_if_linked();
  core().deadlines().clear(detour.deadline);
}

void SendRouter::release_parked(PublishTopic& topic) noexcept {
  while (SendDetour* detour = topic.parked.front()) {
    unpark(*detour);
    SendAttempt& attempt = detour->attempt;
    try {
      base::Status status = aim(attempt, topic);
      if (status.ok()) {
        start(attempt);
      } else {
        fail(attempt, status.take_error());
      }
    } catch (const std::bad_alloc&) {
      fail(attempt, base::make_memory_error());
    }
  }
}

void SendRouter::fail_parked(PublishTopic& topic, const base::Error& error) noexcept {
  while (SendDetour* detour = topic.parked.front()) {
    unpark(*detour);
    fail(detour->attempt, base::make_error_or_code(error.code, [&] { return error; }));
  }
}

void SendRouter::cancel(SendOperation& send) noexcept {
  SendAttempt& attempt = send.attempt();
  if (remoting::Connection* connection = attempt.connection()) {
    connection->cancel(attempt);
    return;
  }
  if (attempt.is_ordered()) {
    ordered_.cancel(attempt);
    return;
  }
  if (attempt.detour() == nullptr || !attempt.detour()->is_linked()) return;
  unpark(*attempt.detour());
  fail(attempt, base::make_error_or_code(ErrorCode::CANCELLED, [] {
         return make_error(ErrorCode::CANCELLED, "the send was cancelled before a route was known");
       }));
}

// --- Sending threads that need a route ----------------------------------------------------------

void SendRouter::await_route(std::string_view name, client::ControlOperation& operation) {
  PublishTopic& topic = topics_.at(name);
  topic.is_route_asked = false;
  topic.used_at = core().loop().now();
  watch(topic);
  const bool is_known = topic.owner && topic.owner->is_usable();
  if (!is_known) core().routes().refresh(name);
  if (is_known || operation.deadline == base::kNever) {
    operation.complete(core());
    return;
  }
  route_calls_.push_back({topic.name, &operation});
  if (!route_calls_due_.is_queued() || operation.deadline < route_calls_due_.due()) {
    core().deadlines().set(route_calls_due_, operation.deadline);
  }
}

template <typename IsMeant, typename MakeError>
void SendRouter::end_calls_where(IsMeant is_meant, MakeError make_error_of) noexcept {
  for (std::size_t i = 0; i < route_calls_.size();) {
    if (!is_meant(route_calls_[i])) {
      ++i;
      continue;
    }
    const RouteCall call = std::move(route_calls_[i]);
    if (i + 1 < route_calls_.size()) route_calls_[i] = std::move(route_calls_.back());
    route_calls_.pop_back();
    std::optional<base::Error> error = make_error_of(call);
    if (error) {
      call.operation->fail(core(), std::move(*error));
    } else {
      call.operation->complete(core());
    }
  }
}

void SendRouter::end_route_calls(std::string_view topic, const base::Error* error) noexcept {
  end_calls_where([&](const RouteCall& call) { return call.topic == topic; },
                  [&](const RouteCall&) -> std::optional<base::Error> {
                    if (error == nullptr) return std::nullopt;
                    return base::make_error_or_code(error->code, [&] { return *error; });
                  });
}

void SendRouter::refuse_route_calls() noexcept {
  end_calls_where([](const RouteCall&) { return true; },
                  [](const RouteCall&) -> std::optional<base::Error> {
                    return base::make_error_or_code(ErrorCode::CLOSING, [] {
                      return make_error(ErrorCode::CLOSING, "the producer is closing");
                    });
                  });
}

void SendRouter::end_late_route_calls() noexcept {
  const base::Instant now = core().loop().now();
  end_calls_where([&](const RouteCall& call) { return call.operation->deadline <= now; },
                  [&](const RouteCall& call) -> std::optional<base::Error> {
                    const PublishTopic* topic = topics_.find(call.topic);
                    if (topic) return make_route_error(*topic);
                    return base::make_error_or_code(ErrorCode::ROUTE_UNKNOWN, [] {
                      return make_error(ErrorCode::ROUTE_UNKNOWN, "no route came in time");
                    });
                  });
  base::Instant next = base::kNever;
  for (const RouteCall& call : route_calls_) next = std::min(next, call.operation->deadline);
  if (next != base::kNever) core().deadlines().set(route_calls_due_, next);
}

// What is known about a route that has not come.
base::Error SendRouter::make_route_error(const PublishTopic& topic) const noexcept {
  const ErrorCode code = topic.failure ? topic.failure->code : ErrorCode::NO_NAMESERVER;
  return base::make_error_or_code(code, [&] {
    base::Error error = topic.failure
                            ? *topic.failure
                            : make_error(code,
                                         "no NameServer has answered yet: " +
                                             core().name_servers().describe_servers(),
                                         "check namesrv_addr and that a NameServer runs there");
    error.message = "no route to the topic " + topic.name + " came in time: " + error.message;
    return error;
  });
}

void SendRouter::on_attempt_expired(SendAttempt& attempt) noexcept {
  const std::shared_ptr<Producer> keep = producer_.shared_from_this();
  if (attempt.is_ordered()) {
    const bool waits_for_route =
        !attempt.lane() && attempt.topic() && OrderedSends::wants_route(*attempt.topic());
    if (!waits_for_route) {
      ordered_.on_time(attempt);
      return;
    }
  }
  const PublishTopic& topic = *attempt.topic();
  unpark(*attempt.detour());
  fail(attempt, make_route_error(topic));
}

}  // namespace rmq::producer
