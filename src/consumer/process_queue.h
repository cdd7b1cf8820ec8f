// One queue that this consumer holds: where it is read from, the pull that is under way, what is
// cached, and what may be committed. What happens to the messages is its Consumption's.
//
// Loop thread only; owned by GroupMember from the moment the queue is gained until it is lost.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "consumer/consumer_context.h"
#include "consumer/consumer_parts.h"
#include "consumer/decoding.h"
#include "consumer/offset_window.h"
#include "consumer/pull_request.h"
#include "consumer/queue_broker.h"
#include "consumer/start_offset.h"
#include "protocol/running_info.h"
#include "remoting/deadlines.h"

namespace rmq::consumer {

enum class QueueState : std::uint8_t {
  idle,      // Gained. -> locating, waiting: start.
  locating,  // Asks the broker where to begin. -> pulling, paused: an offset came. -> waiting:
             // none.
  pulling,   // One pull is with the broker, or its answer is being decoded. -> pulling, paused: the
             // messages are there. -> waiting: the pull failed, the broker has to learn of this
             // client first, the gate is closed, or pull_interval is set.
  paused,    // A limit on what is cached is reached. Only answers end this state; no timer runs.
             // -> pulling: answers made room. -> waiting: they did; the route lacks the broker.
  waiting,   // Until the pause is over, the broker is back or the gate opens. -> locating, pulling,
             // paused: any of these.
  stopped,   // The consumer closes: answers still count, nothing is pulled. -> dropped.
  dropped,   // For good. From every state: the queue is lost.
};

const char* to_text(QueueState state);

class ProcessQueue;

// What a queue needs of its consumer. Never destroys the queue from here.
class QueueHandler {
 public:
  // The queue's consumption may be quiet.
  virtual void on_queue_quiet() noexcept = 0;

 protected:
  ~QueueHandler() = default;
};

class ProcessQueue final : private PullHandler,
                           private DecodingHandler,
                           private ConsumptionHandler,
                           private RoomWaiter,
                           private GateWaiter,
                           private client::RegistrationWaiter,
                           private remoting::DeadlineHandler {
 public:
  // `gate`: null for none.
  ProcessQueue(ConsumerContext& context, const ConsumerParts& parts, OffsetStore& offsets,
               QueueGate* gate, QueueHandler& handler, protocol::MessageQueue queue);
  ~ProcessQueue();
  ProcessQueue(const ProcessQueue&) = delete;
  ProcessQueue& operator=(const ProcessQueue&) = delete;

  // Looks for the offset to begin at, after a pause in which another member commits its own.
  void start(base::Duration pause);
  // The route of the topic has changed: what failed by the old one is tried again at once.
  void on_route_changed() noexcept;
  // The connection to the queue's broker ended.
  void on_broker_missed() noexcept { is_answered_ = false; }
  // Ends pulling and withdraws what nobody has taken; the other deliveries may still be answered.
  void stop();
  // Tells the offset store what may be committed.
  void note_offset();
  // Tells the broker as well.
  void persist();
  // Ends everything. Returns how many deliveries were with the user, whose
  // answers count no more.
  std::size_t drop() noexcept;

  // An operator moves the group: goes on there, and what was pulled before counts no more.
  void reset_to(std::int64_t offset) noexcept;

  // The part of pull_threshold_for_topic that is this queue's.
  void set_topic_share(const CacheLimits& share);
  void expire(base::Instant now) { consumption_->expire(now); }

  const protocol::MessageQueue& queue() const { return queue_; }
  QueueState state() const { return state_; }
  bool is_quiet() { return consumption_->is_quiet(); }
  std::size_t cached_messages() const { return cached_messages_; }
  std::size_t cached_bytes() const { return cached_bytes_; }
  std::int64_t commit_offset() const { return window_.commit_offset(); }
  std::uint64_t epoch() const { return epoch_; }
  protocol::RunningQueue running_info() const;

 private:
  static constexpr base::Duration kErrorPause = std::chrono::seconds(3);

  void on_pull_response(const wire::CommandView& response, const base::SlabRef& slab) override;
  void on_pull_failure(base::Error error) override;
  void on_decoded(std::unique_ptr<client::BatchDecoder> decoder,
                  std::unique_ptr<client::MessageBatch> piece) noexcept override;
  void on_finished(OffsetWindow::Ticket ticket, PulledMessages& pulled) noexcept override;
  void on_quiet() noexcept override { handler_.on_queue_quiet(); }
  void on_broken() noexcept override;
  void on_room() noexcept override;
  void on_gate_opened() noexcept override;
  void on_broker_ready() noexcept override;
  void on_deadline(remoting::Deadline& deadline) override;

  void change_state(QueueState to) noexcept;
  bool is_live() const { return state_ < QueueState::stopped; }
  void step() noexcept;
  void take_next_step();
  void locate();
  void take_start(const base::Result<FoundOffset>& found);
  void pull();
  void wait(base::Duration pause) noexcept;
  cluster::Endpoint* find_broker() { return broker_.find(suggested_broker_id_, true); }
  bool is_known_to(const cluster::Endpoint& broker) const;
  void wait_for(cluster::Endpoint& broker);
  void fail(const base::Error& error);
  bool has_own_room() const;
  void begin(std::int64_t offset);
  void take_answer(const wire::CommandView& response, const base::SlabRef& slab);
  void take_found(const wire::CommandView& response, const base::SlabRef& slab,
                  const protocol::PullMessageResponse& answer);
  void decode(std::unique_ptr<client::BatchDecoder> decoder);
  void take_piece(std::unique_ptr<client::BatchDecoder> decoder,
                  std::unique_ptr<client::MessageBatch> piece);
  void finish_answer(const client::BatchDecoder& decoder);
  void forget_pull() noexcept;
  void go_on_at(std::int64_t offset);
  void move_to(std::int64_t offset);
  void begin_again_at(const protocol::PullMessageResponse& answer);
  std::int64_t leave_offset_outside(const protocol::PullMessageResponse& answer);
  static base::Error illegal_offset(std::int64_t offset);
  void cache(std::unique_ptr<client::MessageBatch> batch);
  void release_cached() noexcept;
  void fail_pull(const wire::CommandView& response);
  void introduce_and_try_again();

  ConsumerContext& context_;
  OffsetStore& offsets_;
  QueueGate* const gate_;
  QueueHandler& handler_;
  const protocol::MessageQueue queue_;
  QueueBroker broker_;
  std::unique_ptr<Consumption> consumption_;
  QueueState state_ = QueueState::idle;
  std::uint64_t epoch_ = 0;
  remoting::Deadline pause_;

  std::unique_ptr<StartOffset> start_offset_;  // while locating
  bool is_located_ = false;
  OffsetWindow window_;
  std::size_t cached_messages_ = 0;
  std::size_t cached_bytes_ = 0;
  CacheLimits topic_share_;

  PullRequest::Pointer request_;
  Decoding* decoding_ = nullptr;  // of the executor, while a piece of the answer is made
  std::int64_t next_offset_ = 0;  // to be pulled
  std::int64_t suggested_broker_id_ = protocol::kMasterId;
  cluster::EndpointPtr asked_;      // by the last pull
  std::int64_t pulled_offset_ = 0;  // that the last pull asked for
  base::Instant pulled_at_{};
  int failures_ = 0;  // in a row
  // The broker that is pulled from has answered the last pull, so that it knows this client.
  bool is_answered_ = false;
  bool was_unknown_ = false;  // to the broker, says its last answer
  bool was_moved_ = false;    // by the last answer
  bool pulls_one_ = false;    // the message at next_offset_ was unreadable in the last answer
  std::vector<const client::ReceivedMessage*> accepted_;  // scratch
};

}  // namespace rmq::consumer
