// Bounds that several commands and requests share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rmq::testbroker {

constexpr std::size_t kNameBytesMax = 255;     // no name of RocketMQ is longer; client ids are
constexpr std::int32_t kQueuesMax = 65535;     // of one topic
constexpr std::size_t kServerRulesMax = 1000;  // faults that wait on one server

}  // namespace rmq::testbroker
