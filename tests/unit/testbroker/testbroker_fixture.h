// A simulated world with one server, some clients, and the requests that these tests send.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "protocol/request_code.h"
#include "tests/support/memory_server.h"
#include "tests/support/raw_client.h"

namespace rmq::testbroker {

using namespace std::chrono_literals;
using protocol::RequestCode;

inline wire::Command make_request(RequestCode code, std::int32_t opaque,
                                  std::vector<std::pair<std::string, std::string>> fields = {},
                                  std::string body = {}) {
  wire::Command request;
  request.code = static_cast<std::int32_t>(code);
  request.opaque = opaque;
  request.fields = std::move(fields);
  request.body = std::move(body);
  return request;
}

inline wire::Command make_route_request(std::int32_t opaque, std::string topic,
                                        std::int32_t version = wire::kVersion540) {
  wire::Command request =
      make_request(RequestCode::GET_ROUTEINFO_BY_TOPIC, opaque, {{"topic", topic}});
  request.version = version;
  return request;
}

inline wire::Command make_send(std::int32_t opaque, std::string body, std::string topic = "orders",
                               std::int32_t queue_id = 0,
                               std::string properties =
                                   "UNIQ_KEY\x01"
                                   "ID7\x02") {
  return make_request(RequestCode::SEND_MESSAGE_V2, opaque,
                      {{"a", "group"},
                       {"b", std::move(topic)},
                       {"c", "TBW102"},
                       {"d", "4"},
                       {"e", std::to_string(queue_id)},
                       {"f", "0"},
                       {"g", "1700000000000"},
                       {"h", "7"},
                       {"i", std::move(properties)},
                       {"j", "0"},
                       {"k", "false"},
                       {"m", "false"}},
                      std::move(body));
}

inline wire::Command make_pull(std::int32_t opaque, std::int32_t queue_id, std::int64_t offset,
                               std::string topic = "orders") {
  return make_request(RequestCode::PULL_MESSAGE, opaque,
                      {{"consumerGroup", "group"},
                       {"topic", std::move(topic)},
                       {"queueId", std::to_string(queue_id)},
                       {"queueOffset", std::to_string(offset)},
                       {"maxMsgNums", "32"},
                       {"sysFlag", "4"},
                       {"commitOffset", "0"},
                       {"suspendTimeoutMillis", "0"},
                       {"subscription", "*"},
                       {"subVersion", "1"}});
}

class World {
 public:
  explicit World(ServerOptions options = {}, std::uint64_t seed = 1)
      : network(seed), host(network, "10.0.0.9") {
    SCOPED_TRACE(seed);
    if (options.topics.empty()) options.topics.push_back({.name = "orders"});
    server.emplace(network, "10.0.0.1:10911", std::move(options));
  }

  test::RawClient& connect() { return clients.emplace_back(host, server->address()); }
  void run(base::Duration duration = 20ms) { network.advance(duration); }
  // Sends, lets a little time pass and gives the answer; a default command when there is none.
  wire::Command ask(test::RawClient& client, const wire::Command& request) {
    client.send(request);
    run();
    const wire::Command* answer = client.answer_to(request.opaque);
    if (answer != nullptr) return *answer;
    wire::Command none;
    none.code = kNoAnswer;
    return none;
  }
  static constexpr std::int32_t kNoAnswer = -99;

  transport::MemoryNetwork network;
  transport::MemoryLoop host;
  std::optional<test::MemoryServer> server;
  std::deque<test::RawClient> clients;
};

inline ServerOptions version497() {
  ServerOptions options;
  options.version = kVersion497;
  return options;
}

}  // namespace rmq::testbroker
