#include "protocol/consumer_list.h"

#include "protocol/json_document.h"

namespace rmq::protocol {

base::Result<std::vector<std::string>> parse_consumer_list(std::string_view text) {
  base::Result<Json> parsed = parse_json_object(text, "reading a consumer list");
  if (!parsed.ok()) return parsed.take_error();
  return texts_at(parsed.value(), "consumerIdList");
}

std::string consumer_list_to_json(const std::vector<std::string>& client_ids) {
  return to_java_json({{"consumerIdList", client_ids}});
}

}  // namespace rmq::protocol
