// Names for a driven loop whose host resolves none itself: looked up on the loop thread, which
// blocks meanwhile.
//
// The loop has one name looked up in a step, once for all who ask for it, whatever their ports. Due
// timers run before. So askers whose deadline has passed have given up, and their names are not
// looked up.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "transport/loop_services.h"
#include "transport/name_look_up.h"
#include "transport/pending_look_ups.h"

namespace rmq::transport {

class InlineResolver final : public OwnedResolver, private TurnEndHandler {
 public:
  InlineResolver(Loop& loop, NameLookUp look_up)
      : look_up_(std::move(look_up)), turn_end_(loop.make_turn_end_task(*this)) {}

  std::unique_ptr<Resolution> resolve(const HostPort& name, Done done) override;
  void close(base::Duration) override { pending_.forget_all(); }

  bool has_questions() const { return !questions_.empty(); }
  void look_up_first() noexcept;

 private:
  void on_turn_end() override { pending_.answer_literals(); }
  void try_look_up_first();

  const NameLookUp look_up_;
  PendingLookUps pending_;
  std::vector<std::pair<std::uint64_t, HostPort>> questions_;
  std::unique_ptr<TurnEndTask> turn_end_;
};

}  // namespace rmq::transport
