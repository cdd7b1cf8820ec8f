// A producer: checks, chooses the queue and encodes on the calling thread, sends on the loop, and
// answers with one event per accepted send. Sends that name no address go through its SendRouter.
//
// Shared by the user's handle and, until it is closed, by ClientCore. Methods of the first part may
// be called from any thread; those of the second run on the loop.
#pragma once

#include <atomic>
#include <memory>

#include "client/cold_call.h"
#include "client/control_operation.h"
#include "client/host.h"
#include "client/member_life.h"
#include "client/troubles.h"
#include "event/event_queue.h"
#include "producer/destination.h"
#include "producer/outgoing_message.h"
#include "producer/producer_options.h"
#include "producer/publish_topics.h"
#include "producer/send_operation.h"
#include "producer/send_router.h"
#include "producer/transactions.h"

namespace rmq::producer {

class Producer final : public client::Member,
                       public std::enable_shared_from_this<Producer>,
                       private client::MemberSteps,
                       private remoting::DeadlineHandler {
 public:
  Producer(std::shared_ptr<client::Host> host, ProducerOptions options,
           std::shared_ptr<event::EventQueue> queue, event::Tag tag = {});
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Any thread. A timeout of zero means options().send_timeout. A null destination is any queue of
  // the message's topic.
  base::Status start();
  // Takes over the options that are set there, all or none. Later calls obey them.
  base::Status update(const config::Config& changes);
  // Blocks; `mode` is one that waits. The event is the caller's; its error, if any, is the send's.
  base::Result<event::Event*> send(const OutgoingMessage& message,
                                   const std::shared_ptr<const Destination>& destination,
                                   const SendCall& call);
  // `body` stands in for the message's own (packed sends). `mode` is one that does not wait.
  base::Status send_async(const OutgoingMessage& message, base::Bytes body,
                          const std::shared_ptr<const Destination>& destination,
                          const SendCall& call);
  base::Status cancel(std::uint64_t token);
  base::Status flush(base::Duration timeout);
  base::Status flush_async(base::Duration timeout, std::uint64_t token, void* user_data);
  // Calls in the form of client::ColdCall, for calls() to start.
  base::Result<client::OwnedColdCall> make_recall(std::string_view topic,
                                                  std::string_view recall_handle, event::Tag tag);
  base::Result<client::OwnedColdCall> make_queues(std::string_view topic, event::Tag tag);
  client::ColdCalls& calls() { return calls_; }
  base::Status close(base::Duration timeout) { return life_.close(timeout); }
  base::Status close_async(base::Duration timeout, event::Tag tag) {
    return life_.close_async(queue_, timeout, tag);
  }
  // The user's handle goes: closes without draining.
  void abandon() noexcept;

  const ProducerOptions& options() const { return options_; }
  client::Host& host() { return *host_; }
  std::int64_t inflight() const { return budget_->operations(); }

  // Loop thread.
  void begin_send(SendOperation& operation) noexcept;
  void end_send(SendOperation& operation) noexcept;
  void begin_close(base::Instant deadline) noexcept override { life_.begin_close(deadline); }
  void add_to_heartbeat(protocol::HeartbeatData* heartbeat) const override;
  void on_heartbeat_refused(cluster::Endpoint& broker, const base::Error& error) override;
  void on_broker_back(cluster::Endpoint& broker) override;
  client::ServedRequests served_requests() const override;
  client::Troubles& troubles() { return troubles_; }
  base::Duration send_timeout() const { return send_timeout_.load(); }
  SendRouter& router() { return router_; }
  // A sending thread may be looking at the snapshot of a route.
  bool has_choosers() const { return choosers_.load() != 0; }
  // A sending thread, or a send on its way to the loop, may hold a pointer to a topic.
  bool has_topic_holders() const { return sends_prepared_.load() != next_sequence_; }
  // Marks the topics of all pending sends as used now.
  void note_topics_in_use() noexcept;
  // Adds what a producer knows to an error.
  void describe(base::Error* error) const;
  // The time limit of a close cancels sends: says that it was this, and not the user.
  void name_cause(base::Error* error) const;
  // For Transactions.
  const std::shared_ptr<client::Host>& share_host() const { return host_; }
  event::Tag tag() const { return tag_; }
  void deliver_check(event::Event* check) noexcept { host_->core().deliver(queue_, check); }
  void discard_withdrawn() noexcept;
  void note_dropped_check() noexcept { queue_->note_dropped(); }
  void on_ends_over() noexcept {
    if (!is_cancelling_) end_waits();
  }
  // The producer's closing has reached its time limit.
  bool is_cutting_short() const { return life_.is_cut_short(); }

 private:
  using CallScope = client::MemberLife::CallScope;
  using ControlList = base::IntrusiveList<client::ControlOperation, client::ControlOperation>;
  // Counts a send from before it looks for its topic, until it fails or the loop has it.
  class Preparation {
   public:
    explicit Preparation(std::atomic<std::uint64_t>& prepared) : prepared_(prepared) {
      ++prepared_;
    }
    ~Preparation() {
      if (!is_kept_) --prepared_;
    }
    void keep() { is_kept_ = true; }
    Preparation(const Preparation&) = delete;
    Preparation& operator=(const Preparation&) = delete;

   private:
    std::atomic<std::uint64_t>& prepared_;
    bool is_kept_ = false;
  };
  // Counts the sending threads that are inside.
  class CountScope {
   public:
    explicit CountScope(std::atomic<std::uint32_t>& count) : count_(count) { ++count_; }
    ~CountScope() { --count_; }
    CountScope(const CountScope&) = delete;
    CountScope& operator=(const CountScope&) = delete;

   private:
    std::atomic<std::uint32_t>& count_;
  };

  // Where a message goes by route, as far as it is known. Both null: to an address.
  struct Target {
    PublishTopic* topic = nullptr;
    std::shared_ptr<const PublishRoute> route;
    PublishRoute::Choice choice;
    std::uint64_t key_hash = 0;
    base::Instant deadline{};  // with a route from the beginning: that of the send
  };

  // producer_targets.cc
  base::Status look_at(const OutgoingMessage& message, base::Bytes body,
                       const Destination& destination, const SendCall& call, Target* target);
  base::Status ask_chooser(const OutgoingMessage& message, base::Bytes body,
                           const Destination& destination, const SendCall& call, Target* target);
  std::shared_ptr<const PublishRoute> usable_route(std::string_view topic);
  base::Result<std::shared_ptr<const PublishRoute>> await_route(std::string_view topic,
                                                                const SendCall& call,
                                                                base::Instant deadline);
  base::Status ask_for_route(std::string_view topic);
  client::ControlOperation* make_route_call(std::string_view topic);
  void choose_target(std::string_view topic, const Destination* destination, Target* target);
  base::Result<SendOperation*> prepare(const OutgoingMessage& message, base::Bytes body,
                                       const std::shared_ptr<const Destination>& destination,
                                       const SendCall& call, Target& target);
  base::Status acquire_room(std::size_t bytes, base::Instant deadline, bool may_wait);
  // Of an operation that the core has not taken.
  base::Error take_back(SendOperation& operation);
  client::ControlOperation* make_flush(base::Duration timeout, std::uint64_t token,
                                       void* user_data);
  base::Status post(client::ControlOperation* operation);
  base::Duration or_default(base::Duration timeout) const {
    return timeout == base::Duration::zero() ? send_timeout_.load() : timeout;
  }

  // MemberSteps
  std::shared_ptr<client::Member> share() override { return shared_from_this(); }
  void on_closing() noexcept override {
    budget_->close();
    router_.refuse_route_calls();
  }
  void on_joined() override;
  bool is_quiet() noexcept override {
    return pending_.is_empty() && calls_.is_empty() && transactions_.is_quiet();
  }
  void cut_short() noexcept override {
    calls_.cut_short();
    transactions_.cancel_ends();
    cancel_sends(nullptr);
  }
  void say_good_bye(base::Instant deadline) noexcept override;
  void on_closed() noexcept override;
  client::CutShort count_cut_short() const noexcept override;

  void leave_group() noexcept;
  void check_transaction(const wire::CommandView& command, client::ServerRequest& request);
  void deliver(SendOperation& operation) noexcept;
  void cancel_sends(const std::uint64_t* token) noexcept;
  void begin_flush(client::ControlOperation& operation) noexcept;
  void end_waits() noexcept;
  void end_flushes() noexcept;
  void on_deadline(remoting::Deadline& deadline) override;

  const std::shared_ptr<client::Host> host_;
  const ProducerOptions options_;
  // Those of the options that update() changes.
  std::atomic<base::Duration> send_timeout_{options_.send_timeout};
  std::atomic<bool> blocks_when_full_{options_.block_when_full};
  const std::shared_ptr<event::EventQueue> queue_;
  const event::Tag tag_;
  const event::Budget::Owned budget_;
  // A sending call may wait for room between its check and its post.
  client::MemberLife life_{
      *host_,
      *this,
      {.noun = "producer", .close_timeout = options_.close_timeout, .has_callers = true}};
  client::ColdCalls calls_{*host_, life_, options_.group, queue_};
  // Threads between the look at a route's snapshot and their share in it. They stay never for long,
  // so that snapshots that were replaced can be freed under any load.
  std::atomic<std::uint32_t> choosers_{0};
  // Sends that have begun to be prepared, without those that came to nothing before the loop.
  std::atomic<std::uint64_t> sends_prepared_{0};
  PublishTopics topics_;

  // Loop thread.
  base::IntrusiveList<SendOperation, SendOperation> pending_;  // in the order of their acceptance
  std::uint64_t next_sequence_ = 0;  // counts the sends that have come from sends_prepared_
  SendRouter router_{*this, topics_};
  Transactions transactions_{*this};
  client::Troubles troubles_;
  ControlList flushes_;
  remoting::Deadline flush_deadline_;
  bool is_cancelling_ = false;
  std::size_t cut_short_ = 0;
};

}  // namespace rmq::producer
