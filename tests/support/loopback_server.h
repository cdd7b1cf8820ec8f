// A server on 127.0.0.1 with a loop thread of its own, for tests that come in through real sockets
// (the C ABI, bindings). Any thread may use it; its options must not be changed while it lives.
//
//   test::LoopbackServer broker({.topics = {{.name = "orders"}}});
//   broker.call([](testbroker::Server& server) {
//     server.script().on(RequestCode::SEND_MESSAGE_V2).nth(3).then(testbroker::fault::no_answer());
//   });
//   … use broker.address() …
//   EXPECT_EQ(broker.messages("orders").size(), 2u);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "testbroker/server.h"

namespace rmq::test {

class LoopbackServer {
 public:
  // Listens when it returns. Throws std::runtime_error when it cannot.
  explicit LoopbackServer(testbroker::ServerOptions options = {});
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::uint16_t port() const;
  std::string address() const;  // "127.0.0.1:port"

  // Runs `action` on the loop thread and waits for it; throws when that takes over ten seconds.
  void call(const std::function<void(testbroker::Server&)>& action);
  // Asks on the loop thread, again and again, until `done` holds (true) or `limit` has passed.
  bool wait_until(std::function<bool(testbroker::Server&)> done,
                  base::Duration limit = std::chrono::seconds(10));
  std::vector<testbroker::Message> messages(std::string_view topic);

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace rmq::test
