// The consumer groups that one broker has heard of. They are made by the first mention, as brokers
// do unless told otherwise, and stay when their last member has gone. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace rmq::testbroker {

class GroupTable {
 public:
  // `checks_names`: 5.x has rules for them, 4.9 has none.
  GroupTable(std::size_t groups_max, bool checks_names)
      : groups_max_(groups_max), checks_names_(checks_names) {}

  // Finds or makes. False for a name that no group may have, and beyond the bound.
  bool put(std::string_view group);
  bool contains(std::string_view group) const { return fingerprints_.contains(group); }
  // Remembers the fingerprint of a member's heartbeat; true when the one before was another.
  bool change_fingerprint(std::string_view group, std::int32_t fingerprint);
  std::size_t size() const { return fingerprints_.size(); }

 private:
  static constexpr std::int64_t kNoHeartbeat = INT64_MIN;

  std::size_t groups_max_;
  bool checks_names_;
  std::map<std::string, std::int64_t, std::less<>> fingerprints_;
};

}  // namespace rmq::testbroker
