// Concurrent consumption of one queue: any number of deliveries at once, answered in any order;
// messages that were not consumed are sent back. Loop thread only.
#pragma once

#include "base/intrusive_list.h"
#include "consumer/consumer_context.h"
#include "consumer/consumption.h"
#include "consumer/send_back.h"
#include "remoting/deadlines.h"

namespace rmq::consumer {

class ConcurrentConsumption final : public Consumption,
                                    private DeliveryHandler,
                                    private SendBackHandler,
                                    private remoting::DeadlineHandler {
 public:
  ConcurrentConsumption(ConsumerContext& context, const protocol::MessageQueue& queue,
                        ConsumptionHandler& handler)
      : context_(context), queue_(queue), handler_(handler), offer_due_(*this) {}
  ~ConcurrentConsumption() override { drop(); }

  void begin(std::shared_ptr<const Holding> holding) override;
  void on_pulled(const std::shared_ptr<PulledMessages>& pulled,
                 std::span<const client::ReceivedMessage* const> messages,
                 OffsetWindow::Ticket first_ticket) override;
  void withdraw() noexcept override;
  std::size_t drop() noexcept override;
  void expire(base::Instant now) override;
  bool is_quiet() override;

 private:
  using DeliveryList = base::IntrusiveList<Delivery, Delivery>;

  void on_answered(Delivery& delivery) noexcept override;
  void on_sent_back(SendBack& send_back) noexcept override;
  void on_send_back_failed(SendBack& send_back) noexcept override;
  void on_send_back_pausing() noexcept override { handler_.on_quiet(); }
  void on_deadline(remoting::Deadline& deadline) override;

  void deliver(Delivery::Content content);
  void deliver(Delivery* delivery);
  // Out of deliveries_, with the reference that it stood for.
  static Delivery::Ref remove(Delivery& delivery) noexcept;
  void give_back(const Delivery& delivery);
  void forget_given_back() noexcept;
  void send_back(Delivery& delivery, std::size_t index, std::int32_t delay_level);

  ConsumerContext& context_;
  const protocol::MessageQueue& queue_;
  ConsumptionHandler& handler_;
  std::shared_ptr<const Holding> holding_;
  DeliveryList deliveries_;  // queued, taken, or answered and in the inbox; one reference each
  base::IntrusiveList<SendBack, SendBack> send_backs_;  // owned
  DeliveryList given_back_;                             // to be offered again at offer_due_; owned
  remoting::Deadline offer_due_;
  base::Duration offer_pause_{};  // before the next offer of what is given back
  bool is_withdrawn_ = false;
};

}  // namespace rmq::consumer
