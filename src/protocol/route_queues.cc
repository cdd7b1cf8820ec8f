#include "protocol/route_queues.h"

#include <algorithm>

#include "base/decimal.h"
#include "base/java_string_hash.h"

namespace rmq::protocol {
namespace {

constexpr std::string_view kMockBrokerPrefix = "__syslo__";
constexpr std::string_view kGlobalScope = "__global__";

void append_queues(std::string_view topic, std::string_view broker_name, std::int32_t count,
                   std::vector<MessageQueue>* queues) {
  for (std::int32_t id = 0; id < count && queues->size() < kRouteQueuesMax; ++id) {
    queues->push_back({std::string(topic), std::string(broker_name), id});
  }
}

// "broker-a:4;broker-b:2". A part that is none is passed over.
std::vector<MessageQueue> ordered_queues(std::string_view conf, std::string_view topic) {
  std::vector<MessageQueue> queues;
  while (!conf.empty()) {
    const std::string_view part = conf.substr(0, conf.find(';'));
    conf.remove_prefix(std::min(conf.size(), part.size() + 1));
    const std::size_t colon = part.find(':');
    if (colon == part.npos) continue;
    const auto count = base::parse_int32(part.substr(colon + 1));
    append_queues(topic, part.substr(0, colon), count.value_or(0), &queues);
  }
  return queues;
}

// Logical queues belong to a broker that does not exist, named after their scope.
std::string mock_broker_name(std::string_view scope) {
  std::string name(kMockBrokerPrefix);
  return name.append(scope == kGlobalScope ? scope.substr(2) : scope);
}

// Per scope, the total of the newest mappings counts; older ones may lag behind a change.
std::map<std::string, std::int32_t> totals_by_scope(const TopicRoute& route) {
  std::vector<const QueueMapping*> newest_first;
  for (const auto& [broker_name, mapping] : route.mappings) newest_first.push_back(&mapping);
  std::stable_sort(newest_first.begin(), newest_first.end(),
                   [](const auto* a, const auto* b) { return a->epoch > b->epoch; });
  std::map<std::string, std::int32_t> totals;
  std::map<std::string, std::int64_t> epochs;
  for (const QueueMapping* mapping : newest_first) {
    const auto [epoch, first] = epochs.try_emplace(mapping->scope, mapping->epoch);
    if (!first && mapping->epoch < epoch->second) continue;
    std::int32_t& total = totals[mapping->scope];
    total = std::max(total, mapping->total_queues);
  }
  return totals;
}

std::vector<MessageQueue> logical_queues(const TopicRoute& route, std::string_view topic) {
  std::vector<MessageQueue> queues;
  for (const auto& [scope, total] : totals_by_scope(route)) {
    append_queues(topic, mock_broker_name(scope), total, &queues);
  }
  std::stable_sort(queues.begin(), queues.end(),
                   [](const auto& a, const auto& b) { return a.queue_id < b.queue_id; });
  return queues;
}

bool has_master(const TopicRoute& route, std::string_view broker_name) {
  const BrokerData* broker = route.find_broker(broker_name);
  return broker != nullptr && broker->addresses.contains(kMasterId);
}

}  // namespace

bool is_logical(std::string_view broker_name) { return broker_name.starts_with(kMockBrokerPrefix); }

std::string_view find_broker_name(const TopicRoute& route, std::string_view broker_name,
                                  std::int32_t queue_id) {
  if (!is_logical(broker_name)) return broker_name;
  const QueueMapping* newest = nullptr;
  for (const auto& [name, mapping] : route.mappings) {
    const bool has_queue =
        mapping.physical_ids.contains(queue_id) && mock_broker_name(mapping.scope) == broker_name;
    if (has_queue && (newest == nullptr || mapping.epoch > newest->epoch)) newest = &mapping;
  }
  return newest ? std::string_view(newest->broker_name) : std::string_view();
}

bool is_order_topic(const TopicRoute& route) {
  return route.order_topic_conf && !route.order_topic_conf->empty();
}

bool is_static_topic(const TopicRoute& route) { return !route.mappings.empty(); }

std::vector<MessageQueue> publish_queues(const TopicRoute& route, std::string_view topic) {
  if (is_order_topic(route)) return ordered_queues(*route.order_topic_conf, topic);
  if (!route.order_topic_conf && is_static_topic(route)) return logical_queues(route, topic);
  std::vector<const QueueData*> sorted;
  for (const QueueData& queue : route.queues) sorted.push_back(&queue);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return base::less_in_java(a->broker_name, b->broker_name);
  });
  std::vector<MessageQueue> queues;
  for (const QueueData* queue : sorted) {
    if ((queue->perm & kPermWrite) == 0 || !has_master(route, queue->broker_name)) continue;
    append_queues(topic, queue->broker_name, queue->write_queue_count, &queues);
  }
  return queues;
}

std::vector<MessageQueue> subscribe_queues(const TopicRoute& route, std::string_view topic) {
  if (is_static_topic(route)) return logical_queues(route, topic);
  std::vector<MessageQueue> queues;
  for (const QueueData& queue : route.queues) {
    if ((queue.perm & kPermRead) == 0) continue;
    append_queues(topic, queue.broker_name, queue.read_queue_count, &queues);
  }
  return queues;
}

}  // namespace rmq::protocol
