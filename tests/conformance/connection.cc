#include "tests/conformance/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "tests/support/raw_client.h"

namespace rmq::conformance {
namespace {

sockaddr_in parse(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in parsed{};
  parsed.sin_family = AF_INET;
  if (colon == std::string::npos ||
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &parsed.sin_addr) != 1) {
    throw std::runtime_error("no address: " + address);
  }
  parsed.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  return parsed;
}

std::chrono::steady_clock::time_point deadline_after(milliseconds limit) {
  return std::chrono::steady_clock::now() + limit;
}

}  // namespace

Connection::Connection(const std::string& address)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in target = parse(address);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
    close(socket_);
    throw std::runtime_error("nobody listens on " + address);
  }
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() { close(socket_); }

void Connection::send(std::string_view bytes) {
  while (!bytes.empty() && !closed_) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return;  // what it answered before may still be read
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Connection::send(const wire::Command& command) {
  std::string frame;
  wire::append_frame(command, &frame);
  send(frame);
}

std::optional<wire::Command> Connection::next_answer(std::int32_t opaque, milliseconds limit) {
  const Deadline deadline = deadline_after(limit);
  for (;;) {
    const auto found =
        std::find_if(answers_.begin(), answers_.end(),
                     [&](const wire::Command& answer) { return answer.opaque == opaque; });
    if (found != answers_.end()) {
      wire::Command answer = std::move(*found);
      answers_.erase(found);
      return answer;
    }
    if (!read_more(deadline)) return std::nullopt;
  }
}

std::optional<wire::Command> Connection::next_push(milliseconds limit) {
  const Deadline deadline = deadline_after(limit);
  while (pushes_.empty()) {
    if (!read_more(deadline)) return std::nullopt;
  }
  wire::Command push = std::move(pushes_.front());
  pushes_.pop_front();
  return push;
}

bool Connection::closes_within(milliseconds limit) {
  const Deadline deadline = deadline_after(limit);
  while (read_more(deadline)) unread_.clear();
  return closed_;
}

bool Connection::read_more(Deadline deadline) {
  if (closed_) return false;
  const auto left =
      std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  pollfd watched{socket_, POLLIN, 0};
  const int ready = poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
  if (ready < 0 && errno == EINTR) return true;
  if (ready <= 0) return false;
  char bytes[64 * 1024];
  const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) {
    closed_ = true;
    return false;
  }
  unread_.append(bytes, static_cast<std::size_t>(count));
  cut_frames();
  return true;
}

void Connection::cut_frames() {
  for (;;) {
    const base::Bytes rest = base::as_bytes(unread_);
    const auto size = wire::frame_size(rest);
    if (!size.ok()) throw std::runtime_error("the server sent no frame");
    if (size.value() == 0 || size.value() > rest.size()) return;
    wire::CommandReader reader;
    const auto command = reader.read(rest.first(size.value()));
    if (!command.ok()) throw std::runtime_error("the server sent a frame that cannot be read");
    auto& queue = command.value().is_response() ? answers_ : pushes_;
    queue.push_back(test::copy_command(command.value()));
    unread_.erase(0, size.value());
  }
}

}  // namespace rmq::conformance
