// BrokerData in JSON bodies; for .cc files only.
#pragma once

#include "base/decimal.h"
#include "protocol/json_document.h"
#include "protocol/topic_route.h"

namespace rmq::protocol {

inline BrokerData broker_from_json(const Json& value) {
  BrokerData broker{.cluster = text_at(value, "cluster"),
                    .broker_name = text_at(value, "brokerName"),
                    .addresses = {},
                    .enable_acting_master = bool_at(value, "enableActingMaster"),
                    .zone_name = text_at(value, "zoneName")};
  const Json& addresses = member(value, "brokerAddrs");
  for (const auto& [id, address] : addresses.items()) {
    const auto number = base::parse_int64(id);
    if (number && addresses.is_object() && address.is_string()) {
      broker.addresses[*number] = address.get<std::string>();
    }
  }
  return broker;
}

// A map with number keys: standard JSON quotes them, older Java writes them bare.
template <typename Map>
Json number_keyed_to_json(const Map& map, bool standard) {
  Json out = Json::object();
  if (standard || map.empty()) {
    for (const auto& [key, value] : map) out[std::to_string(key)] = value;
    return out;
  }
  Json& entries = out["$map"] = Json::array();
  for (const auto& [key, value] : map) entries.push_back(Json::array({key, value}));
  return out;
}

inline Json broker_to_json(const BrokerData& broker, bool standard) {
  Json value = {{"cluster", broker.cluster},
                {"brokerName", broker.broker_name},
                {"brokerAddrs", number_keyed_to_json(broker.addresses, standard)},
                {"enableActingMaster", broker.enable_acting_master}};
  if (!broker.zone_name.empty()) value["zoneName"] = broker.zone_name;
  return value;
}

}  // namespace rmq::protocol
