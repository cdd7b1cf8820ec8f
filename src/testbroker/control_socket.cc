#include "testbroker/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "testbroker/command.h"

namespace rmq::testbroker {
namespace {

constexpr std::size_t kConnectionsMax = 16;
constexpr std::size_t kReadBytes = 4096;
constexpr std::chrono::milliseconds kRest(100);
constexpr int kTypeFlags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

base::Error fail(const std::string& path, const std::string& what) {
  return base::make_error(base::ErrorCode::FILE, "control socket " + path + ": " + what);
}

// Only a refusal says that nobody listens: who is busy, or not ours to ask, is there.
bool is_stale(const sockaddr_un& address) {
  const int probe = socket(AF_UNIX, kTypeFlags, 0);
  if (probe < 0) return false;
  const bool refused =
      connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED;
  close(probe);
  return refused;
}

// The file of a process that was killed would stand in the way.
void remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat status;
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  if (is_stale(address)) unlink(path.c_str());
}

// Nobody but the owner may open the file. 0, or what errno was.
int bind_privately(int descriptor, const sockaddr_un& address) {
  const mode_t before = umask(0177);
  const int result = bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = result == 0 ? 0 : errno;
  umask(before);
  return error;
}

}  // namespace

base::Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::string& path,
                                                                 HostedCluster& cluster) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(
        path, "the path must have 1 to " + std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  remove_stale(path, address);
  const int listener = socket(AF_UNIX, kTypeFlags, 0);
  if (listener < 0) return fail(path, std::strerror(errno));
  if (const int error = bind_privately(listener, address); error != 0) {
    close(listener);
    return fail(path, std::strerror(error));
  }
  if (listen(listener, static_cast<int>(kConnectionsMax)) != 0) {
    const int error = errno;
    close(listener);
    unlink(path.c_str());
    return fail(path, std::strerror(error));
  }
  return std::unique_ptr<ControlSocket>(new ControlSocket(path, listener, cluster));
}

ControlSocket::~ControlSocket() {
  for (const Connection& connection : connections_) close(connection.descriptor);
  close(listener_);
  unlink(path_.c_str());
}

void ControlSocket::add_descriptors(std::vector<pollfd>* polled) const {
  if (!is_resting()) polled->push_back({listener_, POLLIN, 0});
  for (const Connection& connection : connections_) {
    const short wanted = connection.output.empty() ? POLLIN : POLLOUT;
    polled->push_back({connection.descriptor, wanted, 0});
  }
}

bool ControlSocket::is_resting() const { return std::chrono::steady_clock::now() < rest_until_; }

int ControlSocket::poll_timeout_ms() const {
  return is_resting() ? static_cast<int>(kRest / std::chrono::milliseconds(1)) : -1;
}

void ControlSocket::handle(const std::vector<pollfd>& polled) {
  for (const pollfd& found : polled) {
    if (found.revents == 0) continue;
    const auto connection =
        std::find_if(connections_.begin(), connections_.end(),
                     [&](const auto& entry) { return entry.descriptor == found.fd; });
    if (connection == connections_.end()) continue;
    if (connection->output.empty()) read(*connection);
    if (!connection->output.empty()) write(*connection);
  }
  std::erase_if(connections_, [](const Connection& connection) {
    if (!connection.ending || !connection.output.empty()) return false;
    close(connection.descriptor);
    return true;
  });
  // Last: a new connection may get the number of one that was closed.
  for (const pollfd& found : polled) {
    if (found.fd == listener_ && found.revents != 0) accept_one();
  }
}

void ControlSocket::accept_one() {
  const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) {
    const bool gone = errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
    if (!gone) rest_until_ = std::chrono::steady_clock::now() + kRest;
    return;
  }
  Connection connection{.descriptor = descriptor, .input = {}, .output = {}};
  if (connections_.size() < kConnectionsMax) {
    connections_.push_back(std::move(connection));
    return;
  }
  static constexpr std::string_view kRefusal = "ERROR too many control connections\n";
  static_cast<void>(send(descriptor, kRefusal.data(), kRefusal.size(), MSG_NOSIGNAL));
  close(descriptor);
}

void ControlSocket::read(Connection& connection) {
  char bytes[kReadBytes];
  const ssize_t size = recv(connection.descriptor, bytes, sizeof bytes, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    connection.ending = true;
    if (size < 0 || connection.input.empty()) return;
    connection.input += '\n';  // the last line needs no end
    run_lines(connection);
    return;
  }
  connection.input.append(bytes, static_cast<std::size_t>(size));
  run_lines(connection);
}

// One line at a time: the next is run when the answer has left.
void ControlSocket::run_lines(Connection& connection) {
  const std::size_t end = connection.input.find('\n');
  if (end != std::string::npos) {
    const std::string line = connection.input.substr(0, end);
    connection.input.erase(0, end + 1);
    run_line(line, connection);
  } else if (connection.input.size() > kCommandBytesMax) {
    connection.output =
        "ERROR a command is at most " + std::to_string(kCommandBytesMax) + " bytes long\n";
    connection.ending = true;
  }
}

void ControlSocket::run_line(const std::string& line, Connection& connection) {
  const base::Status status = cluster_.run_command(line, &connection.output);
  if (status.ok()) {
    connection.output += "OK\n";
    return;
  }
  std::string sentence = status.error().message;
  std::replace(sentence.begin(), sentence.end(), '\n', ' ');
  connection.output = "ERROR " + sentence + "\n";
}

void ControlSocket::write(Connection& connection) {
  while (!connection.output.empty()) {
    const ssize_t size = send(connection.descriptor, connection.output.data(),
                              connection.output.size(), MSG_NOSIGNAL);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) {
      connection.output.clear();
      connection.ending = true;
      return;
    }
    connection.output.erase(0, static_cast<std::size_t>(size));
    if (connection.output.empty() && !connection.ending) run_lines(connection);
  }
}

}  // namespace rmq::testbroker
