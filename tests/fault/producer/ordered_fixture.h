// A cluster and a producer whose ordered sends are written down by their keys.
#pragma once

#include "protocol/properties.h"
#include "tests/fault/producer/cluster_fixture.h"

namespace rmq::producer::testing {

class OrderedTest : public ClusterTest {
 protected:
  using ClusterTest::ClusterTest;

  void make_cluster(int broker_count) {
    add_name_server(1);
    for (int n = 1; n <= broker_count; ++n) add_broker(n, {{.name = "orders"}});
  }
  testbroker::Script& script(std::size_t broker) { return (*brokers[broker])->script(); }
  static std::string key_of(std::uint64_t token, std::uint64_t keys) {
    return "key-" + std::to_string(token % keys);
  }

  base::Status send_ordered(std::uint64_t token, std::string_view key,
                            base::Duration timeout = std::chrono::seconds(30),
                            std::shared_ptr<const Destination> destination = nullptr) {
    if (!destination) destination = by_key;
    auto message = OutgoingMessage::make(topic).take_value();
    message->set_body(base::as_bytes(body_of(token)));
    EXPECT_TRUE(message->set_sharding_key(key).ok());
    started[token] = network.now();
    auto status =
        producer->send_async(*message, message->body(), destination,
                             {.timeout = timeout, .is_ordered = true, .tag = {.token = token}});
    if (status.ok()) accepted[std::string(key)].push_back(token);
    return status;
  }
  void send_ordered_some(std::uint64_t first, std::uint64_t count, std::uint64_t keys,
                         base::Duration timeout = std::chrono::seconds(30)) {
    for (std::uint64_t token = first; token < first + count; ++token) {
      ASSERT_TRUE(send_ordered(token, key_of(token, keys), timeout).ok());
    }
  }

  // The bodies in a queue, each where it came first.
  std::vector<std::string> bodies_in(std::size_t broker, std::int32_t queue_id) {
    std::vector<std::string> bodies;
    for (const auto& message : (*brokers[broker])->store().messages(topic, queue_id)) {
      if (std::find(bodies.begin(), bodies.end(), message.body) == bodies.end())
        bodies.push_back(message.body);
    }
    return bodies;
  }
  // Of each key, what ended well is stored in the order in which it was sent, in every queue that
  // the key had.
  void expect_order() {
    std::map<std::string, std::pair<std::size_t, std::int64_t>> places;  // body: queue, offset
    std::size_t number = 0;
    for (std::size_t broker = 0; broker < brokers.size(); ++broker) {
      for (std::int32_t id = 0; id < 64; ++id, ++number) {
        for (const auto& message : (*brokers[broker])->store().messages(topic, id)) {
          places.try_emplace(message.body, number, message.queue_offset);
        }
      }
    }
    for (const auto& [key, tokens] : accepted) {
      std::map<std::size_t, std::int64_t> last;
      for (const std::uint64_t token : tokens) {
        if (!ends.contains(token) || ends[token].code != base::ErrorCode::OK) continue;
        ASSERT_TRUE(places.contains(body_of(token))) << "seed " << network.seed() << " " << token;
        const auto [place, offset] = places[body_of(token)];
        if (last.contains(place)) {
          EXPECT_GT(offset, last[place]) << "seed " << network.seed() << " " << key << " " << token;
        }
        last[place] = offset;
      }
    }
  }
  // Of each key, what ended well did so in the order of the sends, whatever queues it went by.
  void expect_ends_in_order() {
    for (const auto& [key, tokens] : accepted) {
      std::vector<std::uint64_t> ended;
      for (const std::uint64_t token : order) {
        const bool is_ours = std::binary_search(tokens.begin(), tokens.end(), token);
        if (is_ours && ends[token].code == base::ErrorCode::OK) ended.push_back(token);
      }
      EXPECT_TRUE(std::is_sorted(ended.begin(), ended.end()))
          << "seed " << network.seed() << " " << key << " " << ::testing::PrintToString(ended);
    }
  }

  const std::shared_ptr<const Destination> by_key = Destination::make_selected(Selector::key_hash);
  std::map<std::string, std::vector<std::uint64_t>> accepted;
};

}  // namespace rmq::producer::testing
