// Names for a driven loop whose host resolves none itself: looked up at the end of the turn, on the
// loop thread, which blocks meanwhile.
//
// One name is looked up in a step, once for all who ask for it, whatever their ports. The next one
// waits for a later step, whose timers run before. So askers whose deadline passed meanwhile have
// given up, and their names are not looked up.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "transport/loop_services.h"
#include "transport/name_look_up.h"
#include "transport/pending_look_ups.h"

namespace rmq::transport {

class InlineResolver final : public OwnedResolver, private TurnEndHandler, private TimerHandler {
 public:
  InlineResolver(Loop& loop, NameLookUp look_up)
      : loop_(loop),
        look_up_(std::move(look_up)),
        turn_end_(loop.make_turn_end_task(*this)),
        next_(loop.make_timer(*this)) {}

  std::unique_ptr<Resolution> resolve(const HostPort& name, Done done) override;
  void close(base::Duration) override { pending_.forget_all(); }

 private:
  void on_turn_end() override;
  void on_timer() override;
  void answer_literals();
  void look_up_first();

  Loop& loop_;
  const NameLookUp look_up_;
  PendingLookUps pending_;
  std::vector<std::pair<std::uint64_t, HostPort>> questions_;
  std::vector<std::pair<std::uint64_t, SocketAddress>> literals_;
  bool is_pausing_ = false;  // until next_ is due
  std::unique_ptr<TurnEndTask> turn_end_;
  std::unique_ptr<Timer> next_;
};

}  // namespace rmq::transport
