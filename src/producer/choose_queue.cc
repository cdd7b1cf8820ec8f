#include "producer/choose_queue.h"

#include "producer/sharding_hash.h"

namespace rmq::producer {
namespace {

using base::ErrorCode;
using base::make_error;

// Counts are not random; what becomes of them by this is, for a choice of queues.
std::uint32_t scatter(std::uint32_t n) {
  std::uint64_t value = (n + 1) * 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return static_cast<std::uint32_t>(value >> 32);
}

std::string names_of_brokers(const PublishRoute& route) {
  std::string names;
  for (const PublishRoute::Broker& broker : route.brokers()) {
    if (!names.empty()) names += ", ";
    names += broker.name;
  }
  return names;
}

}  // namespace

std::optional<PublishRoute::Choice> choose_queue(const PublishRoute& route,
                                                 const Destination* destination,
                                                 std::uint64_t key_hash, std::uint32_t n,
                                                 std::optional<base::Instant> time_of_faults) {
  const auto choose_any = [&](std::uint32_t number) {
    return time_of_faults ? route.choose_well(number, *time_of_faults) : route.choose(number);
  };
  if (destination == nullptr) return choose_any(n);
  switch (destination->selector) {
    case Selector::none:
      return route.choose_on(destination->broker_name, destination->queue_id, n);
    case Selector::random:
      return choose_any(scatter(n));
    case Selector::key_hash:
    case Selector::java_key_hash:
    case Selector::cpp_key_hash:
      return route.choose_by_hash(key_hash);
    case Selector::machine_room:
      return route.choose_in_room(n);
    case Selector::round_robin:
    case Selector::callback:
      break;
  }
  return choose_any(n);
}

std::uint64_t hash_key(const Destination& destination, std::string_view key) {
  switch (destination.selector) {
    case Selector::java_key_hash:
      return java_sharding_hash(key);
    case Selector::cpp_key_hash:
      return cpp_sharding_hash(key);
    default:
      return sharding_hash(key);
  }
}

base::Error make_absence_error(const PublishRoute& route, std::string_view topic,
                               std::string_view broker_name) {
  return make_error(ErrorCode::BROKER_NOT_AVAILABLE,
                    "the route of the topic " + std::string(topic) + " has no broker " +
                        std::string(broker_name) + " with a master, it has " +
                        names_of_brokers(route));
}

base::Error make_room_error(const PublishRoute& route, std::string_view topic,
                            const std::vector<std::string>& rooms) {
  std::string names;
  for (const std::string& room : rooms) {
    if (!names.empty()) names += ";";
    names += room;
  }
  return make_error(ErrorCode::BROKER_NOT_AVAILABLE,
                    "no queue of the topic " + std::string(topic) +
                        " that may be written to is in a room of machine_room " + names +
                        ", the brokers are " + names_of_brokers(route),
                    "the room of a broker is what its name has before the @");
}

}  // namespace rmq::producer
