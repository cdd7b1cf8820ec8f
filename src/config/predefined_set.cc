#include "config/predefined_set.h"

#include <iterator>

namespace rmq::config {
namespace {

constexpr PredefinedValue kHighThroughput[] = {
    {OptionId::kMaxInflight, "131072"},
    {OptionId::kMaxInflightBytes, "268435456"},
    {OptionId::kEventQueueCapacity, "262144"},
    {OptionId::kConnectionPoolSize, "2"},
    {OptionId::kCompressLevel, "1"},
    {OptionId::kConsumeMessageBatchMaxSize, "32"},
    {OptionId::kPullBatchSize, "256"},
    {OptionId::kPullBatchSizeInBytes, "1048576"},
    {OptionId::kPullThresholdForQueue, "10000"},
    {OptionId::kPullThresholdForAll, "100000"},
    {OptionId::kConsumeConcurrentlyMaxSpan, "20000"},
};

constexpr PredefinedValue kLowLatency[] = {
    {OptionId::kConnectTimeout, "1000"},          {OptionId::kReconnectBackoffMin, "20"},
    {OptionId::kReconnectBackoffMax, "5000"},     {OptionId::kPollNameServerInterval, "10000"},
    {OptionId::kRouteCacheTtl, "10000"},          {OptionId::kEnableMessageCompression, "false"},
    {OptionId::kConsumeMessageBatchMaxSize, "1"}, {OptionId::kPullInterval, "0"},
};

constexpr PredefinedValue kLowMemory[] = {
    {OptionId::kMaxInflight, "1024"},
    {OptionId::kMaxInflightBytes, "8388608"},
    {OptionId::kEventQueueCapacity, "1024"},
    {OptionId::kIdleTimeout, "60000"},
    {OptionId::kDecompressMaxBytes, "8388608"},
    {OptionId::kPullBatchSize, "16"},
    {OptionId::kPullBatchSizeInBytes, "65536"},
    {OptionId::kPullThresholdForQueue, "100"},
    {OptionId::kPullThresholdSizeForQueue, "4"},
    {OptionId::kPullThresholdForAll, "1000"},
    {OptionId::kPullThresholdSizeForAll, "32"},
};

constexpr PredefinedSet kSets[] = {
    {"default", "Every option at its default.", {}},
    {"high_throughput", "Larger batches and buffers: more messages per second for more memory.",
     kHighThroughput},
    {"low_latency", "No waiting for company, faster recovery: shorter times for more requests.",
     kLowLatency},
    {"low_memory", "Small buffers and caches, for small machines and many clients in one process.",
     kLowMemory},
};

}  // namespace

const PredefinedSet* predefined_set_at(std::size_t index) {
  return index < std::size(kSets) ? &kSets[index] : nullptr;
}

const PredefinedSet* find_predefined_set(std::string_view name) {
  for (const PredefinedSet& set : kSets) {
    if (set.name == name) return &set;
  }
  return nullptr;
}

}  // namespace rmq::config
