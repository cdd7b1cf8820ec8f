// BrokerData in JSON bodies; for .cc files only.
#pragma once

#include "base/decimal.h"
#include "protocol/json_document.h"
#include "protocol/json_writer.h"
#include "protocol/topic_route.h"

namespace rmq::protocol {

inline BrokerData read_broker(JsonView value) {
  BrokerData broker{.cluster = text_at(value, "cluster"),
                    .broker_name = text_at(value, "brokerName"),
                    .addresses = {},
                    .enable_acting_master = bool_at(value, "enableActingMaster"),
                    .zone_name = text_at(value, "zoneName")};
  for (const JsonView address : value.member("brokerAddrs").members()) {
    const auto id = base::parse_int64(address.name());
    if (id && address.is(JsonKind::string)) broker.addresses[*id] = address.text();
  }
  return broker;
}

// The key of a map by numbers: standard JSON quotes it, older Java writes it bare.
inline void write_number_name(std::int64_t number, bool standard, JsonWriter* out) {
  if (!standard) return out->bare_name(number);
  out->name(base::DecimalText(number).view());
}

inline void write_broker(const BrokerData& broker, bool standard, JsonWriter* out) {
  out->begin_object();
  out->begin_object("brokerAddrs");
  for (const auto& [id, address] : broker.addresses) {
    write_number_name(id, standard, out);
    out->text(address);
  }
  out->end_object();
  out->text("brokerName", broker.broker_name);
  out->text("cluster", broker.cluster);
  out->boolean("enableActingMaster", broker.enable_acting_master);
  if (!broker.zone_name.empty()) out->text("zoneName", broker.zone_name);
  out->end_object();
}

}  // namespace rmq::protocol
