// Asks the host for the addresses of names. Each look-up becomes an RMQ_EVENT_RESOLVE on the queue
// that the host chose, and ends with the host's answer, from any thread. The default answer, taken
// when the event is destroyed unanswered, is "cannot be resolved". When the connection gives up
// waiting first, the event leaves the queue, and the answer of one that was taken is stale.
#pragma once

#include <memory>

#include "client/host.h"
#include "event/event_queue.h"
#include "transport/loop.h"

namespace rmq::client {

class QuestionResolver final : public transport::Resolver {
 public:
  // `tag` of each question.
  QuestionResolver(std::weak_ptr<Host> host, std::shared_ptr<event::EventQueue> queue,
                   event::Tag tag)
      : host_(std::move(host)), queue_(std::move(queue)), tag_(tag) {}

  std::unique_ptr<transport::Resolution> resolve(const transport::HostPort& name,
                                                 Done done) override;

 private:
  const std::weak_ptr<Host> host_;
  const std::shared_ptr<event::EventQueue> queue_;
  const event::Tag tag_;
};

}  // namespace rmq::client
