// What a server tells of its state, for those that copy it.
#pragma once

#include <cstdint>
#include <string_view>

#include "testbroker/store.h"
#include "testbroker/topic_config.h"

namespace rmq::testbroker {

class Server;

class Replicator {
 public:
  // A master's state changed.
  virtual void on_message(const Message& message) = 0;
  virtual void on_offset(std::string_view group, std::string_view topic, std::int32_t queue_id,
                         std::int64_t offset) = 0;
  virtual void on_topic(const TopicConfig& topic) = 0;
  virtual void on_topic_removed(std::string_view topic) = 0;
  // The server was down or frozen and is not any more.
  virtual void on_up(Server& server) = 0;

 protected:
  ~Replicator() = default;
};

}  // namespace rmq::testbroker
