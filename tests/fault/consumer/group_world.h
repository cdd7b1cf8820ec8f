// A NameServer and brokers with one topic, and members of one group, in a simulated world.
#pragma once

#include <map>
#include <set>

#include "protocol/names.h"
#include "tests/fault/consumer/simulated_member.h"
#include "tests/support/memory_server.h"

namespace rmq::consumer::testing {

using namespace std::chrono_literals;
using base::ErrorCode;
using event::AnswerKind;
using protocol::RequestCode;
namespace fault = testbroker::fault;

inline constexpr std::string_view kBroker = "10.0.0.1:10911";
inline constexpr const char* kTopic = "orders";
inline constexpr const char* kGroup = "readers";

class GroupWorld : public ::testing::Test {
 protected:
  explicit GroupWorld(std::uint64_t seed = 1) : network(seed) {}

  void make_broker(std::int32_t queues = 4) {
    testbroker::ServerOptions server_options;
    server_options.topics = {{.name = kTopic, .read_queues = queues, .write_queues = queues}};
    broker = std::make_unique<test::MemoryServer>(network, kBroker, server_options);
  }

  ConsumerOptions make_options() const {
    ConsumerOptions options;
    options.group = kGroup;
    return options;
  }

  // Messages with bodies "<first>", "<first + 1>", ... in all queues in turn.
  void store(int count, int first = 0, const std::string& tag = "") {
    const std::int32_t queues = (*broker)->state().find_topic(kTopic)->read_queues;
    for (int i = first; i < first + count; ++i) {
      testbroker::Message message;
      message.topic = kTopic;
      message.queue_id = i % queues;
      message.body = std::to_string(i);
      if (!tag.empty()) message.properties = "TAGS\x01" + tag + "\x02";
      (*broker)->store().append(std::move(message));
    }
  }

  std::unique_ptr<SimulatedMember> make_member(const std::string& address, ConsumerOptions options,
                                               client::CoreOptions core_options = {}) {
    auto member = std::make_unique<SimulatedMember>(network, address, std::string(kBroker),
                                                    std::move(options), std::move(core_options));
    EXPECT_TRUE(member->consumer->subscribe(kTopic, FilterType::tag, "").ok());
    return member;
  }
  std::unique_ptr<SimulatedMember> start_member(const std::string& address, ConsumerOptions options,
                                                client::CoreOptions core_options = {}) {
    auto member = make_member(address, std::move(options), std::move(core_options));
    const base::Status status = member->consumer->start();
    EXPECT_TRUE(status.ok()) << status.error().message;
    return member;
  }

  std::optional<std::int64_t> committed(std::int32_t queue_id) {
    return (*broker)->offsets().find(kGroup, kTopic, queue_id);
  }
  std::int64_t committed_in_all() {
    std::int64_t sum = 0;
    for (std::int32_t i = 0; i < (*broker)->state().find_topic(kTopic)->read_queues; ++i)
      sum += committed(i).value_or(0);
    return sum;
  }

  void end(std::unique_ptr<SimulatedMember>& member) {
    if (!member) return;
    member->consumer->abandon();
    EXPECT_TRUE(member->host->close());
    member.reset();
  }

  transport::MemoryNetwork network;
  std::unique_ptr<test::MemoryServer> broker;
};

}  // namespace rmq::consumer::testing
