// The same connection over the TLS filter.
#include "tests/fault/remoting/tls_contexts.h"
#include "tests/fault/remoting/world.h"

namespace rmq::remoting::testing {
namespace {

TEST(Tls, carries_requests_of_all_sizes_through_a_narrow_window) {
  const TlsContexts contexts;
  for_seeds(10, [&](std::uint64_t seed) {
    World world(seed);
    world.tls = contexts.client;
    world.behaviour().window_bytes = 3000;
    world.peer.listen_with_tls(contexts.server);
    world.open();
    world.peer.on_frame = [](const SeenRequest& seen) {
      seen.session->answer(seen.opaque, seen.body, seen.serialization);
    };
    std::vector<std::unique_ptr<TestRequest>> requests;
    for (std::size_t i = 0; i < 30; ++i) {
      requests.push_back(std::make_unique<TestRequest>(std::string(i * 1500, 'x')));
      requests.back()->oneway = i % 5 == 4;
      world.submit(*requests.back(), milliseconds(60000));
    }
    world.advance(milliseconds(30000));
    for (std::size_t i = 0; i < 30; ++i) {
      EXPECT_EQ(i % 5 == 4 ? requests[i]->sends : requests[i]->answers, 1) << i;
    }
  });
}

TEST(Tls, fails_fast_as_not_applied_when_the_certificate_is_not_trusted) {
  const TlsContexts contexts;
  World world(1);
  world.tls = TlsContexts::make_client_of(transport::TestAuthority());  // trusts somebody else
  world.peer.listen_with_tls(contexts.server);
  TestRequest request("request");
  world.submit(request);
  world.advance(milliseconds(100));
  ASSERT_EQ(request.failures, 1);
  EXPECT_EQ(request.error->code, base::ErrorCode::TLS_CERTIFICATE) << request.error->message;
  EXPECT_EQ(request.error->outcome, base::Outcome::not_applied);
  EXPECT_EQ(world.path(), "idle resolving connecting backing_off");
}

// Wherever the bytes go, the certificate has to be for the name that somebody wrote.
TEST(Tls, verifies_the_name_of_the_peer_and_not_of_a_proxy) {
  const TlsContexts contexts("DNS:broker.behind.proxy");
  for (const char* name : {"broker.behind.proxy", "other.behind.proxy"}) {
    World world(1, {.peer = {name, 10911}});
    world.proxy = transport::HostPort{"10.0.0.2", 10911};
    world.tls = contexts.client;
    world.peer.listen_with_tls(contexts.server);
    world.peer.on_frame = [](const SeenRequest& seen) {
      seen.session->answer(seen.opaque, seen.body, seen.serialization);
    };
    TestRequest request("request");
    world.submit(request);
    world.advance(milliseconds(100));
    const bool is_named = std::string_view(name) == "broker.behind.proxy";
    EXPECT_EQ(request.answers, is_named ? 1 : 0) << name;
    ASSERT_EQ(request.failures, is_named ? 0 : 1) << name;
    if (!is_named) {
      EXPECT_EQ(request.error->code, base::ErrorCode::TLS_NAME);
    }
  }
}

TEST(Tls, handshake_that_never_ends_counts_against_the_connect_timeout) {
  const TlsContexts contexts;
  World world(1);
  world.tls = contexts.client;  // and the peer speaks plain, and waits
  TestRequest request("request");
  world.peer.stop_listening();
  struct Mute final : transport::ListenerHandler, transport::ByteStreamHandler {
    void on_accept(std::unique_ptr<transport::ByteStream> accepted) override {
      stream = std::move(accepted);
      stream->set_handler(*this);
    }
    void on_open() override {}
    base::MutableBytes read_space() override { return space; }
    void on_read(std::size_t) override {}
    void on_written() override {}
    void on_closed(base::Error) override {}
    std::uint8_t space[1000];
    std::unique_ptr<transport::ByteStream> stream;
  };
  Mute mute;
  const auto listener = world.server.listen(world.peer.address(), mute);
  world.submit(request, milliseconds(60000));
  world.advance(milliseconds(3100));
  ASSERT_EQ(request.failures, 1);
  EXPECT_EQ(request.error->code, base::ErrorCode::CONNECT_TIMEOUT);
  world.connection.reset();
}

TEST(Tls, lets_an_answer_destroy_the_connection) {
  const TlsContexts contexts;
  for_seeds(20, [&](std::uint64_t seed) {
    World world(seed);
    world.tls = contexts.client;
    world.peer.listen_with_tls(contexts.server);
    world.peer.on_frame = [](const SeenRequest& seen) {
      seen.session->answer(seen.opaque, seen.body, seen.serialization);
    };
    TestRequest first("first");
    TestRequest second("second");
    first.on_end = [&](TestRequest&) { world.connection.reset(); };
    world.submit(first);
    world.submit(second);
    world.advance(milliseconds(1000));
    EXPECT_EQ(first.answers, 1);
    EXPECT_EQ(second.ends(), 1);
  });
}

}  // namespace
}  // namespace rmq::remoting::testing
