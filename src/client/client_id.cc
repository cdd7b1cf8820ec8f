#include "client/client_id.h"

#include "transport/local_address.h"

namespace rmq::client {
namespace {

using config::OptionId;

transport::SocketAddress own_address(const config::Config& config) {
  transport::SocketAddress address;
  const auto given = config.text(OptionId::kClientIp);
  if (given && transport::SocketAddress::parse_literal(*given, 0, &address)) return address;
  return transport::find_local_address();
}

std::string ip_text(const transport::SocketAddress& address) {
  std::string text = address.to_text();
  text.resize(text.rfind(':'));
  return text;
}

}  // namespace

std::string make_client_id(const config::Config& config, Surroundings& surroundings) {
  const auto given_ip = config.text(OptionId::kClientIp);
  std::string id = given_ip ? std::string(*given_ip) : ip_text(own_address(config));
  id += '@';
  if (const auto instance = config.text(OptionId::kInstanceName)) {
    id += *instance;
  } else {
    id += std::to_string(surroundings.process_id()) + "#" + std::to_string(surroundings.random());
  }
  if (const auto unit = config.text(OptionId::kUnitName)) id.append("@").append(*unit);
  return id;
}

std::unique_ptr<protocol::UniqueIdGenerator> make_unique_id_generator(const config::Config& config,
                                                                      Surroundings& surroundings) {
  const transport::SocketAddress address = own_address(config);
  return std::make_unique<protocol::UniqueIdGenerator>(
      base::Bytes(address.ip, address.v6 ? 16 : 4),
      static_cast<std::uint16_t>(surroundings.process_id()),
      static_cast<std::uint32_t>(surroundings.random()));
}

}  // namespace rmq::client
