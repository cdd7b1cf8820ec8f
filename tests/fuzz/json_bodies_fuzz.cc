// JSON bodies: what another parser takes is read, with the same values, and each typed body
// survives being written and read again.
#include "protocol/cluster_info.h"
#include "protocol/consumer_list.h"
#include "protocol/heartbeat.h"
#include "protocol/json_document.h"
#include "protocol/lock_batch.h"
#include "protocol/route_queues.h"
#include "protocol/topic_route.h"
#include "tests/fuzz/check.h"
#include "tests/support/json_tree.h"

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

void check_against_another_parser(std::string_view text) {
  const auto expected = nlohmann::json::parse(text, nullptr, false);
  const auto document = parse_json_object(text, "fuzz");
  // The other parser takes a zero byte for the end of the text, and reads no byte behind.
  const bool is_read_whole = text.find('\0') == text.npos;
  if (is_read_whole && expected.is_object()) {
    const bool is_beyond_limits =
        !document.ok() && document.error().message.find(" too ") != std::string::npos;
    RMQ_FUZZ_CHECK(document.ok() || is_beyond_limits);
    if (document.ok()) RMQ_FUZZ_CHECK(test::to_tree(document.value().root()) == expected);
    return;
  }
  // What the other one refuses is written as standard JSON, and then it takes that.
  if (!document.ok()) return;
  const std::string standard = test::to_tree(document.value().root()).dump();
  RMQ_FUZZ_CHECK(nlohmann::json::parse(standard, nullptr, false).is_object());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_against_another_parser(text);
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
