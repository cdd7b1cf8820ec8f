#include "protocol/consumer_list.h"

#include "protocol/json_document.h"
#include "protocol/json_writer.h"

namespace rmq::protocol {

base::Result<std::vector<std::string>> parse_consumer_list(std::string_view text) {
  base::Result<JsonDocument> parsed = parse_json_object(text, "reading a consumer list");
  if (!parsed.ok()) return parsed.take_error();
  return texts_of(parsed.value().root().member("consumerIdList"));
}

std::string consumer_list_to_json(const std::vector<std::string>& client_ids) {
  JsonWriter out;
  out.begin_object();
  out.texts("consumerIdList", client_ids);
  out.end_object();
  return out.take();
}

}  // namespace rmq::protocol
