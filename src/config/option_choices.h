// The words of the choice options as types, in the order of the table: what Config::choice gives
// is cast to these.
#pragma once

#include <cstdint>

namespace rmq::config {

enum class MessageModel : std::int32_t { kClustering, kBroadcasting };
enum class ConsumeFromWhere : std::int32_t { kFirst, kLast, kTimestamp };
enum class CompressType : std::int32_t { kZlib, kLz4, kZstd };
enum class QueueFullPolicy : std::int32_t { kBlock, kError };
enum class RunMode : std::int32_t { kThreaded, kDriven };
enum class LogLevel : std::int32_t { kOff, kError, kWarn, kInfo, kDebug };
enum class TlsMinVersion : std::int32_t { k1_2, k1_3 };
enum class AskedEvents : std::int32_t { kDefault, kNone, kError };
enum class ReadOffsetType : std::int32_t { kMemory, kStore, kMemoryFirstThenStore };
enum class AllocateStrategy : std::int32_t {
  kAvg,
  kAvgByCircle,
  kConsistentHash,
  kMachineRoom,
  kMachineRoomNearby,
  kConfig,
  kCallback,
};
// The position of a `language` word is RocketMQ's own number of that language.

}  // namespace rmq::config
