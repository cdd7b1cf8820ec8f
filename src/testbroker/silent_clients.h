// Ends the connections of clients that have sent heartbeats and stopped doing so, as a broker does
// after two minutes. Loop thread only.
#pragma once

#include <memory>

#include "transport/loop.h"

namespace rmq::testbroker {

class ServerState;

class SilentClients final : private transport::TimerHandler {
 public:
  explicit SilentClients(ServerState& state);
  void watch();  // there is somebody who may fall silent

 private:
  void on_timer() override;

  ServerState& state_;
  bool watching_ = false;
  std::unique_ptr<transport::Timer> timer_;
};

}  // namespace rmq::testbroker
