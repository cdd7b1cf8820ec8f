// What the heartbeats of a client say, as JSON in two forms. With many subscriptions it is large.
// So each form is written when the first broker needs it, and kept until something else is to be
// said. Loop thread only; owned by Heartbeats.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/heartbeat.h"

namespace rmq::client {

class HeartbeatText {
 public:
  // `has_fingerprint`: for brokers that know the second version of heartbeats, which are told once
  // and then reminded in brief. Throws std::bad_alloc, and has changed nothing then.
  void say(protocol::HeartbeatData data, bool has_fingerprint);

  const std::string& full();
  // Without subscriptions, for a broker that holds this fingerprint.
  const std::string& brief();
  std::int32_t fingerprint() const { return data_.fingerprint; }  // 0: none

  std::uint64_t written() const { return written_; }  // how many texts, for tests

 private:
  protocol::HeartbeatData data_;
  std::string full_;
  std::string brief_;
  std::uint64_t written_ = 0;
};

}  // namespace rmq::client
