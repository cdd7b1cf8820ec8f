// The official Java client as a second process (tests/support/java_peer has its commands).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/servers.h"

namespace rmq::test {

// One result line: its words, decoded; an absent field is "-".
using PeerLine = std::vector<std::string>;

// A message that the peer's consumer received.
struct PeerMessage {
  std::string message_id;
  std::string queue;  // "broker-a:3"
  std::string sha256;
  std::string keys;
  std::string tags;
  int reconsume_times = 0;
  std::size_t body_bytes = 0;
  std::string properties;        // "name=value" by name, the byte 1 between them
  std::size_t stored_bytes = 0;  // of the whole message in the store
  bool consumed = false;         // false: answered with "later"
};

// Used by one thread. Whatever goes wrong with the process throws std::runtime_error.
class JavaPeer {
 public:
  explicit JavaPeer(const Servers& servers);
  ~JavaPeer();
  JavaPeer(const JavaPeer&) = delete;
  JavaPeer& operator=(const JavaPeer&) = delete;

  // Runs a command to its end and gives its result lines; throws with the peer's words when it
  // failed.
  std::vector<PeerLine> run(const std::string& command);

  // The queues ("broker-a:3") that the peer's consumer of a group holds once there are `count` of
  // them; those it holds when the time is up.
  std::vector<std::string> wait_for_queues(const std::string& group, std::size_t count,
                                           std::chrono::seconds limit = std::chrono::seconds(30));

  // The sum of the committed offsets of a group once the queues are committed to their ends; none
  // when the time is up.
  std::optional<std::size_t> wait_until_committed(
      const std::string& group, const std::string& topic,
      std::chrono::seconds limit = std::chrono::seconds(30));

  // The next message of any of the peer's consumers; none when the time is up.
  std::optional<PeerMessage> next_message(std::chrono::seconds limit = std::chrono::seconds(30));

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  std::optional<std::string> read_line(Deadline deadline);

  pid_t process_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string unread_;
  std::deque<PeerMessage> messages_;
};

std::string sha256_of(std::string_view bytes);

}  // namespace rmq::test
