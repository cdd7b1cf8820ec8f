#include "tests/integration/servers.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace rmq::test {
namespace {

std::string folder_of(const std::string& name) { return std::string(RMQ_OWN_SERVERS) + "/" + name; }

void run_dev(const std::string& words) {
  const std::string command = std::string(RMQ_DEV) + " broker " + words + " --no-install >&2";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

// Starts servers and gives their environment file.
std::string start(const std::string& name, std::string_view version, int broker_count,
                  std::string_view options) {
  const std::string folder = folder_of(name);
  run_dev("start --replace --version " + std::string(version) + " --brokers " +
          std::to_string(broker_count) + " --dir " + folder + " " + std::string(options));
  return folder + "/servers.env";
}

}  // namespace

Servers Servers::of_the_fixture() {
  const char* file = std::getenv("RMQ_SERVERS_ENV");
  if (!file) {
    throw std::runtime_error(
        "RMQ_SERVERS_ENV is not set: run this test by ctest, which starts its servers, or name the "
        "servers.env of a cluster of ./dev broker start");
  }
  return Servers(file);
}

Servers::Servers(const std::string& environment_file) {
  std::ifstream file(environment_file);
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) values_[line.substr(0, equals)] = line.substr(equals + 1);
  }
  if (values_.empty()) throw std::runtime_error("no servers: cannot read " + environment_file);
}

const std::string& Servers::value(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::runtime_error("the servers' file has no " + name);
  return found->second;
}

std::vector<RealBroker> Servers::brokers() const {
  std::vector<RealBroker> brokers;
  const std::string prefix = "RMQ_BROKER_";
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    const auto found = values_.find(prefix + letter);
    if (found == values_.end()) break;
    brokers.push_back(
        {"broker-" + std::string(1, static_cast<char>(letter - 'A' + 'a')), found->second});
  }
  return brokers;
}

OwnServers::OwnServers(const std::string& name, std::string_view version, int broker_count,
                       std::string_view options)
    : Servers(start(name, version, broker_count, options)), folder_(folder_of(name)) {}

OwnServers::~OwnServers() {
  try {
    run_dev("stop --dir " + folder_);
  } catch (const std::runtime_error&) {
    // The command has said why; the next start of this name ends what is left.
  }
}

void OwnServers::act(std::string_view verb, std::string_view server) {
  run_dev(std::string(verb) + " " + std::string(server) + " --dir " + folder_);
}

}  // namespace rmq::test
