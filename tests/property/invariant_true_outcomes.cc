// A send that says applied is stored, one that says not applied is not, and none is stored more
// often than it had attempts whose effect is unknown.
#include "tests/property/invariant.h"

namespace rmq::sim {
namespace {

class TrueOutcomes final : public Invariant {
 public:
  using Invariant::Invariant;

  void conclude() override {
    world().audit.scan();
    const auto& sends = world().ledger.sends;
    for (std::size_t token = 0; token < sends.size(); ++token) check(token, sends[token]);
  }

 private:
  void check(std::size_t token, const SendRecord& send) {
    if (send.is_given_up) return;
    const int copies = world().audit.copies(send.topic, send.key);
    const std::string name = "send " + std::to_string(token) + " (" +
                             std::to_string(static_cast<int>(send.code)) + ") is stored " +
                             std::to_string(copies) + " times";
    if (send.is_oneway) {
      // It is with the kernel, and nobody knows more.
      if (copies > 1) report(name + ", and was sent once without a question");
      if (send.outcome == base::Outcome::not_applied && copies != 0) report(name + ", not applied");
      return;
    }
    const bool is_applied = send.is_applied || send.outcome == base::Outcome::applied;
    if (is_applied && copies == 0) report(name + ", and was reported applied");
    if (!is_applied && send.outcome == base::Outcome::not_applied && copies != 0) {
      report(name + ", and was reported not applied");
    }
    const int most = send.uncertain_attempts + (is_applied ? 1 : 0);
    if (copies > most) report(name + ", at most " + std::to_string(most) + " are explained");
    if (copies > send.attempts_max) {
      report(name + ", and had " + std::to_string(send.attempts_max) + " attempts at most");
    }
  }
};

const Registration<InvariantKind> kTrueOutcomes{{"true_outcomes", make_invariant<TrueOutcomes>}};

}  // namespace
}  // namespace rmq::sim
