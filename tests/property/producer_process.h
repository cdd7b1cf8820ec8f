// A process that sends, and writes down how each send ended.
#pragma once

#include <optional>

#include "producer/producer.h"
#include "tests/property/process.h"

namespace rmq::sim {

class ProducerProcess final : public Process {
 public:
  ProducerProcess(World& its_world, std::uint64_t seed);

  void send_some(int count);
  void send_one();
  void flush();
  std::int64_t inflight() const { return producer_ ? producer_->inflight() : 0; }

 private:
  producer::ProducerOptions make_options();
  std::shared_ptr<const producer::Destination> choose_destination();
  // Sometimes makes the send an ordered one.
  void choose_order(producer::OutgoingMessage& message, SendRecord& record);
  bool add_noise(SendRecord& record);
  void on_event(event::Event* event) override;
  void take_send(const event::Event& event);
  void abandon() override { producer_->abandon(); }
  bool drop() override;

  std::shared_ptr<producer::Producer> producer_;
  std::optional<std::uint64_t> large_token_;  // the last one
  const std::shared_ptr<const producer::Destination> by_key_ =
      producer::Destination::make_selected(producer::Selector::key_hash);
  const std::string name_ = world.next_address();  // in the ledger
  const double ordered_share_;
};

}  // namespace rmq::sim
