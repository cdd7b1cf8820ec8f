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
      sweep_due_(*this) {}

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

void SendRouter::publish(PublishTopic& topic, const cluster::Route& route) {
  std::shared_ptr<const PublishRoute> made =
      PublishRoute::make(route, options().default_topic_queue_nums, &latencies_);
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
  if (topic->owner->is_usable()) release_parked(*topic);
}

bool SendRouter::wants_other_route(std::string_view name) const {
  const PublishTopic* topic = topics_.find(name);
  return topic != nullptr && !topic->parked.is_empty();
}

void SendRouter::on_route_failure(std::string_view name, const cluster::RoutePtr&,
                                  const base::Error& error) {
  const std::shared_ptr<Producer> keep = producer_.shared_from_this();
  PublishTopic* topic = topics_.find(name);
  if (topic == nullptr || !topic->is_watched) return;
  topic->failure = std::make_unique<base::Error>(error);
  producer_.troubles().note("route", {std::string(name), "", -1}, &error);
  if (topic->parked.is_empty()) return;
  if (error.code == ErrorCode::NO_ROUTE) {
    fail_parked(*topic, error);
  } else {
    core().routes().refresh(name);
  }
}

void SendRouter::note_created(PublishTopic& topic) {
  if (topic.is_refresh_asked) return;
  topic.is_refresh_asked = true;
  core().routes().refresh(topic.name);
}

// --- Topics that nobody uses --------------------------------------------------------------------

void SendRouter::on_deadline(remoting::Deadline&) {
  const base::Instant now = core().loop().now();
  core().deadlines().set(sweep_due_, now + kSweepInterval);
  free_retired_topics();
  producer_.note_topics_in_use();
  std::vector<std::string> unused;
  topics_.for_each([&](PublishTopic& topic) {
    if (topic.used_at == base::Instant{}) topic.used_at = now;  // its send has not come yet
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
  if (attempt.detour() == nullptr || !attempt.detour()->is_linked()) return;
  unpark(*attempt.detour());
  fail(attempt, base::make_error_or_code(ErrorCode::CANCELLED, [] {
         return make_error(ErrorCode::CANCELLED, "the send was cancelled before a route was known");
       }));
}

void SendRouter::on_attempt_expired(SendAttempt& attempt) noexcept {
  const std::shared_ptr<Producer> keep = producer_.shared_from_this();
  const PublishTopic& topic = *attempt.topic();
  unpark(*attempt.detour());
  const ErrorCode code = topic.failure ? topic.failure->code : ErrorCode::NO_NAMESERVER;
  fail(attempt, base::make_error_or_code(code, [&] {
         base::Error error =
             topic.failure ? *topic.failure
                           : make_error(code,
                                        "no NameServer has answered yet: " +
                                            core().name_servers().describe_servers(),
                                        "check namesrv_addr and that a NameServer runs there");
         error.message = "no route to the topic " + topic.name + " came in time: " + error.message;
         return error;
       }));
}

}  // namespace rmq::producer
