#include "consumer/start_offset.h"

#include "protocol/names.h"
#include "protocol/offsets.h"

namespace rmq::consumer {
namespace {

constexpr std::int64_t kTimestampDefaultAgeMs = 30 * 60 * 1000;

// A queue whose search ends without a word would never be pulled.
template <typename Action>
base::Status or_no_memory(Action action) {
  try {
    action();
    return {};
  } catch (const std::bad_alloc&) {
    return base::make_memory_error();
  }
}

}  // namespace

// Under `timestamp` a broker's 0 would hide that the group is new, and the search would never be
// made. A retry queue has only messages that the group gave back: all of them are wanted.
OffsetStore::YoungQueue StartOffset::young_queue() const {
  const bool searches =
      context_.options.consume_from_where == protocol::ConsumeFromWhere::timestamp &&
      !protocol::is_retry_topic(queue_.topic);
  return searches ? OffsetStore::YoungQueue::unknown : OffsetStore::YoungQueue::zero;
}

void StartOffset::find(Done done) {
  offsets_.fetch(queue_, young_queue(), calls_,
                 [this, done = std::move(done)](base::Result<std::optional<std::int64_t>> stored) {
                   if (!stored.ok()) {
                     done(stored.take_error());
                   } else if (stored.value()) {
                     done(FoundOffset{*stored.value(), true});
                   } else if (auto status = or_no_memory([&] { begin_group(done); });
                              !status.ok()) {
                     done(status.take_error());
                   }
                 });
}

void StartOffset::begin_group(const Done& done) {
  const bool is_retry = protocol::is_retry_topic(queue_.topic);
  switch (context_.options.consume_from_where) {
    case protocol::ConsumeFromWhere::first_offset:
      done(FoundOffset{});
      return;
    case protocol::ConsumeFromWhere::timestamp: {
      if (is_retry) {
        ask_end(done);
        return;
      }
      protocol::SearchOffsetRequest request;
      request.topic = queue_.topic;
      request.queue_id = queue_.queue_id;
      request.timestamp_ms = context_.options.consume_timestamp_ms.value_or(context_.start_wall_ms -
                                                                            kTimestampDefaultAgeMs);
      ask_master(request, done);
      return;
    }
    default:
      break;
  }
  if (is_retry) {
    done(FoundOffset{});
  } else {
    ask_end(done);
  }
}

void StartOffset::ask_end(const Done& done) {
  protocol::GetMaxOffsetRequest request;
  request.topic = queue_.topic;
  request.queue_id = queue_.queue_id;
  ask_master(request, done);
}

template <typename Request>
void StartOffset::ask_master(Request request, Done done) {
  cluster::Endpoint* broker = context_.find_broker(queue_, protocol::kMasterId, false);
  if (broker == nullptr) {
    done(base::make_error(base::ErrorCode::BROKER_NOT_AVAILABLE,
                          "the route of " + queue_.topic + " has no master of the broker " +
                              queue_.broker_name + ", which knows where the queue ends"));
    return;
  }
  calls_.ask({broker->connection(), queue_.broker_name}, request, {},
             context_.now() + context_.options.request_timeout,
             [done = std::move(done)](base::Result<std::int64_t> offset) {
               if (offset.ok()) {
                 done(FoundOffset{offset.value(), false});
               } else {
                 done(offset.take_error());
               }
             });
}

}  // namespace rmq::consumer
