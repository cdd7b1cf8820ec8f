#include "testbroker/cluster_options.h"

namespace rmq::testbroker {
namespace {

constexpr std::size_t kLetters = 26;

}  // namespace

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
  if (first.listen_address.port != 0) {
    options.listen_address.port = static_cast<std::uint16_t>(first.listen_address.port + index);
  }
  return options;
}

}  // namespace rmq::testbroker
