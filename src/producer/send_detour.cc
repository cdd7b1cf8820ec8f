#include "producer/send_detour.h"

#include <algorithm>

#include "producer/send_attempt.h"

namespace rmq::producer {
namespace {

constexpr std::size_t kTriesTold = 16;

}  // namespace

SendDetour::SendDetour(SendAttempt& owner, remoting::Deadlines& loop_deadlines)
    : attempt(owner), deadlines(loop_deadlines), deadline(*this) {}

SendDetour::~SendDetour() {
  unlink_if_linked();
  deadlines.clear(deadline);
}

void SendDetour::on_deadline(remoting::Deadline&) { attempt.expire(); }

void SendDetour::note_try(std::string_view broker_name, base::ErrorCode code,
                          base::Outcome outcome) {
  worst = std::max(worst, outcome);
  // An ordered send may be tried at one broker very often.
  const bool is_known = std::any_of(tries.begin(), tries.end(), [&](const Try& each) {
    return each.code == code && each.broker_name == broker_name;
  });
  if (is_known && tries.size() >= kTriesTold) return;
  tries.push_back({std::string(broker_name), code});
}

bool SendDetour::has_tried(std::string_view broker_name) const {
  return std::any_of(tries.begin(), tries.end(),
                     [&](const Try& each) { return each.broker_name == broker_name; });
}

void SendDetour::add_context(base::Error* error) const {
  error->outcome = std::max(error->outcome, worst);
  if (tries.empty()) return;
  std::string before;
  for (const Try& each : tries) {
    if (!before.empty()) before += ", ";
    before += each.broker_name;
    before += " (";
    before += base::error_code_info(each.code).name;
    before += ")";
  }
  error->message += "; tried before: " + before;
}

void SendDetour::keep(const protocol::SendMessageResponse& answer, std::string_view broker_name) {
  Stored kept{answer, std::string(broker_name), {}};
  std::string_view* const texts[] = {&kept.answer.msg_id, &kept.answer.transaction_id,
                                     &kept.answer.recall_handle, &kept.answer.region_id};
  for (const std::string_view* text : texts) kept.texts += *text;
  kept.answer.batch_uniq_id = {};
  stored = std::move(kept);
  // Views into the kept copy, at its final place.
  std::string_view* const final_texts[] = {&stored->answer.msg_id, &stored->answer.transaction_id,
                                           &stored->answer.recall_handle,
                                           &stored->answer.region_id};
  std::size_t start = 0;
  for (std::string_view* text : final_texts) {
    const std::size_t bytes = text->size();
    *text = std::string_view(stored->texts).substr(start, bytes);
    start += bytes;
  }
}

}  // namespace rmq::producer
