// A producer of transactions in a simulated cluster: takes its events one by one and keeps them
// until the test has answered.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/end_transaction.h"
#include "protocol/request_code.h"
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {

using event::AnswerKind;
using protocol::RequestCode;
using std::chrono::minutes;
using std::chrono::seconds;

struct DestroyEvent {
  void operator()(event::Event* event) const { event->destroy(); }
};
using OwnedEvent = std::unique_ptr<event::Event, DestroyEvent>;

class TransactionTest : public ClusterTest {
 protected:
  // NameServer, one broker with the topic `orders`, and the producer. Rounds of questions come each
  // 30 s, about what is older than 6 s.
  test::MemoryServer& start_one_broker(ProducerOptions options = {}) {
    add_name_server(1);
    test::MemoryServer& broker = add_broker(1, {{.name = "orders"}});
    start("10.0.1.1:9876", std::move(options));
    return broker;
  }

  base::Status send_half(std::uint64_t token, SendMode mode = SendMode::event,
                         std::shared_ptr<const Destination> destination = nullptr) {
    auto message = OutgoingMessage::make(topic).take_value();
    message->set_body(base::as_bytes(body_of(token)));
    return producer->send_async(*message, message->body(), destination,
                                {.mode = mode, .is_half = true, .tag = {.token = token}});
  }
  // Answers come, and what they cause.
  void settle() { network.advance(std::chrono::milliseconds(200)); }
  // Null: there is none.
  OwnedEvent poll() {
    event::Event* event = nullptr;
    std::size_t count = 0;
    queue->poll({&event, 1}, base::Duration::zero(), &count);
    return OwnedEvent(event);
  }
  // Sends, and gives the event of a half message that was stored.
  OwnedEvent begin(std::uint64_t token) {
    EXPECT_TRUE(send_half(token).ok());
    settle();
    OwnedEvent event = poll();
    EXPECT_TRUE(event && event->parts().wants_answer)
        << (event && event->error() ? event->error()->message : "");
    return event;
  }
  static base::ErrorCode answer(const OwnedEvent& event, AnswerKind kind) {
    return event->answer({.kind = kind}).code();
  }
  static bool is_check(const OwnedEvent& event) {
    return event && event->type() == event::EventType::transaction_check;
  }
  static std::string body_in(const OwnedEvent& event) {
    const auto messages = event->parts().messages;
    return messages.empty() ? "" : std::string(base::as_text(messages[0]->fields().body));
  }

  // Of what consumers can read.
  std::vector<std::string> delivered() {
    std::vector<std::string> bodies;
    for (const auto& broker : brokers) {
      for (const auto& message : (*broker)->store().messages(topic)) bodies.push_back(message.body);
    }
    return bodies;
  }
  std::uint64_t count(RequestCode code) {
    std::uint64_t requests = 0;
    for (const auto& broker : brokers) {
      const auto& by_code = (*broker)->counts().requests_by_code;
      const auto found = by_code.find(static_cast<std::int32_t>(code));
      if (found != by_code.end()) requests += found->second;
    }
    return requests;
  }
  std::uint64_t ends_told() { return count(RequestCode::END_TRANSACTION); }

  using Bodies = std::vector<std::string>;
};

}  // namespace rmq::producer::testing
