#include "transport/memory_connection.h"

#include <algorithm>
#include <cstring>

#include "transport/memory_loop.h"
#include "transport/memory_stream.h"

namespace rmq::transport {
namespace {

// Takes eight bytes at once, because worlds move megabytes; for the trace only.
std::uint64_t hash_bytes(base::MutableBytes bytes) {
  constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15ULL;
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), sizeof hash);
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), size);
    hash = (hash ^ word) * kFactor;
    hash ^= hash >> 32;
    bytes = bytes.subspan(size);
  }
  return hash;
}

}  // namespace

using base::Duration;
using base::ErrorCode;

std::shared_ptr<MemoryConnection> MemoryConnection::make(MemoryNetwork& network,
                                                         const SocketAddress& client,
                                                         const SocketAddress& server) {
  std::shared_ptr<MemoryConnection> made(
      new MemoryConnection(network, network.next_connection_id(), network.copy_behaviour(server)));
  made->ends_[kClient].address = client;
  made->ends_[kServer].address = server;
  network.add_connection(made);
  return made;
}

MemoryConnection::MemoryConnection(MemoryNetwork& network, std::uint64_t id,
                                   AddressBehaviour behaviour)
    : network_(network), id_(id), behaviour_(std::move(behaviour)) {
  pipes_[kClient].behaviour = behaviour_.to_server;
  pipes_[kServer].behaviour = behaviour_.to_client;
}

// Events are dropped with their loop, and ignored by a side that has closed since.
void MemoryConnection::after(Duration delay, Side side, void (MemoryConnection::*step)(Side)) {
  if (!ends_[side].attached) return;
  network_.schedule(*ends_[side].loop, network_.now() + delay,
                    [self = shared_from_this(), side, step] {
                      if (self->ends_[side].attached) (self.get()->*step)(side);
                    });
}

Duration MemoryConnection::draw_latency() {
  const auto jitter = static_cast<std::uint64_t>(behaviour_.jitter.count());
  if (jitter == 0) return behaviour_.latency;
  return behaviour_.latency +
         Duration{static_cast<Duration::rep>(network_.random().below(jitter + 1))};
}

// --- Opening ------------------------------------------------------------------------------------

void MemoryConnection::attach(Side side, MemoryLoop& loop) {
  ends_[side].loop = &loop;
  ends_[side].attached = true;
  if (side == kServer) ends_[side].open = true;
}

void MemoryConnection::set_handler(Side side, ByteStreamHandler& handler) {
  ends_[side].handler = &handler;
  want_read(side);
}

void MemoryConnection::start_connecting() {
  network_.trace('c', id_, ends_[kServer].address.port);
  after(draw_latency(), kClient, &MemoryConnection::reach_server);
}

void MemoryConnection::reach_server(Side) {
  switch (behaviour_.connect) {
    case ConnectBehaviour::kNever:
      return;
    case ConnectBehaviour::kRefuse:
      return after(draw_latency(), kClient, &MemoryConnection::refuse);
    case ConnectBehaviour::kUnreachable:
      return after(draw_latency(), kClient, &MemoryConnection::report_unreachable);
    case ConnectBehaviour::kAccept:
      break;
  }
  const SocketAddress& server = ends_[kServer].address;
  if (network_.separated(*ends_[kClient].loop, server)) return;
  MemoryListener* listener = network_.find_listener(server);
  if (listener == nullptr) return after(draw_latency(), kClient, &MemoryConnection::refuse);
  network_.schedule(listener->loop(), network_.now(),
                    [self = shared_from_this()] { self->accept_at_server(kServer); });
}

void MemoryConnection::accept_at_server(Side) {
  if (!ends_[kClient].attached) return;
  MemoryListener* listener = network_.find_listener(ends_[kServer].address);
  const Duration latency = draw_latency();
  if (listener == nullptr) return after(latency, kClient, &MemoryConnection::refuse);
  // What the server writes while it accepts arrives after the client has learnt of the opening.
  pipes_[kServer].last_due = network_.now() + latency;
  after(latency, kClient, &MemoryConnection::open_client);
  network_.trace('a', id_, 0);
  listener->accept(shared_from_this());
}

void MemoryConnection::refuse(Side side) { fail(side, ErrorCode::REFUSED, "connection refused"); }

void MemoryConnection::report_unreachable(Side side) {
  fail(side, ErrorCode::UNREACHABLE, "no route to host");
}

void MemoryConnection::open_client(Side) {
  ends_[kClient].open = true;
  partition_changed();
  network_.trace('o', id_, 0);
  ends_[kClient].handler->on_open();
  for (const Side side : {kClient, kServer}) {
    if (pipes_[side].behaviour.fault.after_bytes == 0) notice_fault(side);
  }
  want_read(kClient);
}

// --- Bytes --------------------------------------------------------------------------------------

bool MemoryConnection::write(Side from, std::span<const base::Bytes> chunks) {
  Pipe& pipe = pipes_[from];
  if (!ends_[from].open || pipe.write_outstanding) return true;
  std::size_t total = 0;
  for (const base::Bytes& chunk : chunks) {
    if (!chunk.empty()) pipe.rest.push_back(chunk);
    total += chunk.size();
  }
  if (pipe.damaged_place) {
    pipe.damaged_at = pipe.accepted + *std::exchange(pipe.damaged_place, std::nullopt);
  }
  const bool part = behaviour_.random_chunks && network_.random().below(4) == 0;
  accept(from, part ? network_.random().below(total + 1) : total);
  if (pipe.rest.empty()) return true;
  pipe.write_outstanding = true;
  if (part) after(Duration{0}, from, &MemoryConnection::go_on_writing);
  return false;
}

// Moves up to `limit` bytes of the outstanding write onto the wire, as far as the window allows.
void MemoryConnection::accept(Side from, std::size_t limit) {
  Pipe& pipe = pipes_[from];
  const bool vanishing = silent_ || pipe.dead || !ends_[other(from)].attached;
  const std::size_t window = std::max<std::size_t>(behaviour_.window_bytes, 1);
  const std::size_t room = window - std::min(window, pipe.in_flight() + pipe.vanished);
  // Nobody confirms what a half-open connection takes, so it fills the window.
  std::size_t left = vanishing && !silent_ ? limit : std::min(limit, room);
  std::size_t moved = 0;
  auto chunk = pipe.rest.begin();
  while (chunk != pipe.rest.end() && left > 0) {
    const std::size_t size = std::min(chunk->size(), left);
    if (!vanishing) pipe.bytes.insert(pipe.bytes.end(), chunk->begin(), chunk->begin() + size);
    *chunk = chunk->subspan(size);
    left -= size;
    moved += size;
    if (chunk->empty()) ++chunk;
  }
  pipe.rest.erase(pipe.rest.begin(), chunk);
  if (moved == 0) return;
  if (!vanishing && pipe.damaged_at - pipe.accepted < moved) {
    pipe.bytes[pipe.bytes.size() - moved + (pipe.damaged_at - pipe.accepted)] ^= 0x55;
  }
  pipe.accepted += moved;
  if (silent_) pipe.vanished += moved;
  network_.trace('w', id_ * 2 + from, moved);
  if (!vanishing) return send(from, moved, false);
  // Nobody is there any more: as TCP does, the writer learns it from the answer to its bytes.
  if (!silent_ && !pipe.dead) {
    after(2 * behaviour_.latency, from, &MemoryConnection::report_reset);
  }
}

void MemoryConnection::go_on_writing(Side from) {
  Pipe& pipe = pipes_[from];
  if (!pipe.write_outstanding) return;
  accept(from, SIZE_MAX);
  if (!pipe.rest.empty()) return;
  pipe.write_outstanding = false;
  ends_[from].handler->on_written();
}

void MemoryConnection::send(Side from, std::size_t size, bool fin) {
  const End& reader = ends_[other(from)];
  if (!reader.attached) return;
  Pipe& pipe = pipes_[from];
  pipe.last_due = std::max(pipe.last_due, network_.now() + draw_latency());
  network_.schedule(*reader.loop, pipe.last_due, [self = shared_from_this(), from, size, fin] {
    self->arrive(from, size, fin);
  });
}

void MemoryConnection::arrive(Side from, std::size_t size, bool fin) {
  Pipe& pipe = pipes_[from];
  if (silent_ || pipe.dead) return;
  if (standing(pipe)) {
    pipe.held += size;
    pipe.fin_held |= fin;
    return;
  }
  pipe.readable += size;
  pipe.arrived += size;
  pipe.fin_arrived |= fin;
  const DirectionFault& fault = pipe.behaviour.fault;
  if (fault.fault != Fault::kNone && pipe.arrived >= fault.after_bytes) {
    const auto beyond = static_cast<std::size_t>(pipe.arrived - fault.after_bytes);
    pipe.readable -= beyond;
    pipe.arrived -= beyond;
    if (fault.fault == Fault::kStall) {
      pipe.held += beyond;
      pipe.fin_held |= fin;
      pipe.fin_arrived = false;
    }
    notice_fault(from);
  }
  want_read(other(from));
}

void MemoryConnection::want_read(Side side) {
  End& end = ends_[side];
  const Pipe& pipe = pipes_[other(side)];
  if (end.read_due || end.paused || !end.open || end.handler == nullptr) return;
  const bool ended = pipe.fin_arrived && pipe.in_flight() == 0;
  if (pipe.readable == 0 && !ended && !pipe.fault_due) return;
  end.read_due = true;
  after(Duration{0}, side, &MemoryConnection::read_once);
}

void MemoryConnection::read_once(Side side) {
  End& end = ends_[side];
  const Side from = other(side);
  const Pipe& pipe = pipes_[from];
  end.read_due = false;
  if (end.paused || !end.open) return;
  if (pipe.readable == 0) {
    if (pipe.fault_due) return apply_fault(from);
    if (pipe.fin_arrived && pipe.in_flight() == 0) report_cut(side);
    return;
  }
  const base::MutableBytes space = end.handler->read_space();
  if (!end.open || space.empty()) return;
  const std::size_t size = choose_read_size(pipes_[from], std::min(space.size(), pipe.readable));
  take_bytes(from, space.first(size));
  end.handler->on_read(size);
  want_read(side);
}

void MemoryConnection::take_bytes(Side from, base::MutableBytes target) {
  Pipe& pipe = pipes_[from];
  std::memcpy(target.data(), pipe.bytes.data() + pipe.head, target.size());
  pipe.head += target.size();
  pipe.taken += target.size();
  pipe.readable -= target.size();
  if (pipe.head * 2 >= pipe.bytes.size()) {
    pipe.bytes.erase(pipe.bytes.begin(),
                     pipe.bytes.begin() + static_cast<std::ptrdiff_t>(pipe.head));
    pipe.head = 0;
  }
  network_.trace('r', id_ * 2 + from, hash_bytes(target));
  if (pipe.write_outstanding && !standing(pipe)) {
    after(behaviour_.latency, from, &MemoryConnection::go_on_writing);
  }
}

std::size_t MemoryConnection::choose_read_size(Pipe& pipe, std::size_t possible) {
  auto& script = pipe.behaviour.read_sizes;
  if (!script.empty()) {
    const std::size_t wanted = std::max<std::size_t>(script.front(), 1);
    script.pop_front();
    return std::min(wanted, possible);
  }
  if (!behaviour_.random_chunks) return possible;
  switch (network_.random().below(4)) {
    case 0:
      return 1;
    case 1:
      return 1 + network_.random().below(std::min<std::size_t>(possible, 16));
    case 2:
      return 1 + network_.random().below(possible);
    default:
      return possible;
  }
}

void MemoryConnection::set_paused(Side side, bool paused) {
  ends_[side].paused = paused;
  want_read(side);
}

// --- The end ------------------------------------------------------------------------------------

void MemoryConnection::detach(Side side) {
  End& end = ends_[side];
  if (!end.attached) return;
  end.attached = end.open = false;
  pipes_[side].rest.clear();
  pipes_[side].write_outstanding = false;
  network_.trace('x', id_ * 2 + side, 0);
  send(side, 0, true);
}

void MemoryConnection::fail(Side side, ErrorCode code, const char* what) {
  const bool was_open = ends_[side].open;
  ByteStreamHandler& handler = *ends_[side].handler;
  base::Error error =
      base::make_error(code, std::string(was_open ? "connection with " : "connecting to ") +
                                 ends_[other(side)].address.to_text() + ": " + what);
  error.address = ends_[other(side)].address.to_text();
  detach(side);
  handler.on_closed(std::move(error));
}

void MemoryConnection::report_reset(Side side) {
  fail(side, ErrorCode::RESET, "reset by the peer");
}

void MemoryConnection::report_cut(Side side) { fail(side, ErrorCode::RESET, "closed by the peer"); }

// --- Faults -------------------------------------------------------------------------------------

void MemoryConnection::reset() {
  for (const Side side : {kClient, kServer}) {
    pipes_[side].dead = true;
    after(Duration{0}, side, &MemoryConnection::report_reset);
  }
}

void MemoryConnection::cut() {
  for (const Side side : {kClient, kServer}) {
    pipes_[side].dead = true;
    after(Duration{0}, side, &MemoryConnection::report_cut);
  }
}

void MemoryConnection::notice_fault(Side from) {
  Pipe& pipe = pipes_[from];
  const Fault fault = std::exchange(pipe.behaviour.fault.fault, Fault::kNone);
  if (fault == Fault::kStall) pipe.stalled = true;
  if (fault == Fault::kSilence) silent_ = true;
  if (fault != Fault::kReset && fault != Fault::kCut) return;
  // The bytes before it are read first; then both ends hear of it.
  pipe.dead = pipe.fault_due = true;
  pipe.behaviour.fault.fault = fault;
  if (pipe.readable == 0) apply_fault(from);
}

void MemoryConnection::apply_fault(Side from) {
  pipes_[from].fault_due = false;
  pipes_[from].behaviour.fault.fault == Fault::kReset ? reset() : cut();
}

void MemoryConnection::stall() { pipes_[kClient].stalled = pipes_[kServer].stalled = true; }

void MemoryConnection::resume() {
  for (const Side side : {kClient, kServer}) {
    pipes_[side].stalled = false;
    release_held(side);
  }
}

void MemoryConnection::partition_changed() {
  if (!ends_[kClient].attached || !ends_[kServer].attached) return;
  partitioned_ = network_.separated(*ends_[kClient].loop, *ends_[kServer].loop);
  release_held(kClient);
  release_held(kServer);
}

void MemoryConnection::release_held(Side from) {
  Pipe& pipe = pipes_[from];
  if (standing(pipe)) return;
  const std::size_t held = std::exchange(pipe.held, 0);
  const bool fin = std::exchange(pipe.fin_held, false);
  if (held > 0 || fin) send(from, held, fin);
  after(behaviour_.latency, from, &MemoryConnection::go_on_writing);
}

void MemoryConnection::script_reads(Side to, std::deque<std::size_t> sizes) {
  pipes_[other(to)].behaviour.read_sizes = std::move(sizes);
}

}  // namespace rmq::transport
