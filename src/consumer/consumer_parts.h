// The parts in which kinds of consumers differ. A kind is a row in the table of consumer_parts.cc:
// the functions that make its parts.
#pragma once

#include <cstdint>
#include <memory>

#include "consumer/assignment.h"
#include "consumer/consumer_context.h"
#include "consumer/consumption.h"
#include "consumer/offset_store.h"
#include "consumer/queue_gate.h"

namespace rmq::consumer {

// Numbers are part of the C ABI (RMQ_CONSUMER_*).
enum class ConsumerKind : std::int32_t { push_concurrent = 1 };

struct ConsumerParts {
  ConsumerKind kind;
  // What heartbeats tell brokers of the member.
  protocol::ConsumeType consume_type;
  protocol::MessageModel message_model;
  // What was not consumed goes back to a broker, and comes again by the group's retry topic.
  bool sends_back;

  std::unique_ptr<OffsetStore> (*make_offsets)(ConsumerContext& context);
  std::unique_ptr<Assignment> (*make_assignment)(ConsumerContext& context,
                                                 AssignmentHandler& handler);
  // Null where nothing stands between a queue and its consumer.
  std::unique_ptr<QueueGate> (*make_gate)(ConsumerContext& context);
  std::unique_ptr<Consumption> (*make_consumption)(ConsumerContext& context,
                                                   const protocol::MessageQueue& queue,
                                                   ConsumptionHandler& handler);
};

// Null: this version has no consumer of that kind for that model.
const ConsumerParts* find_parts(ConsumerKind kind, protocol::MessageModel model);

}  // namespace rmq::consumer
