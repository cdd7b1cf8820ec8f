// A process with a push consumer: takes its time with deliveries, and answers them in all the ways
// that users do.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "consumer/group_member.h"
#include "producer/producer.h"
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
  const consumer::GroupMember& consumer() const { return *consumer_; }
  bool is_member() const { return !is_ending() && !is_leaving_; }

 private:
  static consumer::ConsumerOptions make_options(const GroupPlan& group, Draw& draw);
  void on_event(event::Event* event) override;
  void take_delivery(event::Event* event);
  std::string_view find_body(std::string_view key) const;
  void answer(std::uint64_t number);
  void give_answer(event::Event& event);
  void note_answer(const event::Event& event, std::size_t index, bool consumed);

  // What the present holding of a queue has brought.
  struct Holding {
    std::uint64_t epoch = 0;
    std::map<std::int64_t, bool> consumed;  // by queue offset: whether it was answered so
  };
  using Place = std::tuple<std::string, std::string, std::int32_t>;  // topic, broker, queue
  Holding& holding_of(const event::Event& event);
  // No message before it needs to come again.
  static std::int64_t safe_offset(const Holding& holding);
  void abandon() override;
  void on_destroying() override;
  bool drop() override;

  const GroupPlan group_;
  double later_chance_;
  double forget_chance_;
  double slow_chance_;  // an answer comes so late that the queue may have gone and come back
  base::Duration answer_delay_max_;
  bool is_well_behaved_ = false;
  bool is_leaving_ = false;
  std::uint64_t next_number_ = 0;
  std::map<std::uint64_t, event::Event*> held_;  // taken, not yet answered
  std::map<Place, Holding> holdings_;
  std::shared_ptr<consumer::GroupMember> consumer_;
  std::shared_ptr<producer::Producer> companion_;  // perhaps: a second member, which is idle
};

}  // namespace rmq::sim
