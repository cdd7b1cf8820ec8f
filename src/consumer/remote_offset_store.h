// The offsets of a clustering group. They are kept in memory for the queues that are held, and told
// to the brokers, which keep them for the group (protocol.md 10.8).
#pragma once

#include <cstdint>
#include <unordered_map>

#include "cluster/call_set.h"
#include "consumer/consumer_context.h"
#include "consumer/offset_store.h"
#include "protocol/offsets.h"

namespace rmq::consumer {

class RemoteOffsetStore final : public OffsetStore {
 public:
  explicit RemoteOffsetStore(ConsumerContext& context)
      : context_(context),
        calls_(context.core().decorator()),
        last_calls_(context.core().decorator()) {}

  void fetch(const protocol::MessageQueue& queue, YoungQueue young, cluster::CallSet& calls,
             Fetched done) override;
  void hold(const protocol::MessageQueue& queue, std::int64_t offset, bool stored) override;
  void update(const protocol::MessageQueue& queue, std::int64_t offset) override;
  void correct(const protocol::MessageQueue& queue, std::int64_t offset) override;
  void forget(const protocol::MessageQueue& queue) override;
  void persist(const protocol::MessageQueue& queue) override;
  // Where there is no connection the flush waits for one.
  void flush(base::Instant deadline, const std::function<void()>& done) override;
  void stop() noexcept override { calls_.forget_all(); }
  void doubt(std::string_view topic, std::string_view broker_name) override;

 private:
  struct Entry {
    std::int64_t offset = 0;
    std::int64_t persisted = -1;  // confirmed by the broker
    std::int64_t telling = -1;    // under way
  };

  protocol::UpdateConsumerOffsetRequest make_update(const protocol::MessageQueue& queue,
                                                    std::int64_t offset) const;
  void take_end(const protocol::MessageQueue& queue, std::int64_t offset, bool is_confirmed);

  ConsumerContext& context_;
  std::unordered_map<protocol::MessageQueue, Entry> entries_;
  cluster::CallSet calls_;
  cluster::CallSet last_calls_;  // of flush()
};

}  // namespace rmq::consumer
