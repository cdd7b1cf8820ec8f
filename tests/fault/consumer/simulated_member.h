// One process of a group in a simulated world: a ClientCore on a MemoryLoop with a push consumer,
// its event queue, and what the test has taken from it. The test is the calling thread and the loop
// thread at once.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "consumer/group_member.h"
#include "tests/support/simulated_host.h"

namespace rmq::consumer::testing {

// Destroys the event, as the user would.
struct DestroyEvent {
  void operator()(event::Event* event) const { event->destroy(); }
};
using EventPointer = std::unique_ptr<event::Event, DestroyEvent>;

inline const ConsumerParts* push_parts() {
  return find_parts(ConsumerKind::push_concurrent, protocol::MessageModel::clustering);
}

class SimulatedMember {
 public:
  SimulatedMember(transport::MemoryNetwork& network, const std::string& address,
                  const std::string& name_server, ConsumerOptions options,
                  client::CoreOptions core_options = {})
      : host(std::make_shared<test::SimulatedHost>(network, address, name_server,
                                                   std::move(core_options))),
        queue(std::make_shared<event::EventQueue>(100)),
        consumer(GroupMember::make(host, *push_parts(), std::move(options), queue, {.token = 7})) {}

  // Everything that waits, without an answer yet.
  std::vector<EventPointer> take(std::size_t max = SIZE_MAX) {
    std::vector<EventPointer> events;
    event::Event* event = nullptr;
    for (std::size_t count = 0;
         events.size() < max && queue->poll({&event, 1}, base::Duration::zero(), &count) ==
                                    event::EventQueue::PollEnd::events;) {
      events.emplace_back(event);
    }
    return events;
  }

  // Takes and answers everything that waits; gives the bodies.
  std::vector<std::string> consume() {
    std::vector<std::string> bodies;
    for (const EventPointer& event : take()) {
      if (event->type() != event::EventType::delivery) continue;
      for (const message::Message* message : event->parts().messages)
        bodies.emplace_back(base::as_text(message->fields().body));
      EXPECT_TRUE(event->answer({.kind = event::AnswerKind::success}).ok());
    }
    return bodies;
  }

  std::shared_ptr<test::SimulatedHost> host;
  std::shared_ptr<event::EventQueue> queue;
  std::shared_ptr<GroupMember> consumer;
};

}  // namespace rmq::consumer::testing
