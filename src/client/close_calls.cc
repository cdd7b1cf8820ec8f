#include "client/close_calls.h"

namespace rmq::client {

void CloseCalls::update(const config::Config& changes) {
  if (!changes.is_set(config::OptionId::kCloseTimeout)) return;
  timeout_ = changes.duration(config::OptionId::kCloseTimeout);
}

void CloseCalls::end(ClientCore& core, const CutShort& cut_short) noexcept {
  while (ControlOperation* close = waiting_.pop_front()) {
    if (cut_short.count == 0) {
      close->complete(core);
    } else {
      close->fail_with_rest(core, base::ErrorCode::CLOSE_TIMEOUT, cut_short.count, cut_short.what,
                            cut_short.hint);
    }
  }
}

}  // namespace rmq::client
