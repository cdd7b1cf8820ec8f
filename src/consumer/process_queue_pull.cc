// The part of ProcessQueue that pulls.
#include <algorithm>

#include "consumer/process_queue.h"
#include "protocol/response_code.h"

namespace rmq::consumer {
namespace {

using protocol::ResponseCode;

constexpr base::Duration kFlowControlPause = std::chrono::milliseconds(20);
// A broker that answers "nothing new" at once, instead of holding the pull, is asked so often.
constexpr base::Duration kEmptyAnswerInterval = std::chrono::milliseconds(100);

}  // namespace

void ProcessQueue::pull() {
  cluster::Endpoint* const broker = find_broker();
  if (broker == nullptr) {
    fail(base::make_error(
        base::ErrorCode::BROKER_NOT_AVAILABLE,
        "the route of " + queue_.topic + " has no address of the broker " + queue_.broker_name));
    return;
  }
  const ConsumerOptions& options = context_.options;
  const protocol::SubscriptionData& subscription = *context_.find_subscription(queue_.topic);
  protocol::PullMessageRequest request;
  request.consumer_group = options.group;
  request.topic = queue_.topic;
  request.queue_id = queue_.queue_id;
  request.queue_offset = next_offset_;
  request.message_count_max = pulls_one_ ? 1 : options.pull_batch_size;
  request.sys_flag = protocol::kPullFlagSuspend;
  // Masters keep the offsets.
  if (broker == broker_.find(protocol::kMasterId, false) && window_.commit_offset() > 0) {
    request.sys_flag |= protocol::kPullFlagCommitOffset;
    request.commit_offset = window_.commit_offset();
  }
  request.suspend_timeout_ms = base::to_ms(options.suspend_time);
  request.sub_version = subscription.sub_version;
  request.expression_type = subscription.expression_type;
  request.message_bytes_max = options.pull_batch_bytes;

  change_state(QueueState::pulling);
  pulled_at_ = context_.now();
  pulled_offset_ = next_offset_;
  if (asked_.get() != broker) asked_ = broker->shared_from_this();
  if (!request_) request_ = PullRequest::make(*this);
  // Different queues may pull on different connections.
  remoting::Connection& connection =
      broker->connection(static_cast<std::uint32_t>(queue_.queue_id));
  request_->send(context_.core().decorator(), {connection, queue_.broker_name}, request,
                 pulled_at_ + options.pull_timeout);
}

// The first failure in a row is most often the end of a connection, or a long poll that the broker
// has lost. Waiting would only cost time: as soon as the broker answers a heartbeat, the queue is
// pulled again, from the master.
void ProcessQueue::on_pull_failure(base::Error error) {
  try {
    if (failures_ > 0) {
      fail(error);
      return;
    }
    ++failures_;
    if (error.code == base::ErrorCode::REQUEST_TIMEOUT) {
      introduce_and_try_again();
      return;
    }
    is_answered_ = false;
    suggested_broker_id_ = protocol::kMasterId;
    context_.core().routes().refresh(queue_.topic);
    step();
  } catch (const std::bad_alloc&) {
    on_broken();
  }
}

void ProcessQueue::on_pull_response(const wire::CommandView& response, const base::SlabRef& slab) {
  try {
    take_answer(response, slab);
  } catch (const std::bad_alloc&) {
    on_broken();
  }
}

// The broker that was asked hears of this client once more, and the queue goes on when it has
// answered.
void ProcessQueue::introduce_and_try_again() {
  context_.core().heartbeats().renew(*asked_);
  is_answered_ = false;
  suggested_broker_id_ = protocol::kMasterId;
  step();
}

void ProcessQueue::take_answer(const wire::CommandView& response, const base::SlabRef& slab) {
  const auto code = static_cast<ResponseCode>(response.code);
  if (!protocol::PullMessageRequest::is_answer(response)) {
    fail_pull(response);
    return;
  }
  auto answer = protocol::parse_pull_response(response);
  if (!answer.ok()) {
    fail(answer.error());
    return;
  }
  failures_ = 0;
  was_unknown_ = false;
  is_answered_ = answer.value().suggested_broker_id == suggested_broker_id_;
  suggested_broker_id_ = answer.value().suggested_broker_id;
  if (code == ResponseCode::PULL_OFFSET_MOVED) {
    begin_again_at(answer.value());
    return;
  }
  was_moved_ = false;
  if (code == ResponseCode::SUCCESS) {
    take_found(response, slab, answer.value());
  } else {
    go_on_at(answer.value().next_begin_offset);
  }
}

void ProcessQueue::fail_pull(const wire::CommandView& response) {
  switch (static_cast<ResponseCode>(response.code)) {
    case ResponseCode::FLOW_CONTROL:
      wait(kFlowControlPause);
      return;
    case ResponseCode::SUBSCRIPTION_NOT_EXIST:
    case ResponseCode::SUBSCRIPTION_NOT_LATEST:
    // What a broker knows of an SQL92 expression comes with the heartbeat, too.
    case ResponseCode::FILTER_DATA_NOT_EXIST:
    case ResponseCode::FILTER_DATA_NOT_LATEST:
      was_unknown_ = !was_unknown_;
      if (was_unknown_) {
        introduce_and_try_again();
        return;
      }
      break;
    default:
      break;
  }
  fail(protocol::error_from_response(response, base::ServerRole::broker,
                                     static_cast<std::int32_t>(protocol::RequestCode::PULL_MESSAGE),
                                     ""));
}

void ProcessQueue::take_found(const wire::CommandView& response, const base::SlabRef& slab,
                              const protocol::PullMessageResponse& answer) {
  client::BatchDecoder::Limits limits;
  limits.body_bytes_max = context_.options.decompress_bytes_max;
  client::BatchDecoder::Asked asked;
  if (queue_.topic == context_.retry_topic) asked.retry_topic = context_.retry_topic;
  asked.broker_name = queue_.broker_name;
  asked.queue_id = queue_.queue_id;
  asked.first_offset = next_offset_;
  asked.next_offset = answer.next_begin_offset;
  asked.delta = answer.offset_delta;
  asked.is_for_one = pulls_one_;
  if (pulls_one_) asked.topic = queue_.topic;
  auto decoder =
      std::make_unique<client::BatchDecoder>(slab, response.body, limits, std::move(asked));
  if (!decoder->is_light()) {
    decode(std::move(decoder));
    return;
  }
  auto piece = decoder->next_piece();
  take_piece(std::move(decoder), std::move(piece));
}

// Off the loop; the queue goes on pulling when the last piece is there.
void ProcessQueue::decode(std::unique_ptr<client::BatchDecoder> decoder) {
  auto job = std::make_unique<Decoding>(static_cast<DecodingHandler&>(*this), std::move(decoder));
  Decoding* const submitted = job.get();
  const base::Status status = context_.core().loop().executor().submit(std::move(job));
  if (status.ok()) {
    decoding_ = submitted;
  } else {
    fail(status.error());  // what was not decoded is pulled again
  }
}

void ProcessQueue::on_decoded(std::unique_ptr<client::BatchDecoder> decoder,
                              std::unique_ptr<client::MessageBatch> piece) noexcept {
  decoding_ = nullptr;
  try {
    if (piece) {
      take_piece(std::move(decoder), std::move(piece));
    } else {
      on_broken();
    }
  } catch (const std::bad_alloc&) {
    on_broken();
  }
}

void ProcessQueue::take_piece(std::unique_ptr<client::BatchDecoder> decoder,
                              std::unique_ptr<client::MessageBatch> piece) {
  const bool has_messages = piece->size() > 0;
  cache(std::move(piece));
  next_offset_ = window_.end_offset();
  if (decoder->is_done()) {
    finish_answer(*decoder);
  } else if (has_messages && !(has_own_room() && context_.has_room())) {
    step();  // no room for the rest, which is pulled again once there is
  } else {
    decode(std::move(decoder));
  }
}

// What could not be read is asked for again, alone: it may have been damaged on its way. A message
// that is unreadable then too is delivered with an error. The group's offset passes it when that is
// answered, like any other.
void ProcessQueue::finish_answer(const client::BatchDecoder& decoder) {
  pulls_one_ = !decoder.status().ok();
  if (!pulls_one_) {
    go_on_at(decoder.asked().next_offset);
    return;
  }
  context_.troubles().note("unreadable_answer", queue_, &decoder.status().error());
  step();
}

void ProcessQueue::forget_pull() noexcept {
  request_.reset();
  if (decoding_ != nullptr) std::exchange(decoding_, nullptr)->forget();
}

// Brokers filter tags by hash only; what another tag's hash let through is left out here.
void ProcessQueue::cache(std::unique_ptr<client::MessageBatch> batch) {
  const protocol::SubscriptionData* subscription = context_.find_subscription(queue_.topic);
  const bool by_tag = subscription && subscription->expression_type == protocol::kExpressionTag;
  accepted_.clear();
  OffsetWindow::Ticket first_ticket = 0;
  for (std::size_t i = 0; i < batch->size(); ++i) {
    const client::ReceivedMessage& message = (*batch)[i];
    const message::MessageFields fields = message.fields();
    if (!window_.can_add(fields.queue_offset)) continue;  // seen before
    if (fields.error) {
      context_.troubles().note("unreadable_message", queue_, fields.error);
    }
    if (by_tag && !message.is_unreadable() && !subscription->accepts_tag(fields.tags)) continue;
    const OffsetWindow::Ticket ticket = window_.add(fields.queue_offset);
    if (accepted_.empty()) first_ticket = ticket;
    accepted_.push_back(&message);
  }
  if (accepted_.empty()) return;
  auto pulled = std::make_shared<PulledMessages>();
  pulled->bytes = batch->stored_bytes() + batch->decompressed_bytes();
  pulled->unfinished = accepted_.size();
  pulled->messages = std::move(batch);
  cached_messages_ += accepted_.size();
  cached_bytes_ += pulled->bytes;
  context_.add_cached(accepted_.size(), pulled->bytes);
  consumption_->on_pulled(pulled, accepted_, first_ticket);
}

// After an answer that the queue's messages up to `offset` are known.
void ProcessQueue::go_on_at(std::int64_t offset) {
  window_.skip_to(offset);
  next_offset_ = window_.end_offset();
  if (next_offset_ != pulled_offset_) {
    if (context_.options.pull_interval > base::Duration::zero()) {
      wait(context_.options.pull_interval);
    } else {
      step();
    }
    return;
  }
  const base::Duration early = pulled_at_ + kEmptyAnswerInterval - context_.now();
  if (early > base::Duration::zero()) {
    wait(early);
  } else {
    step();
  }
}

// What was pulled before counts no more, and the group goes on where the broker says, which may be
// backward. If the broker moves the corrected offset too, wait 3 s.
void ProcessQueue::begin_again_at(const protocol::PullMessageResponse& answer) {
  const bool again = std::exchange(was_moved_, true);
  std::int64_t offset = answer.next_begin_offset;
  const bool is_outside = next_offset_ < answer.min_offset || next_offset_ > answer.max_offset;
  if (is_outside) {
    offset = leave_offset_outside(answer);
  } else {
    // The broker has messages at the offset: an operator has told it to go on elsewhere.
    context_.troubles().note("reset_offsets", queue_, nullptr);
  }
  if (offset < 0) {
    fail(illegal_offset(offset));
    return;
  }
  move_to(offset);
  if (again) {
    wait(kErrorPause);
  } else {
    step();
  }
}

// The queue was cut off at its begin. One that ends before what was pulled has lost its end (a
// slave became master), and its unfinished messages from there on are pulled again.
std::int64_t ProcessQueue::leave_offset_outside(const protocol::PullMessageResponse& answer) {
  std::int64_t offset = answer.next_begin_offset;
  if (next_offset_ > answer.max_offset) offset = std::min(offset, window_.commit_offset());
  const base::Error moved =
      base::make_error(base::ErrorCode::OFFSET_MOVED,
                       "the queue has no message at the offset " + std::to_string(next_offset_) +
                           ", and goes on at " + std::to_string(offset),
                       "messages between the two may be gone, or may come again");
  context_.troubles().note("offset_moved", queue_, &moved);
  return offset;
}

void ProcessQueue::move_to(std::int64_t offset) {
  offsets_.correct(queue_, offset);
  offsets_.persist(queue_);
  begin(offset);
  context_.discard_withdrawn();
}

void ProcessQueue::reset_to(std::int64_t offset) noexcept {
  if (!is_live() || state_ == QueueState::idle) return;
  start_offset_.reset();
  forget_pull();
  try {
    move_to(offset);
    is_located_ = true;
    step();
  } catch (const std::bad_alloc&) {
    on_broken();
  }
}

}  // namespace rmq::consumer
