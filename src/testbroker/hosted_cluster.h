// A cluster on loopback with a loop thread of its own: what the library gives to its users and the
// executable serves. Any thread may run commands; making and destroying is the owner's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "testbroker/cluster_options.h"

namespace rmq::testbroker {

class HostedCluster {
 public:
  // Every server listens when it returns.
  static base::Result<std::unique_ptr<HostedCluster>> start(const ClusterOptions& options);
  // Ends the thread and closes every socket. In a forked child only the child's copies of sockets
  // are closed: all else is the parent's.
  ~HostedCluster();
  HostedCluster(const HostedCluster&) = delete;
  HostedCluster& operator=(const HostedCluster&) = delete;

  struct Address {
    std::string name;  // of the broker
    std::string address;
  };
  const std::string& namesrv_address() const;
  const std::vector<Address>& broker_addresses() const;  // masters first, then slaves

  // Runs the line on the loop thread and waits for it. FORKED in a child process.
  base::Status run_command(std::string_view line, std::string* reply);

 private:
  class Core;
  explicit HostedCluster(std::unique_ptr<Core> core);

  std::unique_ptr<Core> core_;
};

}  // namespace rmq::testbroker
