#include "transport/memory_network.h"

#include <algorithm>

#include "transport/memory_loop.h"

namespace rmq::transport {

using base::Duration;
using base::Instant;

MemoryNetwork::MemoryNetwork(std::uint64_t seed) : seed_(seed), random_(seed) {}
MemoryNetwork::~MemoryNetwork() = default;

std::size_t MemoryNetwork::advance(Duration by) {
  const Instant target = by < base::kNever - now() ? now() + by : base::kNever;
  std::size_t turns = 0;
  while (run_one_turn(target)) ++turns;
  clock_.turn_to(target);
  return turns;
}

bool MemoryNetwork::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant target = now() + limit;
  while (!done()) {
    if (run_one_turn(target)) continue;
    clock_.turn_to(target);
    return done();
  }
  return true;
}

bool MemoryNetwork::run_one_turn(Instant limit) {
  take_outside_posts();
  if (next_due() > limit || order_.empty()) return false;
  clock_.turn_to(next_due());
  order_.begin()->second->come_due();
  return true;
}

Instant MemoryNetwork::next_due() const {
  return order_.empty() ? base::kNever : order_.begin()->first.due;
}

AddressBehaviour& MemoryNetwork::behaviour(const SocketAddress& address) {
  return behaviours_.try_emplace(address.to_text(), default_behaviour_).first->second;
}

AddressBehaviour MemoryNetwork::copy_behaviour(const SocketAddress& address) const {
  const auto found = behaviours_.find(address.to_text());
  return found == behaviours_.end() ? default_behaviour_ : found->second;
}

std::vector<std::shared_ptr<MemoryConnection>> MemoryNetwork::connections() {
  std::vector<std::shared_ptr<MemoryConnection>> live;
  for (const auto& weak : connections_) {
    if (auto connection = weak.lock()) live.push_back(std::move(connection));
  }
  return live;
}

std::vector<std::shared_ptr<MemoryConnection>> MemoryNetwork::connections(
    const SocketAddress& server) {
  auto live = connections();
  std::erase_if(live, [&](const auto& connection) {
    return connection->address(MemoryConnection::kServer) != server;
  });
  return live;
}

std::vector<std::shared_ptr<MemoryConnection>> MemoryNetwork::connections_of(
    const MemoryLoop& host) {
  auto live = connections();
  std::erase_if(live, [&](const auto& connection) { return !connection->touches(host); });
  return live;
}

void MemoryNetwork::set_side(const MemoryLoop& host, int side) {
  sides_[&host] = side;
  for (const auto& connection : connections()) connection->partition_changed();
}

bool MemoryNetwork::separated(const MemoryLoop& one, const MemoryLoop& other) const {
  const auto side_of = [this](const MemoryLoop& host) {
    const auto found = sides_.find(&host);
    return found == sides_.end() ? 0 : found->second;
  };
  return side_of(one) != side_of(other);
}

bool MemoryNetwork::separated(const MemoryLoop& one, const SocketAddress& host) const {
  SocketAddress wanted = host;
  wanted.port = 0;
  return std::any_of(loops_.begin(), loops_.end(), [&](const auto& entry) {
    return entry.second->host() == wanted && separated(one, *entry.second);
  });
}

MemoryNetwork::EventKey MemoryNetwork::schedule(MemoryLoop& loop, Instant due,
                                                std::function<void()> action) {
  const EventKey key{std::max(due, now()), ++last_number_};
  loop.events_.emplace(key, std::move(action));
  order_.emplace(key, &loop);
  return key;
}

void MemoryNetwork::cancel(MemoryLoop& loop, const EventKey& key) {
  order_.erase(key);
  loop.events_.erase(key);
}

void MemoryNetwork::trace(char kind, std::uint64_t id, std::uint64_t value) {
  const auto mix = [this](std::uint64_t word) {
    trace_hash_ = (trace_hash_ ^ word) * 0x100000001b3ULL;
    trace_hash_ ^= trace_hash_ >> 29;
  };
  mix(static_cast<std::uint64_t>(now().time_since_epoch().count()));
  mix(static_cast<std::uint64_t>(kind));
  mix(id);
  mix(value);
  ++trace_count_;
}

const NameBehaviour* MemoryNetwork::find_name(const std::string& host) const {
  const auto found = names_.find(host);
  return found == names_.end() ? nullptr : &found->second;
}

void MemoryNetwork::post_from_outside(std::uint64_t loop_id, std::function<void()> action) {
  base::MutexLock lock(outside_mutex_);
  outside_.emplace_back(loop_id, std::move(action));
}

void MemoryNetwork::take_outside_posts() {
  std::vector<std::pair<std::uint64_t, std::function<void()>>> posts;
  {
    base::MutexLock lock(outside_mutex_);
    posts.swap(outside_);
  }
  for (auto& [loop_id, action] : posts) {
    const auto found = loops_.find(loop_id);
    if (found != loops_.end()) schedule(*found->second, now(), std::move(action));
  }
}

std::uint64_t MemoryNetwork::add_loop(MemoryLoop& loop) {
  loops_.emplace(++last_loop_id_, &loop);
  return last_loop_id_;
}

void MemoryNetwork::remove_loop(MemoryLoop& loop) {
  for (const auto& [key, action] : loop.events_) order_.erase(key);
  loops_.erase(loop.id());
  sides_.erase(&loop);
}

void MemoryNetwork::add_connection(const std::shared_ptr<MemoryConnection>& connection) {
  if (connections_.size() >= prune_at_) {
    std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
    prune_at_ = std::max<std::size_t>(64, connections_.size() * 2);
  }
  connections_.push_back(connection);
}

base::Status MemoryNetwork::add_listener(SocketAddress& address, MemoryListener& listener) {
  if (address.port == 0) {
    do {
      address.port = next_port();
    } while (find_listener(address) != nullptr);
  }
  if (!listeners_.try_emplace(address.to_text(), &listener).second) {
    return base::make_error(base::ErrorCode::NETWORK, "listening on " + address.to_text() +
                                                          ": another listener has this address");
  }
  return {};
}

void MemoryNetwork::remove_listener(const SocketAddress& address) {
  listeners_.erase(address.to_text());
}

MemoryListener* MemoryNetwork::find_listener(const SocketAddress& address) const {
  const auto found = listeners_.find(address.to_text());
  return found == listeners_.end() ? nullptr : found->second;
}

std::uint16_t MemoryNetwork::next_port() {
  last_port_ = last_port_ == 60999 ? 32768 : static_cast<std::uint16_t>(last_port_ + 1);
  return last_port_;
}

}  // namespace rmq::transport
