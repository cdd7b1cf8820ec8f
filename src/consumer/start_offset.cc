#include "consumer/start_offset.h"

#include "protocol/names.h"
#include "protocol/offsets.h"
#include "protocol/request_frame.h"
#include "protocol/response_code.h"

namespace rmq::consumer {
namespace {

constexpr std::int64_t kTimestampDefaultAgeMs = 30 * 60 * 1000;

}  // namespace

void StartOffset::find(Done done) {
  offsets_.fetch(queue_, calls_,
                 [this, done = std::move(done)](base::Result<std::optional<std::int64_t>> stored) {
                   if (!stored.ok()) {
                     done(stored.take_error());
                   } else if (stored.value()) {
                     done(FoundOffset{*stored.value(), true});
                   } else {
                     begin_group(done);
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
      request.broker_name = queue_.broker_name;
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
  request.broker_name = queue_.broker_name;
  ask_master(request, done);
}

template <typename Request>
void StartOffset::ask_master(Request request, Done done) {
  const auto broker = context_.find_broker(queue_, protocol::kMasterId, false);
  if (!broker.connection) {
    done(base::make_error(base::ErrorCode::BROKER_NOT_AVAILABLE,
                          "the route of " + queue_.topic + " has no master of the broker " +
                              queue_.broker_name + ", which knows where the queue ends"));
    return;
  }
  calls_.start(*broker.connection, protocol::make_frame(request),
               context_.now() + context_.options.request_timeout,
               [done = std::move(done), address = broker.connection->options().peer.to_text()](
                   base::Result<cluster::CallAnswer> answer) {
                 if (!answer.ok()) {
                   done(answer.take_error());
                   return;
                 }
                 const wire::CommandView& response = *answer.value().response;
                 if (!protocol::is_success(response)) {
                   done(protocol::error_from_response(response, base::ServerRole::broker,
                                                      protocol::code_of(Request{}), address));
                   return;
                 }
                 auto offset = protocol::parse_offset_response(response);
                 if (offset.ok()) {
                   done(FoundOffset{offset.value(), false});
                 } else {
                   done(offset.take_error());
                 }
               });
}

}  // namespace rmq::consumer
