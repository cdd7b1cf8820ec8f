// Leads the sends of one producer to brokers, and is the only one that moves them. It keeps the
// routes of their topics and parks sends that have no route yet. It takes an attempt to another
// broker when the broker that it was for fails.
//
// Loop thread only; owned by its producer.
#pragma once

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/client_core.h"
#include "client/control_operation.h"
#include "producer/attempt_listener.h"
#include "producer/latency_table.h"
#include "producer/ordered_sends.h"
#include "producer/producer_options.h"
#include "producer/publish_topics.h"
#include "producer/send_operation.h"

namespace rmq::producer {

class Producer;

class SendRouter final : public AttemptHandler,
                         private cluster::RouteWatcher,
                         private remoting::DeadlineHandler {
 public:
  SendRouter(Producer& producer, PublishTopics& topics);
  ~SendRouter() { assert(!sweep_due_.is_queued() && "destroyed while it watches routes"); }
  SendRouter(const SendRouter&) = delete;
  SendRouter& operator=(const SendRouter&) = delete;

  // Submits the send to a broker, parks it, or ends it. Throws std::bad_alloc, and has done nothing
  // then.
  void begin(SendOperation& send);
  // Ends the sends of an attempt that is on no connection.
  void fail(SendAttempt& attempt, base::Error error) noexcept;
  // Ends the send soon, wherever it is.
  void cancel(SendOperation& send) noexcept;
  // The brokers of the topic hear of the group from now on, whether there are sends or not. Throws
  // std::bad_alloc.
  void keep_topic(std::string_view name);
  // The same, as long as the topic is in use.
  void use_topic(std::string_view name);
  // The listener outlives the router.
  void add_listener(AttemptListener& listener) { listeners_.push_back(&listener); }

  // Has the topic's route asked for. Completes `operation` when the route is there. Fails it when
  // there will be none until its deadline. Without a deadline the operation is completed at once.
  // Throws std::bad_alloc, and has done nothing then.
  void await_route(std::string_view topic, client::ControlOperation& operation);
  // The producer closes: sending threads wait no more.
  void refuse_route_calls() noexcept;

  // The brokers know of the producer's group.
  bool is_in_use() const { return is_in_use_; }
  // Asks for no route any more. Again: does nothing.
  void leave() noexcept;
  // Which brokers sending threads should leave alone.
  const LatencyTable& latencies() const { return latencies_; }

 private:
  friend class OrderedSends;

  void on_route(const cluster::RoutePtr& route) override;
  void on_route_failure(std::string_view topic, const cluster::RoutePtr& known,
                        const base::Error& error) override;
  bool wants_other_route(std::string_view topic) const override;

  void on_attempt_ended(SendAttempt& attempt, AttemptResult& result) noexcept override;
  void on_attempt_expired(SendAttempt& attempt) noexcept override;

  client::ClientCore& core() const;
  const ProducerOptions& options() const;
  remoting::Connection& connection_to(const std::shared_ptr<const Destination>& destination);
  void watch(PublishTopic& topic);
  void note_created(PublishTopic& topic);
  void on_deadline(remoting::Deadline& deadline) override;
  void retire(std::string_view name);
  void free_retired_topics() noexcept;
  void publish(PublishTopic& topic, const cluster::Route& route);
  void free_retired() noexcept;
  void release_parked(PublishTopic& topic) noexcept;
  void fail_parked(PublishTopic& topic, const base::Error& error) noexcept;
  void park(SendAttempt& attempt, PublishTopic& topic);
  void unpark(SendDetour& detour) noexcept;
  // Calls complete where there is no error.
  template <typename IsMeant, typename MakeError>
  void end_calls_where(IsMeant is_meant, MakeError make_error_of) noexcept;
  void end_route_calls(std::string_view topic, const base::Error* error) noexcept;
  void end_late_route_calls() noexcept;
  base::Error make_route_error(const PublishTopic& topic) const noexcept;

  // send_attempts.cc
  void begin_by_route(SendAttempt& attempt);
  base::Status aim(SendAttempt& attempt, PublishTopic& topic);
  // Keeps to its machine room where the destination says so.
  bool may_go_to(const SendAttempt& attempt, const PublishRoute& route,
                 std::string_view broker_name) const;
  // For the same queue at each try of an ordered send.
  base::Status aim_at(SendAttempt& attempt, std::string_view broker_name, std::int32_t queue_id);
  remoting::Connection& connection_of(const SendAttempt& attempt);
  void start(SendAttempt& attempt);
  // Now, when some broker is to be left alone.
  std::optional<base::Instant> time_of_faults() const;
  void turn_to_reachable(SendAttempt& attempt);
  bool is_untried(const SendAttempt& attempt, const PublishRoute& route,
                  PublishRoute::Choice choice) const;
  bool has_untried_broker(const SendAttempt& attempt) const;
  std::shared_ptr<const PublishRoute> newest_route(const SendAttempt& attempt) const;
  int tries_max(const SendAttempt& attempt) const;
  bool may_try_again(const SendAttempt& attempt) const;
  // All of these: true when the next try is under way. They throw std::bad_alloc.
  bool goes_on(SendAttempt& attempt, const AttemptResult& result);
  bool try_again(SendAttempt& attempt, const base::Error& error);
  bool try_elsewhere(SendAttempt& attempt, const protocol::SendMessageResponse& answer);
  bool go_elsewhere(SendAttempt& attempt);
  void tell_listeners(const SendAttempt& attempt, const AttemptResult& result) noexcept;
  void end(SendAttempt& attempt, AttemptResult& result) noexcept;
  void fail_sends(SendAttempt& attempt, base::Error error) noexcept;
  template <typename End>
  void end_in_lane(SendAttempt& attempt, End end) noexcept;
  void add_context(const SendAttempt& attempt, base::Error* error) const noexcept;
  void end_send(const SendAttempt& attempt, const AttemptResult& result,
                SendOperation& send) noexcept;

  Producer& producer_;
  mutable client::ClientCore* core_ = nullptr;  // of the producer, looked up once
  PublishTopics& topics_;
  std::vector<std::shared_ptr<const PublishRoute>>
      retired_;  // a sending thread may still read them
  struct RetiredTopic {
    std::unique_ptr<PublishTopic> topic;
    bool is_unreachable =
        false;  // no caller held it at a sweep; what they posted is here by the next
  };
  std::vector<RetiredTopic> retired_topics_;
  LatencyTable latencies_;
  std::vector<AttemptListener*> listeners_;
  std::shared_ptr<const Destination> last_destination_;
  cluster::EndpointPtr last_endpoint_;  // of last_destination_
  remoting::Deadline sweep_due_;        // while there are topics
  OrderedSends ordered_;
  struct RouteCall {
    std::string topic;
    client::ControlOperation* operation;
  };
  std::vector<RouteCall> route_calls_;  // of sending threads that wait
  remoting::Deadline route_calls_due_;  // of the first of these
  std::uint32_t mappings_ = 0;          // of routes that were published
  bool is_in_use_ = false;
};

}  // namespace rmq::producer
