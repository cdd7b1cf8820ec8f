#include "protocol/pop_handle.h"

#include <algorithm>

#include "base/decimal.h"
#include "base/format.h"
#include "protocol/names.h"
#include "protocol/text_split.h"

namespace rmq::protocol {
namespace {

// Remembers the first piece that was no number.
class NumberTaker {
 public:
  explicit NumberTaker(std::string_view text) : rest_(text) {}

  std::string_view take_text() { return take_piece(&rest_, ' '); }
  std::int64_t take_int64() {
    const auto number = base::parse_int64(take_text());
    failed_ = failed_ || !number;
    return number.value_or(0);
  }
  std::int32_t take_int32() {
    const auto number = base::parse_int32(take_text());
    failed_ = failed_ || !number;
    return number.value_or(0);
  }
  PopRetry take_retry() {
    const std::string_view text = take_text();
    const bool known = text == "0" || text == "1" || text == "2";
    failed_ = failed_ || !known;
    return known ? static_cast<PopRetry>(text[0]) : PopRetry::normal;
  }
  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

std::optional<PopOffsets> parse_entry(std::string_view text) {
  NumberTaker taker(text);
  PopOffsets entry{.retry = taker.take_retry(), .queue_id = taker.take_int32(), .offsets = {}};
  std::string_view offsets = taker.take_text();
  if (taker.failed() || !taker.at_end() || offsets.empty()) return std::nullopt;
  while (!offsets.empty()) {
    const auto offset = base::parse_int64(take_piece(&offsets, ','));
    if (!offset) return std::nullopt;
    entry.offsets.push_back(*offset);
  }
  return entry;
}

}  // namespace

PopRetry pop_retry_of(std::string_view topic) {
  if (!is_retry_topic(topic)) return PopRetry::normal;
  // '+' stands in no other topic.
  return topic.find('+') != topic.npos ? PopRetry::retry_v2 : PopRetry::retry_v1;
}

std::string pop_real_topic(PopRetry retry, std::string_view group, std::string_view topic) {
  switch (retry) {
    case PopRetry::retry_v1:
      return pop_retry_topic_v1(group, topic);
    case PopRetry::retry_v2:
      return pop_retry_topic_v2(group, topic);
    case PopRetry::normal:
      break;
  }
  return std::string(topic);
}

std::string to_text(const PopHandle& handle) {
  std::string text = base::format(
      "{} {} {} {} {} {} {}", handle.ck_queue_offset, handle.pop_time_ms, handle.invisible_time_ms,
      handle.revive_queue_id, static_cast<char>(handle.retry), handle.broker_name, handle.queue_id);
  if (handle.queue_offset) text += base::format(" {}", *handle.queue_offset);
  return text;
}

std::optional<PopHandle> parse_pop_handle(std::string_view text) {
  NumberTaker taker(text);
  PopHandle handle;
  handle.ck_queue_offset = taker.take_int64();
  handle.pop_time_ms = taker.take_int64();
  handle.invisible_time_ms = taker.take_int64();
  handle.revive_queue_id = taker.take_int32();
  handle.retry = taker.take_retry();
  handle.broker_name = taker.take_text();
  handle.queue_id = taker.take_int32();
  if (!taker.at_end()) handle.queue_offset = taker.take_int64();
  if (taker.failed() || !taker.at_end()) return std::nullopt;
  return handle;
}

std::optional<std::vector<PopOffsets>> parse_pop_offsets(std::string_view text) {
  std::vector<PopOffsets> entries;
  while (!text.empty()) {
    auto entry = parse_entry(take_piece(&text, ';'));
    if (!entry) return std::nullopt;
    const bool repeated = std::any_of(entries.begin(), entries.end(), [&](const PopOffsets& e) {
      return e.retry == entry->retry && e.queue_id == entry->queue_id;
    });
    if (repeated) return std::nullopt;
    entries.push_back(std::move(*entry));
  }
  return entries;
}

std::optional<std::vector<PopOffsets>> parse_pop_start_offsets(std::string_view text) {
  auto entries = parse_pop_offsets(text);
  if (!entries) return std::nullopt;
  const bool single = std::all_of(entries->begin(), entries->end(), [](const PopOffsets& entry) {
    return entry.offsets.size() == 1;
  });
  return single ? std::move(entries) : std::nullopt;
}

}  // namespace rmq::protocol
