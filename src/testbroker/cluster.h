// The servers of one simulated cluster under the names that ./dev broker gives real ones: namesrv,
// broker-a, broker-b, …, and broker-a-s1, … for slaves. A server keeps its name when its role
// changes. They may stand on one loop or on one each; they are their owner's, and outlive this.
// Loop thread only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "testbroker/server.h"

namespace rmq::testbroker {

class Cluster {
 public:
  // The server's faults may run commands from now on.
  void add(Server& server);

  // "namesrv" is the server that answers the NameServer's requests, which may be a broker, too.
  Server* find(std::string_view name) const;
  const std::vector<Server*>& servers() const { return servers_; }
  std::string list_names() const;  // for messages
  // Why a command failed that nobody waited for (of a fault, of a scenario), and how many did.
  const std::string& last_failure() const { return last_failure_; }
  std::uint64_t failures() const { return failures_; }
  void run_unattended(std::string_view command);
  RouteTable& routes() const { return servers_.front()->routes(); }

 private:
  std::vector<Server*> servers_;
  std::string last_failure_;
  std::uint64_t failures_ = 0;
};

}  // namespace rmq::testbroker
