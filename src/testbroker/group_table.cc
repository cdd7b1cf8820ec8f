#include "testbroker/group_table.h"

#include "testbroker/send_checks.h"

namespace rmq::testbroker {
namespace {

constexpr std::size_t kGroupCharactersMax = 120;
constexpr std::size_t kBytesKeptMax = 1024;

}  // namespace

bool GroupTable::put(std::string_view group) {
  if (contains(group)) return true;
  if (group.empty() || group.size() > kBytesKeptMax || size() >= groups_max_) return false;
  if (checks_names_ && group.size() > kGroupCharactersMax) return false;
  if (checks_names_ && !has_only_name_characters(group)) return false;
  fingerprints_.emplace(group, kNoHeartbeat);
  return true;
}

bool GroupTable::change_fingerprint(std::string_view group, std::int32_t fingerprint) {
  const auto entry = fingerprints_.find(group);
  if (entry == fingerprints_.end()) return false;
  const bool changed = entry->second != kNoHeartbeat && entry->second != fingerprint;
  entry->second = fingerprint;
  return changed;
}

}  // namespace rmq::testbroker
