#include "client/announced_address.h"

#include <string>

namespace rmq::client {
namespace {

using base::ErrorCode;

bool is_without_connection(const base::Error& error) {
  switch (error.code) {
    case ErrorCode::CANNOT_RESOLVE:
    case ErrorCode::REFUSED:
    case ErrorCode::UNREACHABLE:
    case ErrorCode::CONNECT_TIMEOUT:
      return true;
    case ErrorCode::REQUEST_TIMEOUT:  // it spent its time waiting for a connection
      return error.outcome == base::Outcome::not_applied;
    default:
      return false;
  }
}

}  // namespace

void explain_announced_address(std::string_view broker_name, base::Error* error) {
  if (broker_name.empty() || error->address.empty() || !is_without_connection(*error)) return;
  const std::string name(broker_name);
  std::string message =
      error->message + "; the address " + error->address +
      " is not of your configuration: the NameServer announced it for the broker " + name;
  std::string hint = "if clients cannot reach that address, set brokerIP1 of " + name +
                     " to one that they reach; the option address_map, which replaces announced "
                     "addresses here, has no effect yet";
  error->message = std::move(message);
  error->hint = std::move(hint);
}

void explain_announced_address(const std::vector<cluster::KnownBroker>& known_brokers,
                               base::Error* error) {
  for (const cluster::KnownBroker& broker : known_brokers) {
    if (broker.endpoint->name() != error->address) continue;
    explain_announced_address(broker.broker_name, error);
    return;
  }
}

}  // namespace rmq::client
