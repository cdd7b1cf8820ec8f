// One process of a group in a simulated world: a ClientCore on a MemoryLoop with a push consumer,
// its event queue, and what the test has taken from it. The test is the calling thread and the loop
// thread at once.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "client/host.h"
#include "consumer/push_consumer.h"
#include "transport/memory_loop.h"
#include "transport/memory_network.h"

namespace rmq::consumer::testing {

class SimulatedHost final : public client::Host, private remoting::StreamFactory {
 public:
  SimulatedHost(transport::MemoryNetwork& network, const std::string& address,
                const std::string& name_server, client::CoreOptions options = {})
      : network_(network),
        loop_(network, address),
        client_id_(address + "@simulated"),
        logger_(event::LogLevel::off, client_id_),
        core_(loop_, *this, make_options(client_id_, name_server, std::move(options)), logger_) {}

  // What the runtime does at its end.
  void close(base::Duration timeout = {}) {
    if (is_closed_) return;
    core_.begin_close(now() + timeout, [this] { is_closed_ = true; });
    network_.run_until([this] { return is_closed_; }, std::chrono::seconds(60));
    EXPECT_TRUE(is_closed_);
  }

  transport::MemoryLoop& loop() { return loop_; }
  client::ClientCore& core() override { return core_; }
  // Other threads see the clock as the test's own thread last did.
  base::Instant now() const override {
    if (std::this_thread::get_id() == owner_) last_now_ = network_.now();
    return last_now_;
  }
  std::int64_t wall_ms() const override {
    return 1'700'000'000'000 + base::to_ms(network_.now().time_since_epoch());
  }
  const std::string& client_id() const override { return client_id_; }
  std::size_t make_unique_id(char* out) override {
    return static_cast<std::size_t>(std::snprintf(out, 33, "%032X", next_id_++));
  }
  base::Status check_running() const override { return {}; }
  bool is_forked() const override { return false; }
  bool may_block() const override { return false; }
  bool is_in_callback() const override { return false; }

 private:
  static client::CoreOptions make_options(const std::string& client_id,
                                          const std::string& name_server,
                                          client::CoreOptions options) {
    options.client_id = client_id;
    options.name_servers = {transport::HostPort::parse(name_server).take_value()};
    return options;
  }
  base::Result<std::unique_ptr<transport::ByteStream>> make_stream(
      const transport::HostPort&) override {
    return loop_.make_stream();
  }

  transport::MemoryNetwork& network_;
  transport::MemoryLoop loop_;
  const std::string client_id_;
  client::Logger logger_;
  client::ClientCore core_;
  const std::thread::id owner_ = std::this_thread::get_id();
  mutable std::atomic<base::Instant> last_now_{};
  unsigned next_id_ = 1;
  bool is_closed_ = false;
};

// Destroys the event, as the user would.
struct DestroyEvent {
  void operator()(event::Event* event) const { event->destroy(); }
};
using EventPointer = std::unique_ptr<event::Event, DestroyEvent>;

class SimulatedMember {
 public:
  SimulatedMember(transport::MemoryNetwork& network, const std::string& address,
                  const std::string& name_server, ConsumerOptions options,
                  client::CoreOptions core_options = {})
      : host(std::make_shared<SimulatedHost>(network, address, name_server,
                                             std::move(core_options))),
        queue(std::make_shared<event::EventQueue>(100)),
        consumer(PushConsumer::make(host, std::move(options), queue, 7, nullptr)) {}

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
      for (const client::Message* message : event->messages())
        bodies.emplace_back(base::as_text(message->fields().body));
      EXPECT_TRUE(event->answer(event::AnswerKind::success, 0).ok());
    }
    return bodies;
  }

  std::shared_ptr<SimulatedHost> host;
  std::shared_ptr<event::EventQueue> queue;
  std::shared_ptr<PushConsumer> consumer;
};

}  // namespace rmq::consumer::testing
