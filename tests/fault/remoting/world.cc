#include "tests/fault/remoting/world.h"

#include <utility>

#include "transport/tls_stream.h"

namespace rmq::remoting::testing {

TestRequest::TestRequest(std::string body_text, wire::Serialization serialization)
    : body_(std::move(body_text)) {
  wire::Command command;
  command.serialization = serialization;
  command.code = 105;
  command.fields = {{"topic", "orders"}};
  command.body = body_;
  wire::append_frame(command, &head_);
  head_.resize(head_.size() - body_.size());
  frame = {reinterpret_cast<std::uint8_t*>(head_.data()), head_.size()};
  body = base::as_bytes(body_);
}

TestRequest::~TestRequest() {
  on_end = nullptr;
  if (is_pending()) world->connection.reset();
  EXPECT_EQ(ends(), submissions) << "each submission ends exactly once";
}

void TestRequest::on_response(const wire::CommandView& response, const base::SlabRef& slab) {
  EXPECT_TRUE(static_cast<bool>(slab));
  EXPECT_FALSE(oneway);
  EXPECT_FALSE(is_pending());
  ++answers;
  answer = base::as_text(response.body);
  answer_code = response.code;
  if (on_end) on_end(*this);
}

void TestRequest::on_failure(base::Error failure) {
  EXPECT_FALSE(is_pending());
  EXPECT_FALSE(failure.message.empty());
  EXPECT_FALSE(failure.address.empty());
  ++failures;
  error = std::move(failure);
  if (on_end) on_end(*this);
}

void TestRequest::on_sent() {
  EXPECT_TRUE(oneway);
  ++sends;
  if (on_end) on_end(*this);
}

namespace {

constexpr std::uint16_t kPort = 10911;

ConnectionOptions complete(ConnectionOptions options) {
  if (options.peer.host.empty()) options.peer = {"10.0.0.2", kPort};
  options.server_role = base::ServerRole::broker;
  return options;
}

}  // namespace

World::World(std::uint64_t seed, ConnectionOptions options)
    : network(seed),
      client(network, "10.0.0.1"),
      server(network, "10.0.0.2"),
      peer(server, kPort),
      deadlines(client) {
  network.default_behaviour().random_chunks = true;
  StreamFactory& streams = *this;
  ConnectionHandler& handler = *this;
  connection = std::make_unique<Connection>(client, deadlines, streams, handler,
                                            complete(std::move(options)));
}

World::~World() {
  connection.reset();
  EXPECT_EQ(deadlines.size(), 0u) << "nothing may stay behind";
}

void World::submit(TestRequest& request, milliseconds timeout) {
  ++request.submissions;
  request.world = this;
  request.deadline = client.now() + timeout;
  connection->submit(request);
}

void World::open() {
  const auto script = std::exchange(peer.on_frame, [](const SeenRequest& seen) {
    seen.session->answer(seen.opaque, seen.body, seen.serialization);
  });
  TestRequest request("hello");
  submit(request);
  ASSERT_TRUE(network.run_until([&] { return request.ends() > 0; }, milliseconds(1000)));
  ASSERT_EQ(request.answers, 1);
  ASSERT_EQ(connection->state(), ConnectionState::open);
  peer.on_frame = script;
  peer.seen.clear();
}

std::string World::path() const {
  std::string path = transitions.empty() ? "idle" : to_text(transitions.front().from);
  for (const Transition& transition : transitions)
    path += std::string(" ") + to_text(transition.to);
  return path;
}

std::unique_ptr<transport::Resolution> World::find_addresses(transport::Resolver& resolver,
                                                             const transport::HostPort& to,
                                                             transport::Resolver::Done done) {
  return resolver.resolve(proxy.value_or(to), std::move(done));
}

base::Result<std::unique_ptr<transport::ByteStream>> World::make_stream(
    const transport::HostPort& name) {
  ++streams_made;
  stream_peers.push_back(name.to_text());
  if (tls == nullptr) return client.make_stream();
  return std::unique_ptr<transport::ByteStream>(
      std::make_unique<transport::TlsStream>(client, client.make_stream(), tls, name.host));
}

void World::on_state_changed(Connection& changed, ConnectionState from, ConnectionState to,
                             const base::Error* cause) {
  EXPECT_NE(from, to);
  EXPECT_NE(from, ConnectionState::closed);
  EXPECT_EQ(changed.state(), to);
  transitions.push_back({from, to, client.now(), cause ? cause->message : std::string()});
  if (on_transition) on_transition(changed, Transition(transitions.back()));
}

void World::on_server_request(const wire::CommandView& request, const base::SlabRef& slab,
                              Connection& receiver) {
  EXPECT_TRUE(static_cast<bool>(slab));
  server_requests.push_back({request.code, request.opaque, receiver.session()});
}

void World::on_silence(Connection&, base::Instant due) {
  ++silences;
  if (on_silence_told) on_silence_told(due);
}

}  // namespace rmq::remoting::testing
