// Every operation that was accepted ends with exactly one event, and in time.
#include "tests/property/invariant.h"
#include "tests/property/producer_process.h"

namespace rmq::sim {
namespace {

// A send or close may end so much later than its limit: one write timeout (option request_timeout),
// for bytes that still move.
constexpr base::Duration kWriteTimeout = std::chrono::seconds(3);
constexpr base::Duration kSmall = base::milliseconds(50);

class EndsOnce final : public Invariant {
 public:
  using Invariant::Invariant;

  std::string name_unsettled() override {
    for (; first_open_ < sends().size(); ++first_open_) {
      if (sends()[first_open_].events == 0 && !sends()[first_open_].is_given_up) {
        return "the send " + std::to_string(first_open_) + " has no event";
      }
    }
    return {};
  }

  void conclude() override {
    for (std::size_t token = 0; token < sends().size(); ++token) {
      const SendRecord& send = sends()[token];
      const std::string name = "send " + std::to_string(token);
      if (send.is_given_up) continue;
      if (send.events != 1) report(name + " has " + std::to_string(send.events) + " events");
      if (send.ended_at > send.due + kWriteTimeout + send.look_after + kSmall) {
        report(name + " ended " + std::to_string(base::to_ms(send.ended_at - send.due)) +
               " ms after its limit");
      }
    }
    for (const OperationRecord& operation : world().ledger.operations) {
      if (operation.is_given_up) continue;
      if (operation.events != 1) {
        report(std::string("a ") + operation.name + " has " + std::to_string(operation.events) +
               " events");
      }
      if (operation.ended_at > operation.due + kWriteTimeout + operation.look_after + kSmall) {
        report(std::string("a ") + operation.name + " ended " +
               std::to_string(base::to_ms(operation.ended_at - operation.due)) +
               " ms after its limit");
      }
    }
    for (const auto& producer : world().producers) {
      if (producer->inflight() != 0) report("a producer did not get its room back");
    }
  }

 private:
  const std::vector<SendRecord>& sends() { return world().ledger.sends; }

  std::size_t first_open_ = 0;
};

const Registration<InvariantKind> kEndsOnce{{"ends_once", make_invariant<EndsOnce>}};

}  // namespace
}  // namespace rmq::sim
