// One of the clients that the fault scenarios compare: ours, or the official Java client. Each side
// has a sender that waits for each answer ("single"), one that does not ("many"), and two members
// of a group. All four have connections and a NameServer address of their own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/servers.h"

namespace rmq::test {

// What a client told its user about a send. Java tells no more than "failed": maybe_applied here.
enum class SendFate : std::uint8_t { applied, maybe_applied, not_applied };

// Times are nanoseconds of the monotonic clock, which all processes share.
struct SendRecord {
  std::string key;
  bool is_single = false;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  SendFate fate = SendFate::not_applied;
  std::string error;
};

struct DeliveryRecord {
  std::string key;
  std::int64_t at_ns = 0;
  std::string queue;  // "broker-a:3"; "retry-broker-a:0" when it came from the retry topic
  std::int64_t offset = -1;
  bool is_whole = true;    // the body is the one that was sent
  bool is_marked = false;  // the client said that the body is damaged; it was sent back
};

struct TrafficRecords {
  std::vector<SendRecord> sends;  // those that have ended
  std::vector<DeliveryRecord> deliveries;
};

inline constexpr std::size_t kRoles = 4;  // single, many, member 0, member 1
inline constexpr std::array<const char*, kRoles> kRoleNames{"single", "many", "member0", "member1"};

// NameServer addresses by role.
using RoleAddresses = std::array<std::string, kRoles>;

class Contestant {
 public:
  virtual ~Contestant() = default;
  virtual const std::string& name() const = 0;
  // Of each sender, messages a second. 0: none.
  virtual void set_rate(int rate) = 0;
  // Everything since the start.
  virtual const TrafficRecords& records() = 0;
};

// They run when these return. Keys begin with the name of the side, "ours" or "java".
std::unique_ptr<Contestant> start_ours(const std::string& topic, int rate,
                                       const RoleAddresses& namesrv_addresses);
std::unique_ptr<Contestant> start_java(const Servers& servers, const std::string& topic, int rate,
                                       const RoleAddresses& namesrv_addresses);

std::int64_t monotonic_ns();

}  // namespace rmq::test
