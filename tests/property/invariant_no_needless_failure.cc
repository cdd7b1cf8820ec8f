// Where nothing goes wrong, what has time for it succeeds: on slow lines, with large messages, with
// several of them at once.
#include "tests/property/invariant.h"

namespace rmq::sim {
namespace {

// A message has to wait for a large one before it, and each takes up to four seconds.
constexpr base::Duration kTimeEnough = std::chrono::seconds(10);

class NoNeedlessFailure final : public Invariant {
 public:
  using Invariant::Invariant;

  void conclude() override {
    // An impatient large message ends its connection, and with it what else is there.
    const bool is_calm = !world().shape.has_large_bodies() || world().shape.is_patient;
    if (world().has_faults || !is_calm) return;
    for (const SendRecord& send : world().ledger.sends) {
      const bool had_time =
          send.time_limit >= kTimeEnough && send.code != base::ErrorCode::SHUTDOWN;
      if (!had_time || send.is_given_up || send.is_oneway || send.is_cancelled || send.is_applied)
        continue;
      report("send " + send.key + " of " + std::to_string(send.body.size()) +
             " bytes failed with " + std::string(base::error_code_info(send.code).name));
    }
  }
};

const Registration<InvariantKind> kRegistration{
    {"no_needless_failure", make_invariant<NoNeedlessFailure>}};

}  // namespace
}  // namespace rmq::sim
