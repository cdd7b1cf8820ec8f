// A member of a consumer group. It subscribes to topics and holds its part of their queues. It
// hands messages over as deliveries (event::Event, answered by the user). What differs between
// kinds of consumers is in its ConsumerParts.
//
// Shared by the user's handle and, until it is closed, by ClientCore. Methods of the first part may
// be called from any thread; the rest runs on the loop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "client/control_operation.h"
#include "client/host.h"
#include "client/member_life.h"
#include "consumer/consumer_context.h"
#include "consumer/consumer_options.h"
#include "consumer/consumer_parts.h"
#include "consumer/filter_check.h"
#include "consumer/held_queues.h"
#include "event/event_queue.h"

namespace rmq::consumer {

// Numbers are part of the C ABI (RMQ_FILTER_*).
enum class FilterType : std::int32_t { tag = 0, sql92 = 1 };

class GroupMember final : public client::Member,
                          public std::enable_shared_from_this<GroupMember>,
                          private client::MemberSteps,
                          private cluster::RouteWatcher,
                          private AssignmentHandler,
                          private QueueHandler,
                          private remoting::DeadlineHandler {
 public:
  // Deliveries go to `queue` and carry `tag`.
  static std::shared_ptr<GroupMember> make(std::shared_ptr<client::Host> host,
                                           const ConsumerParts& parts, ConsumerOptions options,
                                           std::shared_ptr<event::EventQueue> queue,
                                           event::Tag tag);
  ~GroupMember();
  GroupMember(const GroupMember&) = delete;
  GroupMember& operator=(const GroupMember&) = delete;

  // Before and after start(); a second one for a topic replaces the first. An empty expression
  // means all messages.
  base::Status subscribe(std::string_view topic, FilterType type, std::string_view expression);
  base::Status unsubscribe(std::string_view topic);
  // Does not wait for the network.
  base::Status start();
  // Takes over the options that are set there, all or none. Later calls obey them.
  base::Status update(const config::Config& changes);
  // Pulls nothing more, withdraws the deliveries that nobody has taken, and waits for the answers
  // to the others until the time limit. Then persists the offsets and leaves the group.
  // CLOSE_TIMEOUT when answers were missing. A timeout of zero means the default.
  base::Status close(base::Duration timeout) { return life_.close(timeout); }
  base::Status close_async(base::Duration timeout, event::Tag tag) {
    return life_.close_async(context_.queue, timeout, tag);
  }
  // The user's handle goes: closes without waiting for answers.
  void abandon() noexcept { life_.abandon(); }

  const ConsumerOptions& options() const { return options_; }
  client::Host& host() { return *host_; }

  // Loop thread.
  void begin_close(base::Instant deadline) noexcept override { life_.begin_close(deadline); }
  void add_to_heartbeat(protocol::HeartbeatData* heartbeat) const override;
  void on_registered() override;
  void on_broker_back(cluster::Endpoint& broker) override;
  void on_broker_missed(cluster::Endpoint& broker) override;
  void on_heartbeat_refused(cluster::Endpoint& broker, const base::Error& error) override;
  void on_consumer_ids_changed(std::string_view group) override;
  client::ServedRequests served_requests() const override;

  // Loop thread; for tests.
  const ConsumerContext& context() const { return context_; }
  std::vector<const ProcessQueue*> queues() const {
    return queues_ ? queues_->all() : std::vector<const ProcessQueue*>();
  }

 private:
  // Before another attempt at what memory did not allow.
  static constexpr base::Duration kMemoryPause = std::chrono::milliseconds(100);
  using State = client::MemberLife::State;
  using Subscriptions = std::map<std::string, protocol::SubscriptionData, std::less<>>;
  GroupMember(std::shared_ptr<client::Host> host, const ConsumerParts& parts,
              ConsumerOptions options, std::shared_ptr<event::EventQueue> queue, event::Tag tag);

  // group_member.cc: any thread.
  base::Status take_subscriptions_to_loop();

  // group_member_loop.cc
  void on_joined() override;
  void apply_subscriptions() noexcept;
  void take_subscriptions();
  std::int64_t renew_version();
  void end_subscription(const std::string& topic);
  void on_route(const cluster::RoutePtr& route) override;
  void on_route_failure(std::string_view topic, const cluster::RoutePtr& known,
                        const base::Error& error) override;
  void on_assigned(const std::string& topic, const std::vector<protocol::MessageQueue>& queues,
                   bool has_others) override;
  void on_queue_quiet() noexcept override;
  void on_deadline(remoting::Deadline& deadline) override;
  struct BrokerPlace {  // in a route
    std::string topic;
    std::string broker_name;
  };
  std::vector<BrokerPlace> find_places(const cluster::Endpoint& endpoint);
  void refresh_all_routes();
  void settle_queues(const std::string& topic, bool has_lost, bool has_others) noexcept;
  void request_assignment(Assignment::Cause cause);

  // group_member_serve.cc
  void reset_offsets(const wire::CommandView& command, client::ServerRequest& request);
  void tell_offsets(const wire::CommandView& command, client::ServerRequest& request);
  void tell_running_info(const wire::CommandView& command, client::ServerRequest& request);

  // group_member_close.cc
  std::shared_ptr<client::Member> share() override { return shared_from_this(); }
  void on_closing() noexcept override;
  bool is_quiet() noexcept override;
  void say_good_bye(base::Instant deadline) noexcept override;
  void on_closed() noexcept override;
  client::CutShort count_cut_short() const noexcept override;
  void try_to_leave(base::Instant deadline) noexcept;
  void leave(base::Instant deadline);

  const std::shared_ptr<client::Host> host_;
  const ConsumerParts& parts_;
  const ConsumerOptions options_;
  client::MemberLife life_{
      *host_,
      *this,
      {.noun = "consumer", .close_timeout = options_.close_timeout, .has_last_words = true}};
  base::Mutex mutex_;
  Subscriptions wanted_ RMQ_GUARDED_BY(mutex_);

  // Loop thread.
  ConsumerContext context_;
  // Made by start(), where the runtime has its core and exhausted memory is an error of the call.
  std::unique_ptr<FilterCheck> filter_check_;
  std::unique_ptr<HeldQueues> queues_;
  std::unique_ptr<Assignment> assignment_;  // from the start until the member closes
  std::int64_t version_ = 0;                // the newest of any subscription
  remoting::Deadline subscribe_due_;        // subscriptions that memory did not allow to take
  remoting::Deadline good_bye_due_;         // after an attempt without memory
  std::uint32_t good_byes_ = 0;             // attempts
  std::uint32_t said_good_bye_ = 0;         // the attempt that brought it out
  std::size_t unanswered_ = 0;              // deliveries that closing did not wait for any longer
};

}  // namespace rmq::consumer
