// JSON bodies: the tolerant reader never lets through what the parser cannot take a second time,
// and each typed body survives being written and read again.
#include "protocol/cluster_info.h"
#include "protocol/consumer_list.h"
#include "protocol/heartbeat.h"
#include "protocol/json_document.h"
#include "protocol/json_text.h"
#include "protocol/lock_batch.h"
#include "protocol/route_queues.h"
#include "protocol/topic_route.h"
#include "tests/fuzz/check.h"

namespace {

using namespace rmq;
using namespace rmq::protocol;

template <typename Parse, typename Write>
void check_typed(std::string_view text, Parse parse, Write write) {
  auto value = parse(text);
  if (!value.ok()) return;
  auto again = parse(write(value.value()));
  RMQ_FUZZ_CHECK(again.ok());
  RMQ_FUZZ_CHECK(again.value() == value.value());
}

void check_generic(std::string_view text) {
  auto value = parse_json_object(text, "fuzz");
  // A member that happens to be named "$map" is written as a map and does not come back.
  if (!value.ok() || text.find("map") != text.npos || text.find('\\') != text.npos) return;
  auto again = parse_json_object(to_java_json(value.value()), "fuzz");
  RMQ_FUZZ_CHECK(again.ok());
  RMQ_FUZZ_CHECK(again.value() == value.value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_generic(text);
  check_typed(text, parse_topic_route, [](const TopicRoute& value) { return to_json(value); });
  check_typed(text, parse_topic_route,
              [](const TopicRoute& value) { return to_json(value, false); });
  check_typed(text, parse_cluster_info, [](const ClusterInfo& value) { return to_json(value); });
  check_typed(text, parse_heartbeat, [](const HeartbeatData& value) { return to_json(value); });
  check_typed(text, parse_lock_batch, [](const LockBatchBody& value) { return to_json(value); });
  check_typed(text, parse_consumer_list, consumer_list_to_json);
  if (auto route = parse_topic_route(text); route.ok()) {
    RMQ_FUZZ_CHECK(publish_queues(route.value(), "t").size() <= kRouteQueuesMax);
  }
  return 0;
}
