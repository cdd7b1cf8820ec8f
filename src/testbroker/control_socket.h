// The executable's control socket: a unix stream socket on which every line is a command. The
// answer is the command's lines and then a line "OK", or a line "ERROR <sentence>". The owner
// polls; one thread only.
#pragma once

#include <poll.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "testbroker/hosted_cluster.h"

namespace rmq::testbroker {

class ControlSocket {
 public:
  // Makes the socket file, which nobody but its owner may open, in place of one that nobody listens
  // on any more.
  static base::Result<std::unique_ptr<ControlSocket>> open(const std::string& path,
                                                           HostedCluster& cluster);
  ~ControlSocket();  // removes the file
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // For how long to poll at most (-1 has no end), to be asked first, and what.
  int poll_timeout_ms() const;
  void add_descriptors(std::vector<pollfd>* polled) const;
  // Handles what poll has found; others' descriptors in the list are left alone.
  void handle(const std::vector<pollfd>& polled);

 private:
  struct Connection {
    int descriptor = -1;
    std::string input;    // the beginning of a line
    std::string output;   // as long as there is some, nothing is read
    bool ending = false;  // when the output has left
  };

  ControlSocket(std::string path, int listener, HostedCluster& cluster)
      : path_(std::move(path)), listener_(listener), cluster_(cluster) {}
  bool is_resting() const;
  void accept_one();
  void read(Connection& connection);
  void write(Connection& connection);
  void run_lines(Connection& connection);
  void run_line(const std::string& line, Connection& connection);

  const std::string path_;
  const int listener_;
  HostedCluster& cluster_;
  std::vector<Connection> connections_;
  // While there is no descriptor for a newcomer, poll would report it again and again.
  std::chrono::steady_clock::time_point rest_until_;
};

}  // namespace rmq::testbroker
