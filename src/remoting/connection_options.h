// What a connection is told by its owner, and what it tells about itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/instant.h"
#include "transport/address.h"
#include "transport/byte_stream.h"
#include "transport/loop.h"

namespace rmq::remoting {

// Makes the stream of one attempt to connect: plain TCP, TLS over it, a pipe in memory, a way
// through a proxy. The peer is given by the name that somebody wrote, which TLS verifies.
class StreamFactory {
 public:
  // Where streams to the peer connect to, one address after the other until one opens. A factory
  // that goes through a proxy answers with the proxy's addresses, and leaves the peer's name to the
  // proxy. `done` as of transport::Resolver::resolve.
  virtual std::unique_ptr<transport::Resolution> find_addresses(transport::Resolver& resolver,
                                                                const transport::HostPort& peer,
                                                                transport::Resolver::Done done) {
    return resolver.resolve(peer, std::move(done));
  }
  // The error (TLS set up wrongly, no descriptor) counts as a failed attempt.
  virtual base::Result<std::unique_ptr<transport::ByteStream>> make_stream(
      const transport::HostPort& peer) = 0;

 protected:
  ~StreamFactory() = default;
};

struct ConnectionOptions {
  transport::HostPort peer = {};
  base::ServerRole server_role = base::ServerRole::none;

  // One attempt: the look-up, then every address in turn, TLS included.
  base::Duration connect_timeout = base::milliseconds(3000);
  base::Duration idle_timeout = base::milliseconds(120000);  // 0: never; not while keep_open
  base::Duration reconnect_backoff_min = base::milliseconds(100);
  base::Duration reconnect_backoff_max = base::milliseconds(10000);
  // The longest that the peer may rest while bytes of a write, or of a frame that has begun to
  // come, should move. Also the longest that a write goes on for a request whose time is over.
  base::Duration write_timeout = base::milliseconds(3000);
  // So many request timeouts in a row without a received frame, for connect_timeout at least, mean
  // a dead connection; 0: never.
  int max_consecutive_failures = 3;
  bool keep_open = false;  // connect and reconnect even when there is nothing to send

  std::size_t requests_max = 16384;          // written and not answered
  std::size_t quarantine_max = 16384;        // timed out or cancelled, and not answered
  std::size_t waiting_requests_max = 65536;  // not written
  std::size_t waiting_bytes_max = 64u * 1024 * 1024;
  std::size_t responses_max = 1024;  // ours to requests of the server, not written
  std::size_t slab_bytes = 64 * 1024;
};

struct ConnectionCounters {
  std::uint64_t attempts = 0;  // to connect
  std::uint64_t opened = 0;
  std::uint64_t lost = 0;  // open connections that ended against our will
  std::uint64_t requests_written = 0;
  std::uint64_t answers = 0;          // that completed a request
  std::uint64_t late_answers = 0;     // to requests that had timed out or were cancelled
  std::uint64_t unknown_answers = 0;  // to nothing we know; duplicates too
  std::uint64_t sent_again = 0;       // requests that a leaving server did not work on
  std::uint64_t server_requests = 0;
  std::uint64_t writes = 0;  // vectored ones
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_read = 0;
};

}  // namespace rmq::remoting
