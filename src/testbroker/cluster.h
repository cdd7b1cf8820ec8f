// The servers of one simulated cluster under the names that ./dev broker gives real ones: namesrv,
// broker-a, broker-b, …, and broker-a-s1, … for slaves. A server keeps its name when its role
// changes. They may stand on one loop or on one each; they are their owner's, and outlive this.
// Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "testbroker/replica_set.h"
#include "testbroker/server.h"

namespace rmq::testbroker {

class Cluster {
 public:
  // `slave_lag`: how long after its master a slave has something.
  explicit Cluster(base::Duration slave_lag = base::Duration{0}) : slave_lag_(slave_lag) {}
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // The server's faults may run commands from now on, and it is a replica of those that have its
  // broker name.
  void add(Server& server);

  // "namesrv" is the server that answers the NameServer's requests, which may be a broker, too.
  Server* find(std::string_view name) const;
  const std::vector<Server*>& servers() const { return servers_; }
  std::string list_names() const;  // for messages
  // A slave takes over from the master of the same broker name as `server`; see ReplicaSet.
  base::Status promote(const Server& server);
  // Why a command failed that nobody waited for (of a fault, of a scenario), and how many did.
  const std::string& last_failure() const { return last_failure_; }
  std::uint64_t failures() const { return failures_; }
  // `place` stands before the reason of a failure.
  void run_unattended(std::string_view command, std::string_view place = "fault");
  RouteTable& routes() const { return servers_.front()->routes(); }

 private:
  const base::Duration slave_lag_;
  std::vector<Server*> servers_;
  std::map<std::string, ReplicaSet, std::less<>> replicas_;  // by broker name
  std::string last_failure_;
  std::uint64_t failures_ = 0;
};

}  // namespace rmq::testbroker
