// A blocking connection to a server that is compared: sends any bytes, cuts what comes back into
// frames. Every wait has a deadline. Used by one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "wire/command.h"

namespace rmq::conformance {

using std::chrono::milliseconds;

class Connection {
 public:
  // Throws std::runtime_error when nobody listens there. `address`: host:port.
  explicit Connection(const std::string& address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes);  // a server that closed meanwhile is no error
  void send(const wire::Command& command);
  // None when the time is up or the connection has ended; is_closed() tells which.
  std::optional<wire::Command> next_answer(std::int32_t opaque, milliseconds limit);
  // The next request of the server's own.
  std::optional<wire::Command> next_push(milliseconds limit);
  // Whether the server ends the connection within the limit; what comes until then is thrown away.
  bool closes_within(milliseconds limit);
  bool is_closed() const { return closed_; }

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  bool read_more(Deadline deadline);  // false: time is up or the end
  void cut_frames();

  int socket_ = -1;
  bool closed_ = false;
  std::string unread_;
  std::deque<wire::Command> answers_;
  std::deque<wire::Command> pushes_;
};

}  // namespace rmq::conformance
