// The world of a fault test: a client host with one connection, a server host with a FakePeer, and
// the record of what happened. Everything follows from the seed.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "remoting/connection.h"
#include "tests/fault/remoting/fake_peer.h"

namespace rmq::remoting::testing {

using base::milliseconds;

class World;

// A request that records its end and insists on having one per submission. One that is still
// pending when its test ends takes the connection with it.
class TestRequest final : public Request {
 public:
  explicit TestRequest(std::string body_text = {},
                       wire::Serialization serialization = wire::Serialization::rocketmq);
  ~TestRequest() override;

  // Called last in each completion, with this request.
  std::function<void(TestRequest&)> on_end;

  int submissions = 0;     // counted by World::submit
  World* world = nullptr;  // of the last submission
  int answers = 0;
  int failures = 0;
  int sends = 0;
  int ends() const { return answers + failures + sends; }
  std::optional<base::Error> error;  // of the last failure
  std::string answer;                // body of the last answer
  std::int32_t answer_code = -1;     // of the last answer

 private:
  void on_response(const wire::CommandView& response, const base::SlabRef& slab) override;
  void on_failure(base::Error error) override;
  void on_sent() override;

  std::string head_;
  std::string body_;
};

class World : private StreamFactory, private ConnectionHandler {
 public:
  explicit World(std::uint64_t seed, ConnectionOptions options = {});
  virtual ~World();

  void submit(TestRequest& request, milliseconds timeout = milliseconds(3000));
  void advance(milliseconds by) { network.advance(by); }
  void settle() { network.run_until_idle(); }
  // Lets the simulated network carry everything that is under way.
  void pass() { network.advance(milliseconds(5)); }
  // Submits a request that the peer answers, so that the session is open and of use.
  void open();
  std::string path() const;  // of the states: "idle resolving connecting open"
  transport::AddressBehaviour& behaviour() { return network.behaviour(peer.address()); }
  base::Error make_reason() const { return base::make_error(base::ErrorCode::SHUTDOWN, "the end"); }

  transport::MemoryNetwork network;
  transport::MemoryLoop client;
  transport::MemoryLoop server;
  FakePeer peer;
  Deadlines deadlines;
  std::unique_ptr<Connection> connection;

  struct Transition {
    ConnectionState from;
    ConnectionState to;
    base::Instant at;
    std::string cause;
  };
  std::vector<Transition> transitions;
  std::function<void(Connection&, const Transition&)> on_transition;
  struct ServerRequest {
    std::int32_t code;
    std::int32_t opaque;
    std::uint64_t session;
  };
  std::vector<ServerRequest> server_requests;
  std::function<void(base::Instant due)> on_silence_told;
  int silences = 0;  // that the connection told of
  int streams_made = 0;
  std::shared_ptr<const transport::TlsContext> tls;  // of the client; null: plain
  // All streams connect to this one, and no name is looked up; empty: no proxy.
  std::optional<transport::HostPort> proxy;
  std::vector<std::string> stream_peers;  // that streams were made for

 private:
  std::unique_ptr<transport::Resolution> find_addresses(transport::Resolver& resolver,
                                                        const transport::HostPort& peer,
                                                        transport::Resolver::Done done) override;
  base::Result<std::unique_ptr<transport::ByteStream>> make_stream(
      const transport::HostPort&) override;
  void on_state_changed(Connection& connection, ConnectionState from, ConnectionState to,
                        const base::Error* cause) override;
  void on_server_request(const wire::CommandView& request, const base::SlabRef& slab,
                         Connection& connection) override;
  void on_silence(Connection& connection, base::Instant due) override;
};

// Of tests that take seconds: a quarter of the seeds under sanitizers, where a run takes ten times
// as long. The plain build runs all of them.
constexpr int many_seeds(int count) {
#ifdef RMQ_SANITIZED
  return (count + 3) / 4;
#else
  return count;
#endif
}

// Runs `body` for seeds 1..count, each named when something fails.
template <typename Body>
void for_seeds(int count, Body body) {
  for (int seed = 1; seed <= count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    body(static_cast<std::uint64_t>(seed));
    if (::testing::Test::HasFatalFailure() || ::testing::Test::HasNonfatalFailure()) return;
  }
}

}  // namespace rmq::remoting::testing
