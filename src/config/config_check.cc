// What one value alone cannot tell: options that nobody takes, values that contradict each other.
#include <string>

#include "config/config.h"
#include "config/option_choices.h"
#include "config/option_error.h"

namespace rmq::config {
namespace {

using base::ErrorCode;
using base::Status;

// `first` is of no use without `second`.
struct Need {
  OptionId first;
  OptionId second;
};

constexpr Need kNeeds[] = {
    {OptionId::kAccessKey, OptionId::kSecretKey},
    {OptionId::kSecretKey, OptionId::kAccessKey},
    {OptionId::kSecurityToken, OptionId::kAccessKey},
    {OptionId::kTlsCertFile, OptionId::kTlsKeyFile},
    {OptionId::kTlsKeyFile, OptionId::kTlsCertFile},
    {OptionId::kTlsKeyPassword, OptionId::kTlsKeyFile},
    // Whoever names certificates expects TLS; saying `tls_enable = false` is how to turn it off.
    {OptionId::kTlsCaFile, OptionId::kTlsEnable},
    {OptionId::kTlsCertFile, OptionId::kTlsEnable},
    {OptionId::kTlsServerName, OptionId::kTlsEnable},
    {OptionId::kTlsMinVersion, OptionId::kTlsEnable},
};

// `low` must not exceed `high`; looked at when `low` was set, or also when only `high` was.
struct Order {
  OptionId low;
  OptionId high;
  bool either_set;
};

constexpr Order kOrders[] = {
    {OptionId::kReconnectBackoffMin, OptionId::kReconnectBackoffMax, true},
    {OptionId::kBatchMaxBytes, OptionId::kMaxMessageSize, false},
    {OptionId::kMaxMessageSize, OptionId::kMaxInflightBytes, false},
};

std::string name_of(OptionId id) { return std::string(option_info(id).name); }

bool owns_both(Owner owner, OptionId one, OptionId other) {
  return option_info(one).belongs_to(owner) && option_info(other).belongs_to(owner);
}

std::string shown(const Config& config, OptionId id) {
  const OptionInfo& info = option_info(id);
  std::string text = name_of(id) + " = " + std::string(config.text(id).value_or("(not set)"));
  if (!info.unit.empty()) text.append(" ").append(info.unit);
  return text + (config.is_set(id) ? "" : " (default)");
}

Status check_needs(const Config& config, Owner owner) {
  for (const auto& [first, second] : kNeeds) {
    if (!owns_both(owner, first, second)) continue;
    if (!config.is_set(first) || config.is_set(second)) continue;
    return base::make_error(ErrorCode::OPTION_VALUE,
                            "option " + name_of(first) + " is set without " + name_of(second),
                            "set both or neither");
  }
  return {};
}

Status check_orders(const Config& config, Owner owner) {
  for (const auto& [low, high, either_set] : kOrders) {
    if (!owns_both(owner, low, high)) continue;
    if (!config.is_set(low) && !(either_set && config.is_set(high))) continue;
    if (config.integer(low) <= config.integer(high)) continue;
    return base::make_error(ErrorCode::OPTION_VALUE,
                            "options contradict each other: " + shown(config, low) +
                                ", expected at most " + shown(config, high));
  }
  return {};
}

Status make_contradiction(const Config& config, OptionId one, OptionId other, std::string hint) {
  return base::make_error(
      ErrorCode::OPTION_VALUE,
      "options contradict each other: " + shown(config, one) + " and " + shown(config, other),
      std::move(hint));
}

Status check_runtime(const Config& config) {
  if (config.is_set(OptionId::kNamespace) && config.is_set(OptionId::kNamespaceV2)) {
    return make_contradiction(config, OptionId::kNamespace, OptionId::kNamespaceV2,
                              "a cluster uses one generation of namespaces");
  }
  const auto run_mode = static_cast<RunMode>(config.choice(OptionId::kRunMode));
  if (run_mode == RunMode::kDriven && config.is_set(OptionId::kDispatcherThreads)) {
    return make_contradiction(config, OptionId::kRunMode, OptionId::kDispatcherThreads,
                              "a driven runtime has no threads of its own");
  }
  return {};
}

Status check_producer(const Config& config) {
  constexpr std::int64_t kZlibLevelMax = 9;
  const auto type = static_cast<CompressType>(config.choice(OptionId::kCompressType));
  const std::int64_t level = config.integer(OptionId::kCompressLevel);
  const bool fits = type == CompressType::kZlib   ? level <= kZlibLevelMax
                    : type == CompressType::kZstd ? level >= 1
                                                  : true;
  if (fits) return {};
  return make_contradiction(config, OptionId::kCompressType, OptionId::kCompressLevel,
                            "zlib has the levels 0 to 9, zstd 1 to 22");
}

Status check_consumer(const Config& config) {
  const auto from = static_cast<ConsumeFromWhere>(config.choice(OptionId::kConsumeFromWhere));
  if (config.is_set(OptionId::kConsumeTimestamp) && from != ConsumeFromWhere::kTimestamp) {
    return make_contradiction(config, OptionId::kConsumeTimestamp, OptionId::kConsumeFromWhere,
                              "set consume_from_where to timestamp to begin there");
  }
  const auto strategy =
      static_cast<AllocateStrategy>(config.choice(OptionId::kAllocateMessageQueueStrategy));
  const bool by_room = strategy == AllocateStrategy::kMachineRoom ||
                       strategy == AllocateStrategy::kMachineRoomNearby;
  if (!by_room || config.is_set(OptionId::kMachineRoom)) return {};
  return make_contradiction(config, OptionId::kAllocateMessageQueueStrategy, OptionId::kMachineRoom,
                            "name this client's machine room");
}

}  // namespace

Status Config::check_change(Owner owner) const {
  for (const auto& [id, setting] : settings_) {
    const OptionInfo& info = option_info(id);
    if (info.is_live_for(owner)) continue;
    return base::make_error(ErrorCode::OPTION_VALUE,
                            "option " + name_of(id) + " of a " + std::string(owner_name(owner)) +
                                " cannot change while the " + std::string(owner_name(owner)) +
                                " lives",
                            "docs/options.md says which options may");
  }
  return check_for(owner);
}

Status Config::check_beside(const Config& runtime, Owner owner) const {
  for (const auto& [id, setting] : settings_) {
    const OptionInfo& info = option_info(id);
    if (info.belongs_to(owner) || setting.source == Source::kPredefined) continue;
    const auto place = runtime.settings_.find(id);
    const bool is_same =
        place != runtime.settings_.end() && place->second.value.text == setting.value.text;
    if (!is_same) return make_misplaced_option(info, owner);
  }
  return check_for(owner);
}

Status Config::check_for(Owner owner) const {
  if (Status needs = check_needs(*this, owner); !needs.ok()) return needs;
  if (Status orders = check_orders(*this, owner); !orders.ok()) return orders;
  switch (owner) {
    case Owner::kRuntime:
      return check_runtime(*this);
    case Owner::kProducer:
      return check_producer(*this);
    case Owner::kConsumer:
      return check_consumer(*this);
    case Owner::kStore:
    case Owner::kAdmin:
      break;
  }
  return {};
}

}  // namespace rmq::config
