// What a simulated network does to connections: the script of a fault test. Values only.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/instant.h"
#include "transport/address.h"

namespace rmq::transport {

enum class ConnectBehaviour {
  kAccept,       // as the listener says: open, or REFUSED when there is none
  kRefuse,       // REFUSED after a round trip, whoever listens
  kUnreachable,  // UNREACHABLE after a round trip
  kNever,        // neither opens nor fails
};

enum class Fault {
  kNone,
  kReset,    // both ends see RESET
  kCut,      // both ends see a clean close
  kSilence,  // half-open: bytes of both directions vanish, nothing is noticed
  kStall,    // this direction stands still until MemoryConnection::resume; writers feel it
};

// What happens once `after_bytes` bytes of one direction have arrived at the reader.
struct DirectionFault {
  Fault fault = Fault::kNone;
  std::uint64_t after_bytes = 0;
};

struct DirectionBehaviour {
  DirectionFault fault;
  // The sizes of the next reads; afterwards see `random_chunks`.
  std::deque<std::size_t> read_sizes;
};

// Of all connections to one listening address, fixed for a connection when it starts to connect.
struct AddressBehaviour {
  ConnectBehaviour connect = ConnectBehaviour::kAccept;
  base::Duration latency = std::chrono::microseconds(100);  // one way
  base::Duration jitter{0};               // up to this much more, by the seed; order is kept
  std::size_t window_bytes = 256 * 1024;  // in flight per direction before write() returns false
  bool random_chunks = false;             // reads are cut, and writes delayed, by the seed
  DirectionBehaviour to_server;
  DirectionBehaviour to_client;
};

struct NameBehaviour {
  std::vector<SocketAddress> addresses;  // the port is replaced by the one asked for
  bool never_answers = false;
  base::Duration delay{0};
};

}  // namespace rmq::transport
