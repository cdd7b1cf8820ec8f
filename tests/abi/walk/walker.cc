#include "tests/abi/walk/walker.h"

#include <cstring>
#include <string>

#include "tests/abi/walk/finding.h"

namespace rmq::walk {
namespace {

unsigned total_weight() {
  unsigned total = 0;
  for (const Action& action : all_actions()) total += action.weight;
  return total;
}

}  // namespace

const std::vector<Action>& all_actions() {
  static const std::vector<Action> actions = [] {
    std::vector<Action> list;
    add_runtime_actions(list);
    add_queue_actions(list);
    add_producer_actions(list);
    add_consumer_actions(list);
    add_trouble_actions(list);
    return list;
  }();
  return actions;
}

void Walker::step() {
  static const unsigned total = total_weight();
  std::uint64_t place = below(total);
  for (std::size_t i = 0; i < all_actions().size(); ++i) {
    const Action& action = all_actions()[i];
    if (place < action.weight) {
      action_ = i;
      action.run(*this);
      return;
    }
    place -= action.weight;
  }
}

void Walker::note_call(std::int32_t code, rmq_error_t* error) {
  note_call();
  if (code == RMQ_OK && error != nullptr)
    report_finding("a call that returned RMQ_OK set an error");
  if (code == RMQ_ERROR_INTERNAL) {
    report_finding(std::string("INTERNAL from ") + std::string(action()) + ": " +
                   rmq_error_message(error));
  }
  if (error == nullptr) return;
  rmq_error_view_t view;
  if (rmq_error_view(error, &view, sizeof view) != RMQ_OK || view.code != code ||
      std::strlen(view.message) != view.message_bytes || view.message_bytes == 0) {
    report_finding("the error object does not fit the code " + std::to_string(code));
  }
  rmq_error_destroy(error);
}

std::shared_ptr<RuntimeHandle> Walker::awaited() {
  std::lock_guard lock(awaited_mutex_);
  return awaited_;
}

void Walker::set_awaited(std::shared_ptr<RuntimeHandle> runtime) {
  std::lock_guard lock(awaited_mutex_);
  awaited_ = std::move(runtime);
}

}  // namespace rmq::walk
