// Finds where a queue that was just gained is to be read from (protocol.md 10.4): at the group's
// stored offset, or where consume_from_where says. Loop thread only; owned by its ProcessQueue, and
// destroying it forgets the question.
#pragma once

#include <cstdint>
#include <functional>

#include "consumer/consumer_context.h"
#include "consumer/offset_store.h"

namespace rmq::consumer {

struct FoundOffset {
  std::int64_t offset = 0;
  bool is_stored = false;  // the broker has it for the group
};

class StartOffset {
 public:
  using Done = std::function<void(base::Result<FoundOffset>)>;

  StartOffset(ConsumerContext& context, OffsetStore& offsets, const protocol::MessageQueue& queue)
      : context_(context), offsets_(offsets), queue_(queue), calls_(context.core().decorator()) {}

  // `done` is called once, perhaps in here.
  void find(Done done);

 private:
  OffsetStore::YoungQueue young_queue() const;
  void begin_group(const Done& done);
  void ask_end(const Done& done);
  template <typename Request>
  void ask_master(Request request, Done done);

  ConsumerContext& context_;
  OffsetStore& offsets_;
  const protocol::MessageQueue& queue_;
  cluster::CallSet calls_;
};

}  // namespace rmq::consumer
