#include "transport/inline_resolver.h"

#include <algorithm>
#include <new>
#include <optional>
#include <string>

namespace rmq::transport {

std::unique_ptr<Resolution> InlineResolver::resolve(const HostPort& name, Done done) {
  std::uint64_t number = 0;
  auto resolution = pending_.add(std::move(done), &number);
  if (pending_.add_literal(number, name)) {
    turn_end_->schedule();
  } else {
    questions_.emplace_back(number, name);
  }
  return resolution;
}

void InlineResolver::look_up_first() noexcept {
  try {
    try_look_up_first();
  } catch (const std::bad_alloc&) {
    // The questions stay for the next step.
  }
}

void InlineResolver::try_look_up_first() {
  std::erase_if(questions_, [&](const auto& question) { return !pending_.wanted(question.first); });
  if (questions_.empty()) return;
  const std::string host = questions_.front().second.host;
  const auto others =
      std::stable_partition(questions_.begin(), questions_.end(),
                            [&](const auto& question) { return question.second.host == host; });
  const decltype(questions_) asked(questions_.begin(), others);
  questions_.erase(questions_.begin(), others);
  std::optional<PendingLookUps::Answer> answer;
  try {
    answer = look_up_({host, 0});
  } catch (const std::bad_alloc&) {
    // Each asker is told.
  }
  for (const auto& [number, name] : asked) {
    if (answer) {
      pending_.answer_from(number, *answer, name.port);
    } else {
      pending_.refuse_for_memory(number);
    }
  }
}

}  // namespace rmq::transport
