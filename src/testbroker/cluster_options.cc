#include "testbroker/cluster_options.h"

#include <algorithm>

#include "testbroker/shown_text.h"

namespace rmq::testbroker {
namespace {

constexpr std::size_t kLetters = 26;
constexpr std::size_t kPorts = 65536;

base::Status refuse_options(std::string message) {
  return base::make_error(base::ErrorCode::ARGUMENT, std::move(message));
}

void move_port(ServerOptions* options, std::size_t step) {
  std::uint16_t& port = options->listen_address.port;
  if (port != 0) port = static_cast<std::uint16_t>(port + step);
}

// What topics and groups may have, so that names are words in every command and reply.
bool is_name(std::string_view text) {
  constexpr std::size_t kBytesMax = 255;
  return !text.empty() && text.size() <= kBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '%' || c == '|' || c == '-' || c == '_';
         });
}

base::Status check_broker_name(const std::string& name) {
  if (is_name(name) && name != kEveryServer && name != kNamesrvName) return {};
  constexpr std::size_t kShownMax = 60;
  return refuse_options(
      "broker_name: \"" + std::string(cut_text(name, kShownMax)) +
      "\" where 1 to 255 letters, digits, %, |, - and _ were expected, other than all and "
      "namesrv");
}

}  // namespace

base::Status check(const ClusterOptions& options) {
  if (auto status = check_broker_name(options.first.broker_name); !status.ok()) return status;
  if (options.brokers < 1 || options.brokers > kBrokersMax) {
    return refuse_options("brokers: expected 1 to " + std::to_string(kBrokersMax));
  }
  if (options.slaves > kSlavesMax) {
    return refuse_options("slaves: expected 0 to " + std::to_string(kSlavesMax));
  }
  const std::size_t servers = options.brokers * (1 + options.slaves);
  if (servers > 1 && !options.first.advertised_address.empty()) {
    return refuse_options("advertise: for one broker without slaves only");
  }
  const std::size_t port = options.first.listen_address.port;
  if (port != 0 && port + servers + (options.separate_namesrv ? 1 : 0) > kPorts) {
    return refuse_options("port: no room behind " + std::to_string(port) + " for all servers");
  }
  return {};
}

std::string name_broker(std::string_view first_name, std::size_t index) {
  std::string name(first_name);
  if (index == 0) return name;
  if (name.ends_with("-a") && index < kLetters) {
    name.back() = static_cast<char>('a' + index);
    return name;
  }
  return name + "-" + std::to_string(index + 1);
}

ServerOptions make_broker_options(const ServerOptions& first, std::size_t index,
                                  RouteTable& routes) {
  ServerOptions options = first;
  options.shared_routes = &routes;
  options.broker_name = name_broker(first.broker_name, index);
  if (index == 0) return options;
  options.nameserver = false;
  options.advertised_address.clear();
  move_port(&options, index);
  return options;
}

ServerOptions make_slave_options(const ServerOptions& master, std::int64_t id,
                                 std::size_t port_step) {
  ServerOptions options = master;
  options.nameserver = false;
  options.advertised_address.clear();
  options.broker_id = id;
  move_port(&options, port_step);
  return options;
}

ServerOptions make_namesrv_options(const ServerOptions& first, RouteTable& routes) {
  ServerOptions options = first;
  options.broker = false;
  options.nameserver = true;
  options.shared_routes = &routes;
  options.advertised_address.clear();
  return options;
}

}  // namespace rmq::testbroker
