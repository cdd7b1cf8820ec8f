#include "producer/latency_table.h"

#include <algorithm>
#include <cassert>

#include "producer/send_attempt.h"
#include "protocol/fault_duration.h"
#include "protocol/offsets.h"
#include "protocol/response_code.h"

namespace rmq::producer {
namespace {

constexpr base::Duration kIsolation = base::milliseconds(protocol::kIsolatedLatencyMs);
// Without send_latency_fault_enable, after the first time-out; doubled by each one after a rest.
constexpr base::Duration kFirstRest = std::chrono::seconds(2);
constexpr base::Duration kRoundsForgotten = std::chrono::seconds(30);  // after the last rest
constexpr base::Duration kCheckInterval = std::chrono::seconds(3);
constexpr base::Duration kQuestionInterval = std::chrono::seconds(2);  // for one broker
constexpr base::Duration kQuestionTimeout = base::milliseconds(200);
// A try that had less time than this proves nothing by running out of it.
constexpr base::Duration kProofMin = base::milliseconds(100);

// What a broker says of itself, and not of the message or its topic.
bool is_fault_of_broker(std::int32_t response_code) {
  using protocol::ResponseCode;
  switch (static_cast<ResponseCode>(response_code)) {
    case ResponseCode::SYSTEM_ERROR:
    case ResponseCode::SYSTEM_BUSY:
    case ResponseCode::SERVICE_NOT_AVAILABLE:
    case ResponseCode::GO_AWAY:
      return true;
    default:
      return false;
  }
}

bool is_lost_on_the_way(const base::Error& error) {
  const base::ErrorCategory category = base::error_code_info(error.code).category;
  return category == base::ErrorCategory::network || category == base::ErrorCategory::protocol ||
         error.code == base::ErrorCode::SERVER_LEAVING;
}

}  // namespace

LatencyTable::LatencyTable(client::Host& host, bool avoids_slow)
    : host_(host), avoids_slow_(avoids_slow), check_due_(*this) {}

LatencyTable::~LatencyTable() {
  assert(!check_due_.is_queued() && "destroyed while it asks brokers");
}

std::shared_ptr<FaultItem> LatencyTable::item(std::string_view broker_name,
                                              cluster::Endpoint& master) {
  std::pair<std::uint64_t, std::string> key{master.number(), broker_name};
  const auto place = items_.find(key);
  if (place != items_.end()) {
    if (std::shared_ptr<FaultItem> known = place->second.lock()) return known;
  }
  // Brokers come and go: those that no route names are dropped before the table has doubled.
  if (items_.size() >= 2 * items_kept_ + 8) {
    std::erase_if(items_, [](const auto& each) { return each.second.expired(); });
    items_kept_ = items_.size();
  }
  faulty_.reserve(std::max(faulty_.size(), items_.size()) + 1);
  auto made = std::make_shared<FaultItem>(std::string(broker_name), master.shared_from_this());
  items_.insert_or_assign(std::move(key), made);
  return made;
}

// Null: nobody watches the broker, or there is no other to turn to.
FaultItem* LatencyTable::find_item(const SendAttempt& attempt) {
  const PublishRoute* route = attempt.route().get();
  if (route == nullptr || !route->has_several_brokers()) return nullptr;
  return route->brokers()[attempt.choice().broker].fault.get();
}

void LatencyTable::on_try_ended(const SendAttempt& attempt, const AttemptResult& result,
                                base::Duration took) noexcept {
  FaultItem* item = find_item(attempt);
  if (item == nullptr) return;
  if (!result.error) {
    if (result.stored == nullptr) return;  // a one-way send: the broker has said nothing
    item->is_reachable_.store(true, std::memory_order_relaxed);
    item->rounds_ = 0;
    if (avoids_slow_) note_latency(attempt, took);
    return;
  }
  const base::Error& error = *result.error;
  if (error.response_code >= 0) {
    if (!avoids_slow_) return;
    note_latency(attempt, is_fault_of_broker(error.response_code) ? kIsolation : took);
  } else if (error.code == base::ErrorCode::REQUEST_TIMEOUT) {
    note_timeout(attempt, took);
  } else if (avoids_slow_ && is_lost_on_the_way(error)) {
    note_unreachable(attempt, kIsolation);
  }
}

void LatencyTable::note_latency(const SendAttempt& attempt, base::Duration latency) noexcept {
  const std::int64_t ms = protocol::fault_duration_ms(base::to_ms(latency));
  if (ms > 0) avoid(attempt, base::milliseconds(ms));
}

void LatencyTable::note_timeout(const SendAttempt& attempt, base::Duration took) noexcept {
  if (took < kProofMin) return;
  if (avoids_slow_) return note_unreachable(attempt, kIsolation);
  FaultItem& item = *find_item(attempt);
  const base::Instant now = this->now();
  const base::Instant last_rest = item.available_from_.load(std::memory_order_relaxed);
  if (last_rest == base::Instant{} || now - last_rest > kRoundsForgotten) {
    item.rounds_ = 0;
  } else if (now - took >= last_rest) {
    ++item.rounds_;  // it was tried again after its rest
  }
  const base::Duration rest = kFirstRest * (1 << std::min(item.rounds_, 3));
  note_unreachable(attempt, std::min(rest, kIsolation));
}

void LatencyTable::note_unreachable(const SendAttempt& attempt, base::Duration rest) noexcept {
  FaultItem& item = *find_item(attempt);
  item.is_reachable_.store(false, std::memory_order_relaxed);
  try {
    item.topic_ = attempt.topic()->name;
    item.queue_id_ = attempt.choice().queue_id;
  } catch (const std::bad_alloc&) {
    // Any topic will do: a refusal is an answer too.
  }
  avoid(attempt, rest);
}

// The time for which a broker is avoided is only ever made longer.
void LatencyTable::avoid(const SendAttempt& attempt, base::Duration duration) noexcept {
  const std::shared_ptr<FaultItem>& item =
      attempt.route()->brokers()[attempt.choice().broker].fault;
  const base::Instant until = now() + duration;
  if (until > item->available_from_.load(std::memory_order_relaxed))
    item->available_from_.store(until, std::memory_order_relaxed);
  list(item);
}

void LatencyTable::list(std::shared_ptr<FaultItem> item) noexcept {
  if (std::exchange(item->is_listed_, true)) return;
  assert(faulty_.size() < faulty_.capacity() && "more items than item() has given");
  faulty_.push_back(std::move(item));
  has_faults_.store(true, std::memory_order_relaxed);
  if (!check_due_.is_queued()) core().deadlines().set(check_due_, now() + kCheckInterval);
}

void LatencyTable::forget_the_well() noexcept {
  const base::Instant now = this->now();
  std::erase_if(faulty_, [now](const std::shared_ptr<FaultItem>& item) {
    const bool is_well = item->is_reachable() && item->is_available(now);
    // Sending threads let routes go, and only the loop takes more hold of an item.
    const bool has_left = item.use_count() == 1;
    if (is_well || has_left) item->is_listed_ = false;
    return is_well || has_left;
  });
  has_faults_.store(!faulty_.empty(), std::memory_order_relaxed);
}

void LatencyTable::on_deadline(remoting::Deadline&) {
  forget_the_well();
  if (faulty_.empty()) return;
  const base::Instant now = this->now();
  core().deadlines().set(check_due_, now + kCheckInterval);
  for (const std::shared_ptr<FaultItem>& item : faulty_) {
    if (item->is_reachable() || item->is_asked_ || now - item->asked_at_ < kQuestionInterval)
      continue;
    try {
      ask(item);
    } catch (const std::bad_alloc&) {
      return;  // the next round asks
    }
  }
}

void LatencyTable::ask(const std::shared_ptr<FaultItem>& item) {
  remoting::Connection& connection = item->master_->connection();
  connection.want();
  const base::Instant now = this->now();
  if (!questions_) questions_.emplace(core().decorator());
  questions_->ask(
      {connection, item->broker_name_},
      protocol::GetMaxOffsetRequest{.topic = item->topic_, .queue_id = item->queue_id_}, {},
      now + kQuestionTimeout,
      [weak = std::weak_ptr<FaultItem>(item)](const base::Result<std::int64_t>& answer) {
        const std::shared_ptr<FaultItem> asked = weak.lock();
        if (!asked) return;
        asked->is_asked_ = false;
        if (answer.ok() || answer.error().response_code >= 0)
          asked->is_reachable_.store(true, std::memory_order_relaxed);
      });
  item->is_asked_ = true;
  item->asked_at_ = now;
}

void LatencyTable::stop() noexcept {
  core().deadlines().clear(check_due_);
  if (questions_) questions_->forget_all();
}

}  // namespace rmq::producer
