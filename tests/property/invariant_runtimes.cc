// A runtime owes its program, whatever the program does with it: a wake-up for each queue that is
// no longer empty, one end of each queue, nothing after that, and all that it took from the loop.
#include "tests/property/consumer_process.h"
#include "tests/property/invariant.h"
#include "tests/property/producer_process.h"

namespace rmq::sim {
namespace {

class Runtimes final : public Invariant {
 public:
  using Invariant::Invariant;

  // What processes see at once goes into the ledger.
  void look() override {
    for (const auto& process : world().producers) process->look();
    for (const auto& process : world().consumers) process->look();
  }
  void conclude() override {
    for (const auto& process : world().producers) process->conclude();
    for (const auto& process : world().consumers) process->conclude();
  }
};

const Registration<InvariantKind> kRuntimes{{"runtimes", make_invariant<Runtimes>}};

}  // namespace
}  // namespace rmq::sim
