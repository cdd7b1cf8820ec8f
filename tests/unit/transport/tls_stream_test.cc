// TLS as a filter, over both kinds of streams: who is let in, who is not and why, and that it keeps
// the promises of ByteStream.
#include "transport/tls_stream.h"

#include <gtest/gtest.h>

#include "tests/unit/transport/test_authority.h"
#include "tests/unit/transport/worlds.h"
#include "transport/tls_listener.h"

namespace rmq::transport {
namespace {

using base::ErrorCode;

template <typename World>
class Tls : public EveryLoop<World> {
 protected:
  Tls() {
    const TestIdentity good = authority.issue("DNS:broker-a,IP:10.1.2.3,IP:::7");
    server_options.cert_pem = good.cert_pem;
    server_options.key_pem = good.key_pem;
    server_options.verify = false;
    client_options.ca_pem = authority.cert_pem();
  }

  void start_listening() {
    auto context = TlsContext::make_server(server_options);
    ASSERT_TRUE(context.ok()) << context.error().message;
    auto made = TlsListener::listen(this->world.server(), this->world.any_port(),
                                    context.take_value(), this->server);
    ASSERT_TRUE(made.ok());
    this->listener = made.take_value();
  }
  std::unique_ptr<RecordingStream> make_tls_client(const std::string& host) {
    auto context = TlsContext::make_client(client_options);
    EXPECT_TRUE(context.ok()) << context.error().message;
    Loop& loop = this->world.client();
    return std::make_unique<RecordingStream>(
        std::make_unique<TlsStream>(loop, loop.make_stream(), context.take_value(), host));
  }
  // Ends with the client open or closed.
  void try_connect(const std::string& host) {
    if (!this->listener) start_listening();
    this->client = make_tls_client(host);
    this->client->stream->connect(this->listener->address());
    ASSERT_TRUE(
        this->world.run_until([&] { return this->client->opened + this->client->closed >= 1; }));
  }
  void connect_tls() {
    const std::size_t before = this->server.accepted.size();
    try_connect("broker-a");
    ASSERT_EQ(this->client->opened, 1) << this->client->end->message;
    ASSERT_TRUE(this->world.run_until([&] { return this->server.accepted.size() > before; }));
  }
  void expect_failure(const std::string& host, ErrorCode code, const char* words) {
    try_connect(host);
    EXPECT_EQ(this->client->opened, 0);
    ASSERT_EQ(this->client->closed, 1);
    EXPECT_EQ(this->client->end_code(), code) << this->client->end->message;
    EXPECT_NE(this->client->end->message.find(words), std::string::npos)
        << this->client->end->message;
    EXPECT_NE(this->client->end->message.find(host), std::string::npos);
    this->world.settle();
    EXPECT_TRUE(this->server.accepted.empty());
  }

  TestAuthority authority;
  TlsOptions server_options;
  TlsOptions client_options;
};
TYPED_TEST_SUITE(Tls, Worlds);

TYPED_TEST(Tls, carries_bytes_both_ways_in_either_version) {
  for (const TlsVersion version : {TlsVersion::kTls12, TlsVersion::kTls13}) {
    this->client_options.max_version = version;
    this->connect_tls();
    EXPECT_TRUE(this->client->write("ping"));
    ASSERT_TRUE(this->world.run_until([&] { return this->peer().received == "ping"; }));
    EXPECT_TRUE(this->peer().write("pong"));
    ASSERT_TRUE(this->world.run_until([&] { return this->client->received == "pong"; }));
    const auto& tls = static_cast<const TlsStream&>(*this->client->stream);
    EXPECT_EQ(tls.protocol_version(), version == TlsVersion::kTls12 ? "TLSv1.2" : "TLSv1.3");
    EXPECT_FALSE(this->client->stream->local_address().empty());
  }
}

TYPED_TEST(Tls, accepts_the_addresses_of_the_certificate_too) {
  this->try_connect("10.1.2.3");
  EXPECT_EQ(this->client->opened, 1);
  this->try_connect("::7");
  EXPECT_EQ(this->client->opened, 1);
}

TYPED_TEST(Tls, refuses_a_certificate_for_another_name) {
  this->expect_failure("broker-b", ErrorCode::TLS_NAME, "ostname mismatch");
}

TYPED_TEST(Tls, refuses_a_certificate_for_another_address) {
  this->expect_failure("10.1.2.4", ErrorCode::TLS_NAME, "address mismatch");
}

TYPED_TEST(Tls, expects_the_server_name_of_the_options_instead_of_the_host) {
  this->client_options.server_name = "broker-a";
  this->try_connect("192.0.2.1");
  EXPECT_EQ(this->client->opened, 1);
}

TYPED_TEST(Tls, refuses_a_certificate_that_nobody_trusted_has_signed) {
  TestAuthority other;
  this->client_options.ca_pem = other.cert_pem();
  this->expect_failure("broker-a", ErrorCode::TLS_CERTIFICATE, "certificate signature failure");
}

TYPED_TEST(Tls, refuses_a_certificate_that_has_expired) {
  const TestIdentity old = this->authority.issue("DNS:broker-a", -7200, -3600);
  this->server_options.cert_pem = old.cert_pem;
  this->server_options.key_pem = old.key_pem;
  this->expect_failure("broker-a", ErrorCode::TLS_CERTIFICATE, "expired");
}

TYPED_TEST(Tls, trusts_the_system_by_default_and_so_not_a_test) {
  this->client_options.ca_pem.clear();
  this->expect_failure("broker-a", ErrorCode::TLS_CERTIFICATE, "certificate");
}

TYPED_TEST(Tls, accepts_anything_when_told_not_to_verify) {
  this->client_options = {};
  this->client_options.verify = false;
  this->try_connect("broker-b");
  EXPECT_EQ(this->client->opened, 1);
}

TYPED_TEST(Tls, refuses_to_verify_without_a_name) {
  this->try_connect("");
  EXPECT_EQ(this->client->end_code(), ErrorCode::TLS);
}

TYPED_TEST(Tls, fails_by_version_when_the_server_is_too_old) {
  this->server_options.max_version = TlsVersion::kTls12;
  this->client_options.min_version = TlsVersion::kTls13;
  this->expect_failure("broker-a", ErrorCode::TLS_VERSION, "version");
}

TYPED_TEST(Tls, fails_by_version_when_the_client_is_too_old) {
  this->server_options.min_version = TlsVersion::kTls13;
  this->client_options.max_version = TlsVersion::kTls12;
  this->expect_failure("broker-a", ErrorCode::TLS_VERSION, "version");
}

TYPED_TEST(Tls, shows_its_own_certificate_where_one_is_demanded) {
  const TestIdentity own = this->authority.issue("DNS:client", -60, 3600, "open sesame");
  this->server_options.verify = true;
  this->server_options.ca_pem = this->authority.cert_pem();
  this->client_options.cert_pem = own.cert_pem;
  this->client_options.key_pem = own.key_pem;
  this->client_options.key_password = "open sesame";
  this->connect_tls();
}

TYPED_TEST(Tls, is_turned_away_without_the_certificate_that_is_demanded) {
  this->server_options.verify = true;
  this->server_options.ca_pem = this->authority.cert_pem();
  this->client_options.max_version = TlsVersion::kTls12;  // 1.3 tells it after the handshake
  this->expect_failure("broker-a", ErrorCode::TLS, "handshake failure");  // all that 1.2 says
  this->client_options.max_version = TlsVersion::kTls13;
  this->try_connect("broker-a");
  ASSERT_TRUE(this->world.run_until([&] { return this->client->closed == 1; }));
  EXPECT_EQ(this->client->end_code(), ErrorCode::TLS_CERTIFICATE) << this->client->end->message;
  EXPECT_TRUE(this->server.accepted.empty());
}

TYPED_TEST(Tls, says_so_when_the_server_speaks_no_tls) {
  this->listen();  // a plain one
  this->server.when_accepted = [](RecordingStream& accepted) {
    (void)accepted.write("HTTP/1.1 400 Bad Request\r\n\r\n");
  };
  this->try_connect("broker-a");
  EXPECT_EQ(this->client->end_code(), ErrorCode::TLS);
  EXPECT_EQ(this->client->opened, 0);
}

TYPED_TEST(Tls, server_drops_a_client_that_speaks_no_tls) {
  this->start_listening();
  this->client = this->make_client();
  this->client->when_open = [&] { (void)this->client->write("GET / HTTP/1.1\r\n\r\n"); };
  this->client->stream->connect(this->listener->address());
  ASSERT_TRUE(this->world.run_until([&] { return this->client->closed == 1; }));
  EXPECT_TRUE(this->server.accepted.empty());
}

TYPED_TEST(Tls, is_refused_as_the_stream_below_is) {
  this->start_listening();
  const SocketAddress address = this->listener->address();
  this->listener.reset();
  this->world.settle();
  this->client = this->make_tls_client("broker-a");
  this->client->stream->connect(address);
  ASSERT_TRUE(this->world.run_until([&] { return this->client->closed == 1; }));
  EXPECT_EQ(this->client->end_code(), ErrorCode::REFUSED);
}

TYPED_TEST(Tls, carries_long_writes_piece_by_piece_and_then_says_so) {
  this->connect_tls();
  this->peer().stream->pause_reading();
  std::string text(32 * 1024 * 1024, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 >> 8);
  ASSERT_FALSE(this->client->write(text));
  this->world.settle();
  EXPECT_EQ(this->client->written, 0);
  EXPECT_EQ(this->peer().received, "");
  this->peer().stream->resume_reading();
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received.size() == text.size(); }));
  EXPECT_TRUE(this->peer().received == text);
  ASSERT_TRUE(this->world.run_until([&] { return this->client->written == 1; }));
}

TYPED_TEST(Tls, gathers_512_small_chunks) {
  this->connect_tls();
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + ",";
  std::vector<base::Bytes> chunks;
  const std::size_t size = text.size() / 511 + 1;
  for (std::size_t at = 0; at < text.size(); at += size) {
    chunks.push_back(base::as_bytes(std::string_view(text).substr(at, size)));
  }
  chunks.resize(ByteStream::max_chunks());
  (void)this->client->stream->write(chunks);
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received.size() >= text.size(); }));
  EXPECT_EQ(this->peer().received, text);
}

TYPED_TEST(Tls, reads_nothing_while_paused_and_what_is_decrypted_already_afterwards) {
  this->connect_tls();
  this->peer().space_bytes = 2;
  this->peer().when_read = [&] { this->peer().stream->pause_reading(); };
  EXPECT_TRUE(this->client->write("abcdef"));
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received == "ab"; }));
  this->world.settle();
  EXPECT_EQ(this->peer().received, "ab");
  this->peer().when_read = nullptr;
  this->peer().stream->resume_reading();
  EXPECT_EQ(this->peer().received, "ab");
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received == "abcdef"; }));
}

TYPED_TEST(Tls, tells_the_other_side_when_it_closes) {
  this->connect_tls();
  EXPECT_TRUE(this->client->write("last words"));
  this->client->stream->close();
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().closed == 1; }));
  EXPECT_EQ(this->peer().received, "last words");
  EXPECT_EQ(this->peer().end_code(), ErrorCode::RESET);
  EXPECT_NE(this->peer().end->message.find("TLS"), std::string::npos) << "no close_notify came";
  EXPECT_EQ(this->client->closed, 0);
}

TYPED_TEST(Tls, may_be_destroyed_inside_each_callback) {
  for (const char* where : {"open", "read", "written", "closed"}) {
    SCOPED_TRACE(where);
    this->server.accepted.clear();
    if (!this->listener) this->start_listening();
    this->client = this->make_tls_client("broker-a");
    RecordingStream& victim = *this->client;
    bool gone = false;
    const auto destroy = [&] {
      victim.stream.reset();
      gone = true;
    };
    const std::string text(32 * 1024 * 1024, 'x');
    const std::string which = where;
    if (which == "open") victim.when_open = destroy;
    if (which == "read") victim.when_read = destroy;
    if (which == "written") victim.when_written = destroy;
    if (which == "closed") victim.when_closed = destroy;
    victim.stream->connect(this->listener->address());
    ASSERT_TRUE(this->world.run_until(
        [&] { return victim.opened == 1 && (which == "open" || !this->server.accepted.empty()); }));
    if (which == "read") (void)this->peer().write("hello");
    if (which == "written") {
      ASSERT_FALSE(victim.write(text));
    }
    if (which == "closed") this->peer().stream->close();
    ASSERT_TRUE(this->world.run_until([&] { return gone; }));
    this->world.settle();
  }
}

TEST(TlsOverRoughNetwork, ends_exactly_once_wherever_the_handshake_is_cut) {
  TestAuthority authority;
  const TestIdentity good = authority.issue("DNS:broker-a");
  TlsOptions server_options;
  server_options.cert_pem = good.cert_pem;
  server_options.key_pem = good.key_pem;
  server_options.verify = false;
  TlsOptions client_options;
  client_options.ca_pem = authority.cert_pem();
  const auto server_context = TlsContext::make_server(server_options).take_value();
  const auto client_context = TlsContext::make_client(client_options).take_value();
  int opened = 0;
  for (std::uint64_t bytes = 0; bytes < 2000; bytes += 13) {
    MemoryNetwork network(bytes);
    MemoryLoop server_loop(network, "10.0.0.1");
    MemoryLoop client_loop(network, "10.0.0.2");
    network.default_behaviour().random_chunks = true;
    auto& to =
        bytes % 2 ? network.default_behaviour().to_client : network.default_behaviour().to_server;
    to.fault = {bytes % 3 ? Fault::kReset : Fault::kCut, bytes};
    RecordingListener server;
    const auto listener =
        TlsListener::listen(server_loop, server_loop.host(), server_context, server).take_value();
    RecordingStream client(std::make_unique<TlsStream>(client_loop, client_loop.make_stream(),
                                                       client_context, "broker-a"));
    client.stream->connect(listener->address());
    network.advance(std::chrono::seconds(60));
    ASSERT_LE(client.opened, 1) << "seed " << bytes;
    ASSERT_LE(client.closed, 1) << "seed " << bytes;
    ASSERT_EQ(client.opened + client.closed > 0, true) << "seed " << bytes;
    opened += client.opened;
  }
  EXPECT_GT(opened, 0);
}

TEST(TlsOverRoughNetwork, server_gives_up_a_client_that_never_speaks) {
  TestAuthority authority;
  const TestIdentity good = authority.issue("DNS:broker-a");
  TlsOptions options;
  options.cert_pem = good.cert_pem;
  options.key_pem = good.key_pem;
  options.verify = false;
  MemoryNetwork network(1);
  MemoryLoop server_loop(network, "10.0.0.1");
  MemoryLoop client_loop(network, "10.0.0.2");
  RecordingListener server;
  const auto listener = TlsListener::listen(server_loop, server_loop.host(),
                                            TlsContext::make_server(options).take_value(), server)
                            .take_value();
  RecordingStream client(client_loop.make_stream());
  client.stream->connect(listener->address());
  network.advance(std::chrono::seconds(60));
  EXPECT_EQ(client.closed, 1);
}

TEST(TlsContext, says_which_option_is_wrong_and_why) {
  TestAuthority authority;
  const TestIdentity one = authority.issue("DNS:a");
  const TestIdentity other = authority.issue("DNS:b", -60, 3600, "secret");
  struct Case {
    TlsOptions options;
    ErrorCode code;
    const char* words;
  };
  std::vector<Case> cases(9);
  cases[0].options.ca_file = "/no/such/file";
  cases[0].code = ErrorCode::FILE;
  cases[0].words = "tls_ca_file: reading /no/such/file";
  cases[1].options.ca_file = "/";
  cases[1].code = ErrorCode::FILE;
  cases[1].words = "tls_ca_file";
  cases[2].options.ca_pem = "garbage";
  cases[2].words = "holds no certificate";
  cases[3].options.cert_pem = one.cert_pem;
  cases[3].words = "tls_key_file: is missing";
  cases[4].options.key_pem = one.key_pem;
  cases[4].words = "tls_cert_file: is missing";
  cases[5].options.cert_pem = one.cert_pem;
  cases[5].options.key_pem = other.key_pem;
  cases[5].words = "is it encrypted?";
  cases[6].options = cases[5].options;
  cases[6].options.key_password = "guess";
  cases[6].words = "cannot be read with tls_key_password";
  cases[7].options = cases[5].options;
  cases[7].options.key_password = "secret";
  cases[7].words = "does not belong to the certificate";
  cases[8].options.ca_pem = authority.cert_pem() + "-----BEGIN CERTIFICATE-----\nbroken";
  cases[8].words = "tls_ca_file";
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Case& c = cases[i];
    if (i > 1) c.code = ErrorCode::OPTION_VALUE;
    const auto made = TlsContext::make_client(c.options);
    ASSERT_FALSE(made.ok()) << i;
    EXPECT_EQ(made.error().code, c.code) << made.error().message;
    EXPECT_NE(made.error().message.find(c.words), std::string::npos) << made.error().message;
    EXPECT_EQ(made.error().message.find("secret"), std::string::npos);
  }
  EXPECT_FALSE(TlsContext::make_server({}).ok());
}

}  // namespace
}  // namespace rmq::transport
