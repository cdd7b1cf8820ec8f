#include "protocol/offset_table.h"

#include "base/format.h"
#include "protocol/json_text.h"
#include "protocol/message_queue_json.h"

namespace rmq::protocol {
namespace {

const std::string kMapName(kObjectKeyedMap);

// Appends nothing and says so when the entry is none.
bool append_entry(const Json& queue, const Json& offset, std::vector<QueueOffset>* entries) {
  if (!queue.is_object() || !offset.is_number_integer()) return false;
  entries->push_back({queue_from_json(queue), offset.get<std::int64_t>()});
  const MessageQueue& read = entries->back().queue;
  return !read.topic.empty() && !read.broker_name.empty() && read.queue_id >= 0;
}

bool append_all(const Json& table, std::vector<QueueOffset>* entries) {
  if (table.is_array()) {
    for (const Json& entry : table) {
      if (!append_entry(entry, member(entry, "offset"), entries)) return false;
    }
    return true;
  }
  if (!table.is_object()) return false;
  for (const Json& entry : member(table, kMapName.c_str())) {
    if (!entry.is_array() || entry.size() != 2 || !append_entry(entry[0], entry[1], entries))
      return false;
  }
  return true;
}

}  // namespace

base::Result<std::vector<QueueOffset>> parse_offset_table(std::string_view text) {
  base::Result<Json> parsed = parse_json_object(text, "reading a table of offsets");
  if (!parsed.ok()) return parsed.take_error();
  std::vector<QueueOffset> entries;
  if (!append_all(member(parsed.value(), "offsetTable"), &entries)) {
    return base::make_error(
        base::ErrorCode::BAD_BODY,
        base::format("reading a table of offsets: entry {} is no queue with an offset",
                     entries.size()));
  }
  return entries;
}

std::string consumer_status_to_json(const std::vector<QueueOffset>& offsets) {
  Json entries = Json::array();
  for (const QueueOffset& entry : offsets) {
    entries.push_back(Json::array({queue_to_json(entry.queue), entry.offset}));
  }
  return to_java_json(
      {{"consumerTable", Json::object()}, {"messageQueueTable", {{kMapName, std::move(entries)}}}});
}

}  // namespace rmq::protocol
