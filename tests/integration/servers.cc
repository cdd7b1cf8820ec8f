#include "tests/integration/servers.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace rmq::test {
namespace {

const char* need_environment(const char* name, const char* meaning) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
  if (value) return value;
  throw std::runtime_error(std::string(name) +
                           " is not set: run this test by ctest, or set it to " + meaning);
}

void run_dev(const std::string& words) {
  const std::string command = std::string(RMQ_DEV) + " broker " + words + " --no-install >&2";
  // NOLINTNEXTLINE(concurrency-mt-unsafe): starts no thread and shares nothing
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

std::string own_version() {
  return need_environment("RMQ_SERVERS_VERSION", "the version to start, such as 5.4.0");
}

// One per case and version: cases run beside each other.
std::string own_folder() {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  return std::string(RMQ_OWN_SERVERS) + "/" + test->test_suite_name() + "." + test->name() +
         ".on_" + own_version();
}

// Starts servers and gives their environment file.
std::string start_own(int broker_count, const std::string& options) {
  const std::string folder = own_folder();
  run_dev("start --replace --dir " + folder + " --version " + own_version() + " --brokers " +
          std::to_string(broker_count) + " " + options);
  return folder + "/servers.env";
}

}  // namespace

Servers Servers::of_the_fixture() {
  return Servers(need_environment("RMQ_SERVERS_ENV", "the servers.env of ./dev broker start"));
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

OwnServers::OwnServers(int broker_count, const std::string& options)
    : Servers(start_own(broker_count, options)), folder_(own_folder()) {}

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
