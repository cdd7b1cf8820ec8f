// The real servers that a test talks to: a NameServer and its brokers (./dev broker).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rmq::test {

struct RealBroker {
  std::string name;
  std::string address;
};

class Servers {
 public:
  // Those of the CTest fixture, by the file that RMQ_SERVERS_ENV names. Throws std::runtime_error
  // when there are none: a test without its servers fails.
  static Servers of_the_fixture();

  const std::string& version() const { return value("RMQ_VERSION"); }
  const std::string& namesrv_address() const { return value("RMQ_NAMESRV_ADDR"); }
  const std::string& java_peer() const { return value("RMQ_JAVA_PEER"); }
  std::vector<RealBroker> brokers() const;

 protected:
  explicit Servers(const std::string& environment_file);
  const std::string& value(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

// Servers of this test alone, which it may disturb; they end with this object.
class OwnServers : public Servers {
 public:
  // Starts servers of the version under test (RMQ_SERVERS_VERSION) in a folder of the case, or
  // throws std::runtime_error. `options`: more words for ./dev broker start, such as
  // "--property waitTimeMillsInSendQueue=200".
  explicit OwnServers(int broker_count, const std::string& options = "");
  ~OwnServers();
  OwnServers(const OwnServers&) = delete;
  OwnServers& operator=(const OwnServers&) = delete;

  // Done when they return; they throw std::runtime_error. Servers: "namesrv", "broker-a", ...
  void kill(std::string_view server) { act("kill", server); }
  void pause(std::string_view server) { act("pause", server); }
  void resume(std::string_view server) { act("resume", server); }
  void restart(std::string_view server) { act("restart", server); }

 private:
  void act(std::string_view verb, std::string_view server);

  std::string folder_;
};

}  // namespace rmq::test
