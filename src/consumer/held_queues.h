// The queues that a consumer holds, by topic. The work that comes round is here too: offsets are
// persisted, and deliveries that were taken too long ago end. Loop thread only; owned by
// GroupMember.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/java_string_hash.h"
#include "consumer/consumer_parts.h"
#include "consumer/process_queue.h"
#include "remoting/deadlines.h"

namespace rmq::consumer {

class HeldQueues final : private remoting::DeadlineHandler {
 public:
  HeldQueues(ConsumerContext& context, const ConsumerParts& parts, QueueHandler& handler)
      : context_(context),
        parts_(parts),
        handler_(handler),
        offsets_(parts.make_offsets(context)),
        gate_(parts.make_gate(context)),
        persist_due_(*this),
        expire_due_(*this) {}
  ~HeldQueues() = default;
  HeldQueues(const HeldQueues&) = delete;
  HeldQueues& operator=(const HeldQueues&) = delete;

  OffsetStore& offsets() { return *offsets_; }

  // Begins the work that comes round.
  void start();
  // The consumer closes: nothing is pulled any more, and answers still count.
  void stop();
  // Nothing is with the user or on its way back to a broker.
  bool is_quiet() noexcept;
  // Ends every queue. Returns how many deliveries were with the user.
  std::size_t drop_all() noexcept;
  // Of a consumer that is closed.
  void clear() noexcept;

  // The queues of the topic that are held and not wanted go. True: there were some.
  bool keep_only(const std::string& topic, const std::set<protocol::MessageQueue>& wanted);
  // A queue that is held already stays as it is. The others stand still until start_new().
  void add(const protocol::MessageQueue& queue);
  // True: the topic has new queues. A new queue waits for so long before it is read.
  bool has_new(const std::string& topic) const;
  void start_new(const std::string& topic, base::Duration pause);
  // Divides the limits of the topic among its queues.
  void share_topic_limits(const std::string& topic) noexcept;

  void on_route_changed(const std::string& topic) noexcept;
  void on_broker_missed(const std::string& topic, const std::string& broker_name) noexcept;

  ProcessQueue* find(const protocol::MessageQueue& queue);
  std::vector<const ProcessQueue*> all() const;
  std::vector<const ProcessQueue*> of_topic(std::string_view topic) const;

 private:
  // By queue, or by topic alone, which needs no memory.
  struct Order {
    using is_transparent = void;
    bool operator()(const protocol::MessageQueue& a, const protocol::MessageQueue& b) const {
      return a < b;
    }
    bool operator()(const protocol::MessageQueue& a, std::string_view topic) const {
      return base::less_in_java(a.topic, topic);
    }
  };
  using Map = std::map<protocol::MessageQueue, std::unique_ptr<ProcessQueue>, Order>;

  // The queues of a topic follow each other.
  Map::iterator first_of(std::string_view topic) { return queues_.lower_bound(topic); }
  Map::const_iterator first_of(std::string_view topic) const { return queues_.lower_bound(topic); }
  bool is_of(Map::const_iterator place, std::string_view topic) const {
    return place != queues_.end() && place->first.topic == topic;
  }
  void lose(Map::iterator place);
  void persist_some();
  void on_deadline(remoting::Deadline& deadline) override;

  ConsumerContext& context_;
  const ConsumerParts& parts_;
  QueueHandler& handler_;
  const std::unique_ptr<OffsetStore> offsets_;
  const std::unique_ptr<QueueGate> gate_;  // null: none
  Map queues_;
  remoting::Deadline persist_due_;
  std::optional<protocol::MessageQueue> persist_next_;  // where the present round goes on
  remoting::Deadline expire_due_;
};

}  // namespace rmq::consumer
