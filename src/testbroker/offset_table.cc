#include "testbroker/offset_table.h"

#include "testbroker/limits.h"

namespace rmq::testbroker {
namespace {

// Like operator[], with a string made only when the key is new.
template <typename Map>
typename Map::mapped_type& at_or_new(Map& map, std::string_view key) {
  const auto entry = map.find(key);
  return entry != map.end() ? entry->second : map[std::string(key)];
}

}  // namespace

bool OffsetTable::commit(std::string_view group, std::string_view topic, std::int32_t queue_id,
                         std::int64_t offset) {
  if (group.size() > kNameBytesMax || topic.size() > kNameBytesMax) return false;
  if (count_ >= offsets_max_ && !find(group, topic, queue_id)) return false;
  Queues& queues = at_or_new(at_or_new(groups_, group), topic);
  if (queues.insert_or_assign(queue_id, offset).second) ++count_;
  return true;
}

std::optional<std::int64_t> OffsetTable::find(std::string_view group, std::string_view topic,
                                              std::int32_t queue_id) const {
  const auto topics = groups_.find(group);
  if (topics == groups_.end()) return std::nullopt;
  const auto queues = topics->second.find(topic);
  if (queues == topics->second.end()) return std::nullopt;
  const auto offset = queues->second.find(queue_id);
  if (offset == queues->second.end()) return std::nullopt;
  return offset->second;
}

bool OffsetTable::lose(std::string_view group, std::string_view topic, std::int32_t queue_id) {
  if (!find(group, topic, queue_id)) return false;
  groups_.find(group)->second.find(topic)->second.erase(queue_id);
  --count_;
  return true;
}

void OffsetTable::visit(std::string_view group, const Visit& visit) const {
  const auto topics = groups_.find(group);
  if (topics == groups_.end()) return;
  for (const auto& [topic, queues] : topics->second) {
    for (const auto& [queue_id, offset] : queues) visit(topic, queue_id, offset);
  }
}

}  // namespace rmq::testbroker
