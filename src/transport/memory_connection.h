// One simulated connection: two ends, two directions, and the faults of a script. Kept alive by its
// streams and by the events under way; MemoryNetwork knows it for tests to reach in.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/byte_stream.h"
#include "transport/memory_behaviour.h"

namespace rmq::transport {

class MemoryLoop;
class MemoryNetwork;

class MemoryConnection : public std::enable_shared_from_this<MemoryConnection> {
 public:
  enum Side { kClient = 0, kServer = 1 };

  // Known to the network from now on.
  static std::shared_ptr<MemoryConnection> make(MemoryNetwork& network, const SocketAddress& client,
                                                const SocketAddress& server);

  // --- For tests: faults at this very moment ---------------------------------------------------
  std::uint64_t id() const { return id_; }
  const SocketAddress& address(Side side) const { return ends_[side].address; }
  bool open(Side side) const { return ends_[side].open; }
  bool touches(const MemoryLoop& host) const {
    return (ends_[kClient].attached && ends_[kClient].loop == &host) ||
           (ends_[kServer].attached && ends_[kServer].loop == &host);
  }
  bool established() const { return ends_[kClient].open && ends_[kServer].open; }
  void reset();
  void cut();
  void go_silent() { silent_ = true; }
  void stall();   // both directions stand still
  void resume();  // after stall, or Fault::kStall
  std::uint64_t bytes_accepted(Side from) const { return pipes_[from].accepted; }
  // Damages one byte of what `from` writes next, `place` bytes behind its beginning.
  void damage_next_write(Side from, std::size_t place) { pipes_[from].damaged_place = place; }
  // Sizes of the reads to come at the end `to`.
  void script_reads(Side to, std::deque<std::size_t> sizes);

  // --- For MemoryStream and MemoryNetwork ------------------------------------------------------
  void attach(Side side, MemoryLoop& loop);  // the server's end is open from here on
  void set_handler(Side side, ByteStreamHandler& handler);
  void start_connecting();
  bool write(Side from, std::span<const base::Bytes> chunks);
  std::uint64_t bytes_taken(Side from) const { return pipes_[from].taken; }
  void set_paused(Side side, bool paused);
  void detach(Side side);  // the stream is closed or gone
  void partition_changed();

 private:
  struct End {
    MemoryLoop* loop = nullptr;  // valid while attached
    ByteStreamHandler* handler = nullptr;
    SocketAddress address;
    bool attached = false;
    bool open = false;
    bool paused = false;
    bool read_due = false;  // a read event is under way
  };
  // From the end with the same index to the other one.
  struct Pipe {
    std::vector<std::uint8_t> bytes;  // accepted; [0, head) is read already
    std::size_t head = 0;
    std::size_t readable = 0;  // arrived and not read; what lies behind is on the wire
    std::size_t held = 0;      // would have arrived, but the pipe stands still
    std::uint64_t accepted = 0;
    std::uint64_t arrived = 0;
    std::uint64_t taken = 0;        // by the reader
    std::size_t vanished = 0;       // accepted while silent
    std::vector<base::Bytes> rest;  // of the outstanding write
    bool write_outstanding = false;
    std::optional<std::size_t> damaged_place;  // of the next write
    std::uint64_t damaged_at = UINT64_MAX;     // of all bytes that are accepted
    bool fin_held = false;
    bool fin_arrived = false;  // the writer has closed; told when the last byte is read
    bool stalled = false;
    bool fault_due = false;  // reached, and applied when the bytes before it are read
    bool dead = false;       // after a fault: nothing arrives any more
    base::Instant last_due{};
    DirectionBehaviour behaviour;

    std::size_t in_flight() const { return bytes.size() - head; }
  };

  MemoryConnection(MemoryNetwork& network, std::uint64_t id, AddressBehaviour behaviour);

  static Side other(Side side) { return side == kClient ? kServer : kClient; }
  bool standing(const Pipe& pipe) const { return pipe.stalled || partitioned_; }
  void after(base::Duration delay, Side side, void (MemoryConnection::*step)(Side));
  base::Duration draw_latency();

  void reach_server(Side);
  void accept_at_server(Side);
  void refuse(Side);
  void report_unreachable(Side);
  void open_client(Side);
  void report_reset(Side side);
  void report_cut(Side side);
  void fail(Side side, base::ErrorCode code, const char* what);
  void send(Side from, std::size_t size, bool fin);
  void accept(Side from, std::size_t limit);
  void go_on_writing(Side from);
  void arrive(Side from, std::size_t size, bool fin);
  void release_held(Side from);
  void notice_fault(Side from);
  void apply_fault(Side from);
  void want_read(Side side);
  void read_once(Side side);
  void take_bytes(Side from, base::MutableBytes target);
  std::size_t choose_read_size(Pipe& pipe, std::size_t possible);

  MemoryNetwork& network_;
  const std::uint64_t id_;
  const AddressBehaviour behaviour_;
  End ends_[2];
  Pipe pipes_[2];
  bool silent_ = false;
  bool partitioned_ = false;
};

}  // namespace rmq::transport
