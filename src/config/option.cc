#include "config/option.h"

#include <algorithm>
#include <iterator>

namespace rmq::config {
namespace {

constexpr std::string_view unit_of(OptionKind kind, std::string_view domain) {
  switch (kind) {
    case OptionKind::kInteger:
      return domain;
    case OptionKind::kDuration:
      return "ms";
    case OptionKind::kBytes:
      return "bytes";
    case OptionKind::kMebibytes:
      return "MiB";
    default:
      return "";
  }
}

constexpr std::string_view words_of(OptionKind kind, std::string_view domain) {
  return kind == OptionKind::kChoice || kind == OptionKind::kBoolean ? domain : "";
}

// The words that the table is written in.
constexpr const char* none = nullptr;
constexpr const char* same = nullptr;
constexpr auto runtime = static_cast<std::uint32_t>(Owner::kRuntime);
constexpr auto producer = static_cast<std::uint32_t>(Owner::kProducer);
constexpr auto consumer = static_cast<std::uint32_t>(Owner::kConsumer);
constexpr auto store = static_cast<std::uint32_t>(Owner::kStore);
constexpr auto admin = static_cast<std::uint32_t>(Owner::kAdmin);
// Beside the owners, in the same number.
constexpr std::uint32_t kOwnerBits = 8;
constexpr std::uint32_t kOwnerMask = (1U << kOwnerBits) - 1;
constexpr std::uint32_t live_runtime = runtime << kOwnerBits;
constexpr std::uint32_t live_producer = producer << kOwnerBits;
constexpr std::uint32_t live_consumer = consumer << kOwnerBits;
constexpr std::uint32_t code_only = 1U << (2 * kOwnerBits);

constexpr OptionInfo kTable[] = {
#define RMQ_OPTION(id, name, kind, minimum, maximum, plain, low_level, owners, domain, \
                   effective_since, sentence)                                          \
  {OptionId::id,                                                                       \
   OptionKind::kind,                                                                   \
   minimum,                                                                            \
   maximum,                                                                            \
   name,                                                                               \
   plain,                                                                              \
   low_level,                                                                          \
   (owners)&kOwnerMask,                                                                \
   (owners) >> kOwnerBits & kOwnerMask,                                                \
   ((owners)&code_only) != 0,                                                          \
   unit_of(OptionKind::kind, domain),                                                  \
   words_of(OptionKind::kind, domain),                                                 \
   effective_since,                                                                    \
   sentence},
#include "config/option_table.def"
#undef RMQ_OPTION
};

}  // namespace

bool OptionInfo::has_effect(std::int64_t value) const {
  bool found = has_effect();
  for_each_value(*this, [&](std::string_view, std::int64_t number, bool is_there) {
    if (number == value) found = found && is_there;
  });
  return found;
}

const OptionInfo* option_at(std::size_t index) {
  return index < std::size(kTable) ? &kTable[index] : nullptr;
}

const OptionInfo& option_info(OptionId id) { return kTable[static_cast<std::size_t>(id)]; }

const OptionInfo* find_option(std::string_view name) {
  const auto* found = std::find_if(std::begin(kTable), std::end(kTable),
                                   [&](const OptionInfo& info) { return info.name == name; });
  return found == std::end(kTable) ? nullptr : found;
}

std::string_view kind_name(OptionKind kind) {
  switch (kind) {
    case OptionKind::kBoolean:
      return "boolean";
    case OptionKind::kInteger:
      return "integer";
    case OptionKind::kDuration:
      return "duration";
    case OptionKind::kBytes:
    case OptionKind::kMebibytes:
      return "size";
    case OptionKind::kText:
      return "text";
    case OptionKind::kSecret:
      return "secret text";
    case OptionKind::kChoice:
      return "choice";
    case OptionKind::kFile:
      return "file path";
    case OptionKind::kAddressList:
      return "address list";
    case OptionKind::kAddressMap:
      return "address map";
    case OptionKind::kTimestamp:
      return "timestamp";
  }
  return "";
}

std::string_view owner_name(Owner owner) {
  switch (owner) {
    case Owner::kRuntime:
      return "runtime";
    case Owner::kProducer:
      return "producer";
    case Owner::kConsumer:
      return "consumer";
    case Owner::kStore:
      return "store";
    case Owner::kAdmin:
      return "admin";
  }
  return "";
}

}  // namespace rmq::config
