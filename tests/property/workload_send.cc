// Producers that send in bursts, flush now and then, and come and go.
#include "tests/property/producer_process.h"
#include "tests/property/workload.h"

namespace rmq::sim {
namespace {

class SendWorkload final : public Workload {
 public:
  SendWorkload(World& world, std::uint64_t seed) : world_(world), draw_(seed) {}

  void start() override {
    const auto count = draw_.between(1, 2);
    for (std::int64_t i = 0; i < count; ++i) {
      world_.add_producer(draw_.seed());
      plan_next(world_.producers.size() - 1);
    }
  }

  void end() override {
    for (const auto& producer : world_.producers) producer->flush();
  }

 private:
  void plan_next(std::size_t index) {
    const base::Duration pause = draw_.between(base::milliseconds(100), base::milliseconds(3000));
    world_.after(pause, [this, index] { act(index); });
  }

  void act(std::size_t index) {
    if (world_.is_ending) return;
    ProducerProcess& producer = *world_.producers[index];
    if (draw_.chance(0.03)) {
      producer.end(draw_.between(base::milliseconds(0), base::milliseconds(2000)));
      world_.add_producer(draw_.seed());
      plan_next(world_.producers.size() - 1);
      return;
    }
    producer.send_some(static_cast<int>(draw_.between(1, draw_.chance(0.1) ? 40 : 8)));
    if (draw_.chance(0.1)) producer.flush();
    plan_next(index);
  }

  World& world_;
  Draw draw_;
};

const Registration<WorkloadKind> kSendWorkload{
    {"send", [](World& world, std::uint64_t seed) -> std::unique_ptr<Workload> {
       return std::make_unique<SendWorkload>(world, seed);
     }}};

}  // namespace
}  // namespace rmq::sim
