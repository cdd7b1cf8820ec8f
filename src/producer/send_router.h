// Leads the sends of one producer that do not name an address. It keeps the routes of their topics
// and parks sends that have no route yet. It takes a send to another broker when an attempt fails.
//
// Loop thread only; owned by its producer.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "client/client_core.h"
#include "producer/producer_options.h"
#include "producer/publish_topics.h"
#include "producer/send_detour.h"

namespace rmq::producer {

class Producer;

class SendRouter final : private cluster::RouteWatcher, private remoting::DeadlineHandler {
 public:
  SendRouter(Producer& producer, PublishTopics& topics)
      : producer_(producer), topics_(topics), sweep_due_(*this) {}
  SendRouter(const SendRouter&) = delete;
  SendRouter& operator=(const SendRouter&) = delete;

  // Submits the send to a broker, parks it, or ends it. Throws std::bad_alloc, and has done nothing
  // then.
  void begin(SendOperation& operation);
  // An attempt has failed. True: the next one is under way. Throws as begin().
  bool try_again(SendOperation& operation, const base::Error& error);
  // An attempt stored the message, but without the safety that was asked for. True: as above.
  bool try_elsewhere(SendOperation& operation, const protocol::SendMessageResponse& answer);
  // The first message to a topic went well, so the topic exists by now.
  void note_created(PublishTopic& topic);
  // Ends a send that is parked.
  void cancel_parked(SendOperation& operation) noexcept;
  // The time of a parked send is over.
  void expire(SendDetour& detour) noexcept;

  // The brokers know of the producer's group.
  bool is_in_use() const { return is_in_use_; }
  // Asks for no route any more.
  void leave() noexcept;

 private:
  void on_route(const cluster::RoutePtr& route) override;
  void on_route_failure(std::string_view topic, const cluster::RoutePtr& known,
                        const base::Error& error) override;
  bool wants_other_route(std::string_view topic) const override;

  client::ClientCore& core() const;
  const ProducerOptions& options() const;
  SendDetour& detour_of(SendOperation& operation);
  void watch(PublishTopic& topic);
  void on_deadline(remoting::Deadline& deadline) override;
  void retire(std::string_view name);
  void free_retired_topics() noexcept;
  void publish(PublishTopic& topic, const cluster::Route& route);
  void free_retired() noexcept;
  void release_parked(PublishTopic& topic) noexcept;
  void fail_parked(PublishTopic& topic, const base::Error& error) noexcept;
  void park(SendOperation& operation, PublishTopic& topic);
  void unpark(SendDetour& detour) noexcept;
  base::Status aim(SendOperation& operation, PublishTopic& topic);
  void start(SendOperation& operation);
  void turn_to_reachable(SendOperation& operation);
  bool is_untried(const SendOperation& operation, const PublishRoute& route,
                  PublishRoute::Choice choice) const;
  bool has_untried_broker(const SendOperation& operation) const;
  std::shared_ptr<const PublishRoute> newest_route(const SendOperation& operation) const;
  bool may_try_again(const SendOperation& operation) const;
  bool go_elsewhere(SendOperation& operation);
  int attempts_max(const SendOperation& operation) const;
  void end(SendOperation& operation, base::Error error) noexcept;

  Producer& producer_;
  PublishTopics& topics_;
  std::vector<std::shared_ptr<const PublishRoute>>
      retired_;  // a sending thread may still read them
  struct RetiredTopic {
    std::unique_ptr<PublishTopic> topic;
    bool is_unreachable =
        false;  // no caller held it at a sweep; what they posted is here by the next
  };
  std::vector<RetiredTopic> retired_topics_;
  remoting::Deadline sweep_due_;  // while there are topics
  bool is_in_use_ = false;
};

}  // namespace rmq::producer
