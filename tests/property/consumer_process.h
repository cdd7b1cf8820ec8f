// A process with a push consumer: takes its time with deliveries, and answers them in all the ways
// that users do.
#pragma once

#include <map>

#include "consumer/push_consumer.h"
#include "tests/property/process.h"

namespace rmq::sim {

class ConsumerProcess final : public Process {
 public:
  ConsumerProcess(World& its_world, const GroupPlan& group, std::uint64_t seed);
  ~ConsumerProcess() override;

  // Closes the consumer first, as a well-behaved program does, then the rest.
  void leave(base::Duration timeout);
  // From now on it answers everything at once, and with SUCCESS.
  void behave();
  const GroupPlan& group() const { return group_; }
  const consumer::PushConsumer& consumer() const { return *consumer_; }
  bool is_member() const { return !is_ending() && !is_leaving_; }

 private:
  static consumer::ConsumerOptions make_options(const GroupPlan& group, Draw& draw);
  void on_event(event::Event* event) override;
  void take_delivery(event::Event* event);
  std::string_view find_body(std::string_view key) const;
  void answer(std::uint64_t number);
  void give_answer(event::Event& event);
  void note_answer(const event::Event& event, std::size_t index, bool consumed);
  void abandon() override { consumer_->abandon(); }

  const GroupPlan group_;
  double later_chance_;
  double forget_chance_;
  double slow_chance_;  // an answer comes so late that the queue may have gone and come back
  base::Duration answer_delay_max_;
  bool is_well_behaved_ = false;
  bool is_leaving_ = false;
  std::uint64_t next_number_ = 0;
  std::map<std::uint64_t, event::Event*> held_;  // taken, not yet answered
  std::shared_ptr<consumer::PushConsumer> consumer_;
};

}  // namespace rmq::sim
