#include "protocol/offset_table.h"

#include "base/format.h"
#include "protocol/message_queue_json.h"

namespace rmq::protocol {
namespace {

// Says no when that is none; the entry is appended all the same.
bool append_entry(JsonView queue, JsonView offset, std::vector<QueueOffset>* entries) {
  if (!queue.is(JsonKind::object) || !offset.is(JsonKind::integer)) return false;
  entries->push_back({read_queue(queue), offset.integer()});
  const MessageQueue& read = entries->back().queue;
  return !read.topic.empty() && !read.broker_name.empty() && read.queue_id >= 0;
}

bool append_all(JsonView table, std::vector<QueueOffset>* entries) {
  for (const JsonView entry : table.elements()) {
    if (!append_entry(entry, entry.member("offset"), entries)) return false;
  }
  for (const JsonView pair : table.pairs()) {
    JsonView key_and_value[2];
    std::size_t count = 0;
    for (const JsonView item : pair.elements()) key_and_value[count++] = item;
    if (!append_entry(key_and_value[0], key_and_value[1], entries)) return false;
  }
  return table.is(JsonKind::array) || table.is(JsonKind::pairs) || table.is(JsonKind::object);
}

}  // namespace

base::Result<std::vector<QueueOffset>> parse_offset_table(std::string_view text) {
  base::Result<JsonDocument> parsed = parse_json_object(text, "reading a table of offsets");
  if (!parsed.ok()) return parsed.take_error();
  std::vector<QueueOffset> entries;
  if (!append_all(parsed.value().root().member("offsetTable"), &entries)) {
    return base::make_error(
        base::ErrorCode::BAD_BODY,
        base::format("reading a table of offsets: entry {} is no queue with an offset",
                     entries.size()));
  }
  return entries;
}

std::string consumer_status_to_json(const std::vector<QueueOffset>& offsets) {
  JsonWriter out;
  out.begin_object();
  out.empty_object("consumerTable");
  out.begin_object("messageQueueTable");
  for (const QueueOffset& entry : offsets) {
    write_queue(entry.queue, &out);
    out.colon();
    out.number(entry.offset);
  }
  out.end_object();
  out.end_object();
  return out.take();
}

}  // namespace rmq::protocol
