// Whether a held queue may be read: a queue that is consumed in order is locked at its broker
// first. Loop thread only; owned by the consumer.
#pragma once

#include "base/intrusive_list.h"
#include "protocol/message_queue.h"

namespace rmq::consumer {

// A queue that stands before a gate.
class GateWaiter : public base::ListNode<GateWaiter> {
 public:
  virtual void on_gate_opened() noexcept = 0;

 protected:
  ~GateWaiter() = default;
};

class QueueGate {
 public:
  virtual ~QueueGate() = default;

  // Asked before the queue is located and before each pull.
  virtual bool is_open(const protocol::MessageQueue& queue) = 0;
  // The waiter is called once, when the gate may have opened; it may leave the list before.
  virtual void wait(const protocol::MessageQueue& queue, GateWaiter& waiter) = 0;
  // The queue is lost, or the consumer closes.
  virtual void leave(const protocol::MessageQueue& queue) noexcept = 0;
};

}  // namespace rmq::consumer
