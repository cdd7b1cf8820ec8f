// What becomes of the messages of one held queue once they were pulled: the part in which
// concurrent, orderly and broadcasting consumption differ.
#pragma once

#include <memory>
#include <span>

#include "consumer/delivery.h"

namespace rmq::consumer {

// Loop thread only; owned by its ProcessQueue.
class Consumption {
 public:
  virtual ~Consumption() = default;

  // The queue was gained, or begins anew at another offset: earlier deliveries count no more.
  virtual void begin(std::shared_ptr<const Holding> holding) = 0;
  // The messages in rising order, with tickets from `first_ticket` on.
  virtual void on_pulled(const std::shared_ptr<PulledMessages>& pulled,
                         std::span<const client::ReceivedMessage* const> messages,
                         OffsetWindow::Ticket first_ticket) = 0;

  // What nobody has taken is withdrawn; what was taken may still be answered.
  virtual void withdraw() noexcept = 0;
  // The queue is lost: no answer counts any more. Returns how many deliveries were with the user.
  virtual std::size_t drop() noexcept = 0;
  // Ends what was taken too long ago.
  virtual void expire(base::Instant now) = 0;
  // Nothing is with the user and nothing is on its way back to a broker.
  virtual bool is_quiet() = 0;
};

// What a consumption tells its ProcessQueue.
class ConsumptionHandler {
 public:
  // The message needs no more attention. Never destroys the consumption.
  virtual void on_finished(OffsetWindow::Ticket ticket, PulledMessages& pulled) noexcept = 0;
  // is_quiet() may have become true. Never destroys the consumption.
  virtual void on_quiet() noexcept = 0;
  // Memory was too short to go on: begins the queue again at its committed offset.
  virtual void on_broken() noexcept = 0;

 protected:
  ~ConsumptionHandler() = default;
};

}  // namespace rmq::consumer
