// One connection of a client through the proxy, and the connection to the server behind it.
#pragma once

#include <poll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/support/fault_rule.h"
#include "tests/support/proxy_frame.h"
#include "tests/support/proxy_socket.h"

namespace rmq::test {

class ProxyLink;

// Decides what becomes of each frame, which it may change.
class FrameJudge {
 public:
  struct Verdict {
    // last: this passes, and then nothing does.
    enum class Fate : std::uint8_t { pass, drop, cut, silence, last } fate = Fate::pass;
    std::chrono::milliseconds delay{0};
  };
  virtual Verdict judge(const ProxyLink& link, FrameDirection direction, std::int32_t request_code,
                        ProxyFrame* frame) = 0;

 protected:
  ~FrameJudge() = default;
};

class ProxyLink {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kPolls = 2;

  ProxyLink(std::string entrance, std::string server, ProxySocket client_socket,
            ProxySocket server_socket, FrameJudge& judge);

  const std::string& entrance() const { return entrance_; }
  const std::string& server() const { return server_; }
  bool is_over() const { return !client_socket_.is_open() && !server_socket_.is_open(); }
  // True once the server, not the client and not a fault, has ended the connection.
  bool server_has_left() const { return server_has_left_; }

  // Appends kPolls entries.
  void add_polls(std::vector<pollfd>* polls) const;
  // `ready`: the same entries after poll(), or anything else when only time has passed.
  void work(const pollfd* ready, Instant now);
  std::optional<Instant> next_due() const;

  void cut();
  // Nothing comes any more, in both directions. `keeps_server_side`: the connection to the server
  // stays when the client gives up its own, as behind a network that lost both ways.
  void silence(bool keeps_server_side);

 private:
  struct Flow {
    FrameCutter cutter;
    std::multimap<Instant, std::string> delayed;  // by the time at which they go on
    std::string ready;
    bool has_ended = false;                                // nothing more will be read
    std::unordered_map<std::int32_t, std::int32_t> asked;  // opaque -> code, of requests this way

    bool is_full() const;
    bool is_empty() const { return delayed.empty() && ready.empty(); }
  };

  ProxySocket& source(FrameDirection direction);
  ProxySocket& sink(FrameDirection direction);
  Flow& flow(FrameDirection direction) { return flows_[static_cast<std::size_t>(direction)]; }
  void read(FrameDirection direction, Instant now);
  void take_frames(FrameDirection direction, Instant now);
  void write(FrameDirection direction, Instant now);
  void end_when_written();
  std::int32_t request_code_of(FrameDirection direction, const ProxyFrame& frame);

  const std::string entrance_;
  const std::string server_;
  ProxySocket client_socket_;
  ProxySocket server_socket_;
  FrameJudge& judge_;
  std::array<Flow, 2> flows_;  // by FrameDirection
  bool is_silent_ = false;
  bool keeps_server_side_ = false;
  bool server_has_left_ = false;
};

}  // namespace rmq::test
