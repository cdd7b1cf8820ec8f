// SEARCH_OFFSET_BY_TIMESTAMP (29): the place of a time in a queue.
#include <utility>

#include "testbroker/handler_table.h"
#include "testbroker/queue_request.h"

namespace rmq::testbroker {
namespace {

class TimeSearch {
 public:
  TimeSearch(const Store& store, const QueueRequest& queue)
      : store_(store),
        queue_(queue),
        min_(store.min_offset(queue.topic, queue.queue_id)),
        max_(store.max_offset(queue.topic, queue.queue_id)) {}

  bool is_empty() const { return min_ == max_; }
  std::int64_t min() const { return min_; }
  std::int64_t max() const { return max_; }
  std::int64_t store_ms(std::int64_t offset) const {
    const Message* message = store_.find(queue_.topic, queue_.queue_id, offset);
    return message == nullptr ? 0 : message->store_ms;
  }

  // The first message for which the time is not before `ms`, or, with `after`, is past it; the
  // queue's end when there is none.
  std::int64_t find_first(std::int64_t ms, bool after) const {
    std::int64_t low = min_;
    std::int64_t high = max_;
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      const std::int64_t time = store_ms(middle);
      if (time < ms || (after && time == ms)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

 private:
  const Store& store_;
  const QueueRequest& queue_;
  const std::int64_t min_;
  const std::int64_t max_;
};

// The first message of that time or later, or the last one of that time or earlier.
std::int64_t search(const TimeSearch& queue, std::int64_t ms, bool upper) {
  if (!upper) return queue.find_first(ms, false);
  const std::int64_t past = queue.find_first(ms, true);
  return past == queue.min() ? 0 : past - 1;
}

// 4.9 gives the message whose time is nearest.
std::int64_t search_nearest(const TimeSearch& queue, std::int64_t ms) {
  const std::int64_t right = queue.find_first(ms, false);
  if (right == queue.min()) return right;
  if (right == queue.max()) return right - 1;
  const std::int64_t to_right = queue.store_ms(right) - ms;
  const std::int64_t to_left = ms - queue.store_ms(right - 1);
  return to_left > to_right ? right : right - 1;
}

}  // namespace

Handled handle_search_offset(const RequestContext& context, wire::Command* answer) {
  QueueRequest queue;
  Refusal refusal = read_queue(context.request, &queue);
  const auto ms = context.request.field_int64("timestamp");
  if (!refusal.refused() && !ms) refusal = refuse_null("the field timestamp");
  if (refusal.refused()) return finish(answer, std::move(refusal));
  const TimeSearch times(context.state.store, queue);
  if (times.is_empty()) return answer_offset(0, answer);
  if (!context.state.options.is_5x()) return answer_offset(search_nearest(times, *ms), answer);
  const std::string_view boundary = context.request.field("boundaryType").value_or("LOWER");
  return answer_offset(search(times, *ms, boundary == "UPPER" || boundary == "upper"), answer);
}

}  // namespace rmq::testbroker
