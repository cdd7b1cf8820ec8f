#include "consumer/consumer_parts.h"

#include <algorithm>
#include <array>

#include "consumer/allocate_average.h"
#include "consumer/concurrent_consumption.h"
#include "consumer/rebalance.h"
#include "consumer/remote_offset_store.h"

namespace rmq::consumer {
namespace {

std::unique_ptr<OffsetStore> keep_offsets_at_brokers(ConsumerContext& context) {
  return std::make_unique<RemoteOffsetStore>(context);
}

std::unique_ptr<Assignment> divide_among_members(ConsumerContext& context,
                                                 AssignmentHandler& handler) {
  return std::make_unique<Rebalance>(context, std::make_unique<AllocateAverage>(), handler);
}

std::unique_ptr<QueueGate> no_gate(ConsumerContext&) { return nullptr; }

std::unique_ptr<Consumption> consume_concurrently(ConsumerContext& context,
                                                  const protocol::MessageQueue& queue,
                                                  ConsumptionHandler& handler) {
  return std::make_unique<ConcurrentConsumption>(context, queue, handler);
}

constexpr std::array kParts = {
    ConsumerParts{.kind = ConsumerKind::push_concurrent,
                  .consume_type = protocol::ConsumeType::passively,
                  .message_model = protocol::MessageModel::clustering,
                  .sends_back = true,
                  .make_offsets = keep_offsets_at_brokers,
                  .make_assignment = divide_among_members,
                  .make_gate = no_gate,
                  .make_consumption = consume_concurrently},
};

}  // namespace

const ConsumerParts* find_parts(ConsumerKind kind, protocol::MessageModel model) {
  const auto found = std::find_if(kParts.begin(), kParts.end(), [&](const ConsumerParts& parts) {
    return parts.kind == kind && parts.message_model == model;
  });
  return found == kParts.end() ? nullptr : &*found;
}

}  // namespace rmq::consumer
