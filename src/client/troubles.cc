#include "client/troubles.h"

#include <algorithm>

#include "client/announced_address.h"

namespace rmq::client {
namespace {

using base::ErrorCategory;
using base::ErrorCode;

// The queues of a lost broker fail within this time of each other, and share a line.
constexpr base::Duration kGatherTime = std::chrono::milliseconds(100);
// What did not happen for so long is over. Longer than the pauses between attempts.
constexpr base::Duration kOverAfter = std::chrono::minutes(2);
// Between two looks for room among the events that wait.
constexpr base::Duration kRoomPause = std::chrono::seconds(10);
// Beyond so many causes, those that differ by their subject only count as one.
constexpr std::size_t kSubjectsMax = 64;
constexpr std::size_t kCausesMax = 128;

// Of no topic in particular.
bool is_about_servers(ErrorCode code) {
  switch (base::error_code_info(code).category) {
    case ErrorCategory::network:
    case ErrorCategory::timeout:
    case ErrorCategory::resource:
      return true;
    default:
      return code == ErrorCode::NO_NAMESERVER || code == ErrorCode::BROKER_NOT_AVAILABLE;
  }
}

std::string subject_of(const protocol::MessageQueue& queue, const base::Error* error) {
  if (error != nullptr && is_about_servers(error->code)) return queue.broker_name;
  if (!queue.topic.empty() || error == nullptr) return queue.topic;
  return error->address;
}

}  // namespace

void Troubles::note(std::string_view operation, const protocol::MessageQueue& queue,
                    const base::Error* error) noexcept {
  if (is_stopped_) return;
  if (!door_.is_open() && !host_.core().logger().is_enabled(event::LogLevel::warn)) return;
  if (error && base::error_code_info(error->code).category == ErrorCategory::shutdown) return;
  try {
    collect(operation, queue, error);
  } catch (const std::bad_alloc&) {
    // Whatever goes on is noted again.
  }
}

void Troubles::collect(std::string_view operation, const protocol::MessageQueue& queue,
                       const base::Error* error) {
  Trouble* trouble =
      find_or_make({std::string(operation), error ? static_cast<std::int32_t>(error->code) : 0,
                    error ? error->response_code : -1, subject_of(queue, error)});
  if (trouble == nullptr) return;
  const base::Instant now = host_.core().loop().now();
  if (trouble->rarely.times() == 0) {
    trouble->first = queue;
    trouble->has_error = error != nullptr;
    if (error != nullptr) trouble->error = *error;
  }
  trouble->queues.insert(std::hash<protocol::MessageQueue>()(queue));
  trouble->rarely.count();
  trouble->seen_at = now;
  if (trouble->tell_at != base::kNever) return;
  trouble->tell_at = std::max(now + kGatherTime, trouble->rarely.next());
  plan();
}

Troubles::Trouble* Troubles::find_or_make(Cause cause) {
  if (const auto known = known_.find(cause); known != known_.end()) return &known->second;
  if (known_.size() >= kSubjectsMax) std::get<3>(cause).clear();
  if (known_.size() >= kCausesMax && !known_.contains(cause)) return nullptr;
  return &known_[std::move(cause)];
}

void Troubles::on_server_back() noexcept {
  std::erase_if(known_, [](const auto& entry) {
    return is_about_servers(static_cast<ErrorCode>(std::get<1>(entry.first)));
  });
}

void Troubles::stop() noexcept {
  is_stopped_ = true;
  known_.clear();
  if (due_.is_queued()) host_.core().deadlines().clear(due_);
}

void Troubles::on_deadline(remoting::Deadline&) {
  const base::Instant now = host_.core().loop().now();
  for (auto place = known_.begin(); place != known_.end();) {
    Trouble& trouble = place->second;
    const auto next = std::next(place);
    if (trouble.tell_at <= now) {
      tell(std::get<0>(place->first), trouble);
    } else if (trouble.rarely.times() == 0 && now - trouble.seen_at >= kOverAfter) {
      known_.erase(place);
    }
    place = next;
  }
  plan();
}

// An event that finds no room is tried again, and counts what happens until then.
void Troubles::tell(const std::string& operation, Trouble& trouble) {
  bool is_told = true;
  try {
    base::Error error = trouble.error;
    if (error.group.empty()) error.group = group_;
    if (error.topic.empty()) error.topic = trouble.first.topic;
    if (error.broker_name.empty()) error.broker_name = trouble.first.broker_name;
    if (error.queue_id < 0) error.queue_id = trouble.first.queue_id;
    error.count = trouble.rarely.times();
    explain_announced_address(host_.core().routes().known_brokers(), &error);
    if (!trouble.has_line) write_line(operation, trouble, trouble.has_error ? &error : nullptr);
    if (trouble.has_error && door_.is_open()) is_told = door_.tell(host_.core(), error);
  } catch (const std::bad_alloc&) {
    // A line may be lost.
  }
  const base::Instant now = host_.core().loop().now();
  trouble.has_line = !is_told;
  if (!is_told) {
    trouble.tell_at = now + kRoomPause;
    return;
  }
  trouble.tell_at = base::kNever;
  trouble.rarely.note_told(now);
  trouble.queues.clear();
}

void Troubles::write_line(const std::string& operation, const Trouble& trouble,
                          const base::Error* error) {
  Logger& logger = host_.core().logger();
  if (!logger.is_enabled(event::LogLevel::warn)) return;
  std::string details = "group=" + group_;
  if (!trouble.first.topic.empty()) details += " topic=" + trouble.first.topic;
  if (!trouble.first.broker_name.empty()) details += " broker=" + trouble.first.broker_name;
  if (trouble.first.queue_id >= 0) details += " queue=" + std::to_string(trouble.first.queue_id);
  if (trouble.queues.size() > 1) {
    details += trouble.first.queue_id >= 0 ? " queues=" : " topics=";
    details += std::to_string(trouble.queues.size());
  }
  if (trouble.rarely.times() > 1) details += " times=" + std::to_string(trouble.rarely.times());
  logger.write(event::LogLevel::warn, operation, details, error);
}

void Troubles::plan() {
  base::Instant next = base::kNever;
  for (const auto& [cause, trouble] : known_) {
    next = std::min(
        next, trouble.tell_at != base::kNever ? trouble.tell_at : trouble.seen_at + kOverAfter);
  }
  host_.core().deadlines().set(due_, next);
}

}  // namespace rmq::client
