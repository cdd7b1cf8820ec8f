// How far each group has come in each queue of one broker. Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rmq::testbroker {

class OffsetTable {
 public:
  explicit OffsetTable(std::size_t offsets_max) : offsets_max_(offsets_max) {}

  // Whatever it is: a smaller offset than before is taken, too. False beyond the bound, and for
  // names that nothing has.
  bool commit(std::string_view group, std::string_view topic, std::int32_t queue_id,
              std::int64_t offset);
  std::optional<std::int64_t> find(std::string_view group, std::string_view topic,
                                   std::int32_t queue_id) const;
  // What was stored is not there any more. False when it was not.
  bool lose(std::string_view group, std::string_view topic, std::int32_t queue_id);
  // Every stored offset of the group.
  using Visit = std::function<void(const std::string& topic, std::int32_t, std::int64_t offset)>;
  void visit(std::string_view group, const Visit& visit) const;
  std::size_t size() const { return count_; }

 private:
  using Queues = std::map<std::int32_t, std::int64_t>;
  using Topics = std::map<std::string, Queues, std::less<>>;

  std::size_t offsets_max_;
  std::map<std::string, Topics, std::less<>> groups_;
  std::size_t count_ = 0;
};

}  // namespace rmq::testbroker
