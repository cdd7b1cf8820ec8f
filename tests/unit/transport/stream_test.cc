// What transport/byte_stream.h promises, in every world.
#include <gtest/gtest.h>

#include <numeric>

#include "tests/unit/transport/worlds.h"

namespace rmq::transport {
namespace {

using base::ErrorCode;

template <typename World>
class Stream : public EveryLoop<World> {};
TYPED_TEST_SUITE(Stream, Worlds);

TYPED_TEST(Stream, carries_bytes_both_ways) {
  this->connect();
  EXPECT_TRUE(this->client->write("ping"));
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received == "ping"; }));
  EXPECT_TRUE(this->peer().write("pong"));
  ASSERT_TRUE(this->world.run_until([&] { return this->client->received == "pong"; }));
  EXPECT_FALSE(this->client->stream->local_address().empty());
  EXPECT_EQ(this->peer().opened, 0);
}

TYPED_TEST(Stream, never_opens_or_fails_inside_connect) {
  this->listen();
  this->client = this->make_client();
  this->client->stream->connect(this->listener->address());
  EXPECT_EQ(this->client->opened + this->client->closed, 0);
  EXPECT_EQ(this->client->stream->local_address(), "");
}

TYPED_TEST(Stream, hands_over_512_chunks_in_order) {
  this->connect();
  std::string text;
  for (int i = 0; i < 2000; ++i) text += std::to_string(i) + ",";
  std::vector<base::Bytes> chunks;
  const std::size_t size = text.size() / 511 + 1;
  for (std::size_t at = 0; at < text.size(); at += size) {
    chunks.push_back(base::as_bytes(std::string_view(text).substr(at, size)));
  }
  while (chunks.size() < ByteStream::max_chunks()) chunks.emplace_back();  // empty ones are fine
  ASSERT_EQ(chunks.size(), 512u);
  EXPECT_TRUE(this->client->stream->write(chunks));
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received.size() >= text.size(); }));
  EXPECT_EQ(this->peer().received, text);
}

TYPED_TEST(Stream, makes_the_writer_wait_for_a_reader_that_does_not_read) {
  this->connect();
  this->peer().stream->pause_reading();
  const std::string text(64 * 1024 * 1024, 'x');
  ASSERT_FALSE(this->client->write(text));
  this->world.settle();
  EXPECT_EQ(this->client->written, 0);
  EXPECT_EQ(this->peer().reads, 0);
  this->peer().stream->resume_reading();
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received.size() == text.size(); }));
  ASSERT_TRUE(this->world.run_until([&] { return this->client->written == 1; }));
  EXPECT_TRUE(this->client->write("and on"));
}

TYPED_TEST(Stream, reads_into_the_space_it_is_given_and_no_further) {
  this->connect();
  this->peer().space_bytes = 3;
  EXPECT_TRUE(this->client->write("0123456789"));
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received == "0123456789"; }));
  EXPECT_EQ(this->peer().reads, 4);
}

TYPED_TEST(Stream, reads_nothing_while_paused_and_everything_afterwards) {
  this->connect();
  this->peer().stream->pause_reading();
  EXPECT_TRUE(this->client->write("waiting"));
  this->world.settle();
  EXPECT_EQ(this->peer().received, "");
  this->peer().stream->resume_reading();
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received == "waiting"; }));
}

TYPED_TEST(Stream, pauses_from_inside_on_read) {
  this->connect();
  this->peer().space_bytes = 1;
  this->peer().when_read = [&] { this->peer().stream->pause_reading(); };
  EXPECT_TRUE(this->client->write("abc"));
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received == "a"; }));
  this->world.settle();
  EXPECT_EQ(this->peer().received, "a");
  this->peer().stream->resume_reading();
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received == "ab"; }));
}

TYPED_TEST(Stream, delivers_what_was_sent_before_the_peer_closed_and_then_says_so) {
  this->connect();
  EXPECT_TRUE(this->peer().write("goodbye"));
  this->peer().stream->close();
  ASSERT_TRUE(this->world.run_until([&] { return this->client->closed == 1; }));
  EXPECT_EQ(this->client->received, "goodbye");
  EXPECT_EQ(this->client->end_code(), ErrorCode::RESET);
  EXPECT_NE(this->client->end->message.find("closed by the peer"), std::string::npos);
  EXPECT_EQ(this->client->end->address, this->listener->address().to_text());
  EXPECT_TRUE(this->client->write("to nobody"));
  this->world.settle();
  EXPECT_EQ(this->client->closed, 1);
  EXPECT_EQ(this->peer().closed, 0);
}

TYPED_TEST(Stream, tells_a_writer_that_nobody_is_there_any_more) {
  this->connect();
  this->client->stream->pause_reading();  // so that only writing can notice
  this->peer().stream->close();
  ASSERT_TRUE(this->world.run_until([&] {
    if (this->client->closed == 0) (void)this->client->write("anybody?");
    return this->client->closed == 1;
  }));
  EXPECT_EQ(this->client->end_code(), ErrorCode::RESET);
}

TYPED_TEST(Stream, is_refused_where_nobody_listens) {
  this->listen();
  const SocketAddress address = this->listener->address();
  this->listener.reset();
  this->world.settle();
  this->client = this->make_client();
  this->client->stream->connect(address);
  ASSERT_TRUE(this->world.run_until([&] { return this->client->closed == 1; }));
  EXPECT_EQ(this->client->end_code(), ErrorCode::REFUSED);
  EXPECT_NE(this->client->end->message.find(address.to_text()), std::string::npos);
  EXPECT_EQ(this->client->opened, 0);
}

TYPED_TEST(Stream, may_be_given_up_while_a_connect_never_completes) {
  this->client = this->make_client();
  this->client->stream->connect(this->world.silent_address());
  this->world.settle();
  EXPECT_EQ(this->client->opened + this->client->closed, 0);
  this->client->stream->close();
  this->world.settle();
  EXPECT_EQ(this->client->opened + this->client->closed, 0);
}

TYPED_TEST(Stream, says_nothing_after_close) {
  this->connect();
  EXPECT_TRUE(this->peer().write("too late"));
  this->client->stream->close();
  this->client->stream->close();
  this->world.settle();
  EXPECT_EQ(this->client->received, "");
  EXPECT_EQ(this->client->closed, 0);
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().closed == 1; }));
}

TYPED_TEST(Stream, may_be_destroyed_inside_on_open) {
  this->listen();
  this->client = this->make_client();
  this->client->when_open = [&] { this->client->stream.reset(); };
  this->client->stream->connect(this->listener->address());
  ASSERT_TRUE(this->world.run_until(
      [&] { return !this->server.accepted.empty() && this->peer().closed == 1; }));
  EXPECT_EQ(this->client->closed, 0);
}

TYPED_TEST(Stream, may_be_destroyed_inside_on_read) {
  this->connect();
  this->client->space_bytes = 1;
  this->client->when_read = [&] { this->client->stream.reset(); };
  EXPECT_TRUE(this->peer().write("two"));
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().closed == 1; }));
  EXPECT_EQ(this->client->received, "t");
}

TYPED_TEST(Stream, may_be_destroyed_inside_on_written) {
  this->connect();
  const std::string text(64 * 1024 * 1024, 'x');
  this->client->when_written = [&] { this->client->stream.reset(); };
  ASSERT_FALSE(this->client->write(text));
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().closed == 1; }));
  EXPECT_EQ(this->peer().received.size(), text.size());
  EXPECT_EQ(this->client->closed, 0);
}

TYPED_TEST(Stream, may_be_destroyed_inside_on_closed) {
  this->connect();
  this->client->when_closed = [&] { this->client->stream.reset(); };
  this->peer().stream->close();
  ASSERT_TRUE(this->world.run_until([&] { return this->client->closed == 1; }));
  this->world.settle();
}

TYPED_TEST(Stream, may_be_destroyed_with_a_write_outstanding) {
  this->connect();
  this->peer().stream->pause_reading();
  auto text = std::make_unique<std::string>(64 * 1024 * 1024, 'x');
  ASSERT_FALSE(this->client->write(*text));
  this->client.reset();
  text.reset();
  this->peer().stream->resume_reading();
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().closed == 1; }));
}

TYPED_TEST(Stream, may_be_destroyed_inside_on_accept) {
  this->listen();
  this->server.when_accepted = [](RecordingStream& accepted) { accepted.stream.reset(); };
  this->client = this->make_client();
  this->client->stream->connect(this->listener->address());
  ASSERT_TRUE(this->world.run_until([&] { return this->client->closed == 1; }));
  EXPECT_EQ(this->client->opened, 1);
}

TYPED_TEST(Stream, may_be_destroyed_without_ever_being_used) {
  this->make_client();
  (void)this->world.client().make_stream();
  this->world.settle();
}

TYPED_TEST(Stream, listener_that_is_gone_leaves_its_connections_alone) {
  this->connect();
  this->listener.reset();
  EXPECT_TRUE(this->client->write("still"));
  ASSERT_TRUE(this->world.run_until([&] { return this->peer().received == "still"; }));
}

TYPED_TEST(Stream, two_listeners_on_one_address_are_refused_with_a_reason) {
  this->listen();
  const auto second = this->world.server().listen(this->listener->address(), this->server);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.error().message.find(this->listener->address().to_text()), std::string::npos);
}

}  // namespace
}  // namespace rmq::transport
