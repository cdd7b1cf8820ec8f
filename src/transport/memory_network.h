// A simulated world: hosts, the network between them, names and time, on one thread and from one
// seed. The same seed and the same calls give the same run, which trace_hash() makes checkable.
//
// The owner makes one MemoryLoop per simulated process (memory_loop.h), hands those to the code
// under test, and turns the clock with run_until_idle, advance or run_until. Everything that
// happens is an event with a due time and a number. Events of one loop that are due together are
// one turn of that loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "transport/loop.h"
#include "transport/manual_clock.h"
#include "transport/memory_behaviour.h"
#include "transport/memory_connection.h"
#include "transport/seeded_random.h"

namespace rmq::transport {

class MemoryLoop;
class MemoryListener;

class MemoryNetwork {
 public:
  explicit MemoryNetwork(std::uint64_t seed);
  ~MemoryNetwork();
  MemoryNetwork(const MemoryNetwork&) = delete;
  MemoryNetwork& operator=(const MemoryNetwork&) = delete;

  // --- Time -----------------------------------------------------------------------------------
  base::Instant now() const { return clock_.now(); }
  ManualClock& clock() { return clock_; }
  // Runs everything due now and whatever that makes due now. Returns the number of turns.
  std::size_t run_until_idle() { return advance(base::Duration{0}); }
  // Turns the clock forward, running events in order at their due times.
  std::size_t advance(base::Duration by);
  // Advances from event to event until `done` holds (true) or `limit` has passed (false).
  bool run_until(const std::function<bool()>& done, base::Duration limit);
  // One turn of one loop, if something is due at or before `limit`.
  bool run_one_turn(base::Instant limit);
  // Due time of the earliest event; kNever when there is none.
  base::Instant next_due() const;

  // --- The script -----------------------------------------------------------------------------
  // For addresses without a behaviour of their own.
  AddressBehaviour& default_behaviour() { return default_behaviour_; }
  // Of the connections made to `address` from now on; starts as a copy of the default.
  AddressBehaviour& behaviour(const SocketAddress& address);
  // Names not in here fail with CANNOT_RESOLVE.
  NameBehaviour& name(const std::string& host) { return names_[host]; }
  void forget_name(const std::string& host) { names_.erase(host); }
  // Live connections, oldest first; with `server` those made to that address only.
  std::vector<std::shared_ptr<MemoryConnection>> connections();
  std::vector<std::shared_ptr<MemoryConnection>> connections(const SocketAddress& server);
  // With an end on that host: to cut its power, let each go silent and destroy what runs there.
  std::vector<std::shared_ptr<MemoryConnection>> connections_of(const MemoryLoop& host);
  // Hosts of different sides (0 by default) do not hear each other: bytes wait, connects hang.
  void set_side(const MemoryLoop& host, int side);
  bool separated(const MemoryLoop& one, const MemoryLoop& other) const;

  // --- The record -----------------------------------------------------------------------------
  std::uint64_t trace_hash() const { return trace_hash_; }
  std::uint64_t trace_count() const { return trace_count_; }
  std::uint64_t seed() const { return seed_; }

  // --- For the simulated objects --------------------------------------------------------------
  struct EventKey {
    base::Instant due;
    std::uint64_t number = 0;  // 0: no event
    auto operator<=>(const EventKey&) const = default;
  };
  EventKey schedule(MemoryLoop& loop, base::Instant due, std::function<void()> action);
  std::uint64_t last_event_number() const { return last_number_; }
  void cancel(MemoryLoop& loop, const EventKey& key);
  void trace(char kind, std::uint64_t id, std::uint64_t value);
  SeededRandom& random() { return random_; }
  AddressBehaviour copy_behaviour(const SocketAddress& address) const;
  bool separated(const MemoryLoop& one, const SocketAddress& host) const;
  std::uint64_t next_connection_id() { return ++last_connection_id_; }
  const NameBehaviour* find_name(const std::string& host) const;
  // Any thread; `action` runs in a later turn of the loop with this id, if that still lives.
  void post_from_outside(std::uint64_t loop_id, std::function<void()> action);
  void take_outside_posts();  // makes them events of their loops

  std::uint64_t add_loop(MemoryLoop& loop);
  void remove_loop(MemoryLoop& loop);
  void add_connection(const std::shared_ptr<MemoryConnection>& connection);
  // The port becomes a free one when it is 0.
  base::Status add_listener(SocketAddress& address, MemoryListener& listener);
  void remove_listener(const SocketAddress& address);
  MemoryListener* find_listener(const SocketAddress& address) const;
  std::uint16_t next_port();

 private:
  const std::uint64_t seed_;
  ManualClock clock_;
  SeededRandom random_;
  std::uint64_t last_number_ = 0;
  std::map<EventKey, MemoryLoop*> order_;
  std::map<std::uint64_t, MemoryLoop*> loops_;
  std::uint64_t last_loop_id_ = 0;
  std::uint64_t last_connection_id_ = 0;
  AddressBehaviour default_behaviour_;
  std::map<std::string, AddressBehaviour> behaviours_;  // by address text
  std::map<std::string, NameBehaviour> names_;
  std::map<std::string, MemoryListener*> listeners_;
  std::vector<std::weak_ptr<MemoryConnection>> connections_;
  std::size_t prune_at_ = 64;
  std::map<const MemoryLoop*, int> sides_;
  std::uint16_t last_port_ = 32767;
  std::uint64_t trace_hash_ = 0xcbf29ce484222325ULL;
  std::uint64_t trace_count_ = 0;
  base::Mutex outside_mutex_;
  std::vector<std::pair<std::uint64_t, std::function<void()>>> outside_
      RMQ_GUARDED_BY(outside_mutex_);
};

}  // namespace rmq::transport
