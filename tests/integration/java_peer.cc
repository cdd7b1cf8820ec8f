#include "tests/integration/java_peer.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <system_error>

extern char** environ;

namespace rmq::test {
namespace {

constexpr std::chrono::seconds kCommandLimit(90);
constexpr int kQuestionIntervalMs = 50;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("Java peer: " + what); }

std::string decode(const std::string& text) {
  if (text == "%") return {};
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      decoded += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

PeerLine split(const std::string& line) {
  std::istringstream words(line);
  PeerLine fields;
  for (std::string word; words >> word;) fields.push_back(decode(word));
  return fields;
}

PeerMessage message_of(const PeerLine& line) {
  if (line.size() != 11) fail("a GOT line has " + std::to_string(line.size()) + " words");
  PeerMessage message;
  message.message_id = line[1];
  message.queue = line[2];
  message.sha256 = line[3];
  message.keys = line[4];
  message.tags = line[5];
  message.reconsume_times = std::stoi(line[6]);
  message.body_bytes = std::stoul(line[7]);
  message.properties = line[8];
  message.stored_bytes = std::stoul(line[9]);
  message.consumed = line[10] == "consumed";
  return message;
}

}  // namespace

JavaPeer::JavaPeer(const Servers& servers) {
  int to_peer[2];
  int from_peer[2];
  if (::pipe2(to_peer, O_CLOEXEC) != 0 || ::pipe2(from_peer, O_CLOEXEC) != 0) fail("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to_peer[0], 0);
  posix_spawn_file_actions_adddup2(&actions, from_peer[1], 1);
  std::string path = servers.java_peer();
  char* arguments[] = {path.data(), nullptr};
  const int error = ::posix_spawn(&process_, path.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(to_peer[0]);
  ::close(from_peer[1]);
  input_ = to_peer[1];
  output_ = from_peer[0];
  if (error != 0) fail("cannot start " + path + ": " + std::system_category().message(error));
  ::signal(SIGPIPE, SIG_IGN);  // a peer that has died is an error of the write
}

JavaPeer::~JavaPeer() {
  ::close(input_);  // the end of its input ends the peer
  ::close(output_);
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
}

std::vector<PeerLine> JavaPeer::run(const std::string& command) {
  const std::string line = command + "\n";
  if (::write(input_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    fail("cannot be told '" + command + "'");
  }
  const Deadline deadline = std::chrono::steady_clock::now() + kCommandLimit;
  std::vector<PeerLine> results;
  while (true) {
    const std::optional<std::string> answer = read_line(deadline);
    if (!answer) fail("no end of the answer to '" + command + "' in time");
    if (*answer == "OK") return results;
    if (answer->starts_with("ERROR ")) fail("'" + command + "' failed: " + answer->substr(6));
    if (answer->starts_with("GOT ")) {
      messages_.push_back(message_of(split(*answer)));
    } else {
      results.push_back(split(*answer));
    }
  }
}

std::vector<std::string> JavaPeer::wait_for_queues(const std::string& group, std::size_t count,
                                                   std::chrono::seconds limit) {
  const Deadline deadline = std::chrono::steady_clock::now() + limit;
  while (true) {
    std::vector<std::string> queues;
    for (const PeerLine& line : run("queues " + group)) queues.push_back(line.at(2));
    if (queues.size() == count || std::chrono::steady_clock::now() > deadline) return queues;
    ::poll(nullptr, 0, kQuestionIntervalMs);
  }
}

std::optional<std::size_t> JavaPeer::wait_until_committed(const std::string& group,
                                                          const std::string& topic,
                                                          std::chrono::seconds limit) {
  const Deadline deadline = std::chrono::steady_clock::now() + limit;
  std::string question = "offset ";
  question.append(group).append(" ").append(topic);
  while (std::chrono::steady_clock::now() < deadline) {
    std::size_t committed = 0;
    std::size_t end = 0;
    for (const PeerLine& line : run(question)) {
      committed += std::stoul(line.at(3));
      end += std::stoul(line.at(4));
    }
    if (committed == end) return committed;
    ::poll(nullptr, 0, kQuestionIntervalMs);
  }
  return std::nullopt;
}

PeerMessage JavaPeer::next_message(std::chrono::seconds limit) {
  if (std::optional<PeerMessage> message = poll_message(limit)) return std::move(*message);
  fail("its consumers received nothing in " + std::to_string(limit.count()) + " s");
}

std::optional<PeerMessage> JavaPeer::poll_message(std::chrono::seconds limit) {
  const Deadline deadline = std::chrono::steady_clock::now() + limit;
  while (messages_.empty()) {
    const std::optional<std::string> line = read_line(deadline);
    if (!line) return std::nullopt;
    if (line->starts_with("GOT ")) messages_.push_back(message_of(split(*line)));
  }
  PeerMessage message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

std::optional<std::string> JavaPeer::read_line(Deadline deadline) {
  while (true) {
    if (const std::size_t end = unread_.find('\n'); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd ready{output_, POLLIN, 0};
    // Looked at once even when the time is up.
    if (::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) <= 0) {
      if (left.count() <= 0) return std::nullopt;
      continue;
    }
    char chunk[4096];
    const ssize_t count = ::read(output_, chunk, sizeof chunk);
    if (count == 0) fail("has ended; see peer/peer.log in the folder of the servers");
    if (count > 0) unread_.append(chunk, static_cast<std::size_t>(count));
  }
}

std::string sha256_of(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  std::string text;
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace rmq::test
