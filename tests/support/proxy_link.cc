#include "tests/support/proxy_link.h"

#include <utility>

namespace rmq::test {
namespace {

constexpr std::size_t kWaitingBytesMax = 8 * 1024 * 1024;  // of one direction, before TCP must wait
constexpr std::size_t kDelayedFramesMax = 100'000;
constexpr std::array kDirections{FrameDirection::to_server, FrameDirection::to_client};

FrameDirection other(FrameDirection direction) {
  return direction == FrameDirection::to_server ? FrameDirection::to_client
                                                : FrameDirection::to_server;
}

}  // namespace

bool ProxyLink::Flow::is_full() const {
  return ready.size() > kWaitingBytesMax || delayed.size() > kDelayedFramesMax;
}

ProxyLink::ProxyLink(std::string entrance, std::string server, ProxySocket client_socket,
                     ProxySocket server_socket, FrameJudge& judge)
    : entrance_(std::move(entrance)),
      server_(std::move(server)),
      client_socket_(std::move(client_socket)),
      server_socket_(std::move(server_socket)),
      judge_(judge) {}

ProxySocket& ProxyLink::source(FrameDirection direction) {
  return direction == FrameDirection::to_server ? client_socket_ : server_socket_;
}

ProxySocket& ProxyLink::sink(FrameDirection direction) { return source(other(direction)); }

void ProxyLink::add_polls(std::vector<pollfd>* polls) const {
  const Flow& to_server = flows_[0];
  const Flow& to_client = flows_[1];
  const auto events = [](const Flow& in, const Flow& out) {
    return static_cast<short>((in.is_full() || in.has_ended ? 0 : POLLIN) |
                              (out.ready.empty() ? 0 : POLLOUT));
  };
  polls->push_back({client_socket_.descriptor(), events(to_server, to_client), 0});
  polls->push_back({server_socket_.descriptor(), events(to_client, to_server), 0});
}

void ProxyLink::work(const pollfd* ready, Instant now) {
  constexpr short kSomethingToRead = POLLIN | POLLHUP | POLLERR;
  if ((ready[0].revents & kSomethingToRead) != 0) read(FrameDirection::to_server, now);
  if ((ready[1].revents & kSomethingToRead) != 0) read(FrameDirection::to_client, now);
  for (const FrameDirection direction : kDirections) write(direction, now);
  end_when_written();
}

void ProxyLink::read(FrameDirection direction, Instant now) {
  Flow& from = flow(direction);
  if (from.has_ended || !source(direction).is_open()) return;
  std::string bytes;
  switch (source(direction).read(&bytes)) {
    case ProxySocket::Result::would_block:
      return;
    case ProxySocket::Result::progress:
      if (is_silent_) return;
      from.cutter.feed(bytes);
      take_frames(direction, now);
      return;
    case ProxySocket::Result::failed:
    case ProxySocket::Result::ended:
      break;
  }
  if (direction == FrameDirection::to_client) server_has_left_ = true;
  if (is_silent_) {
    source(direction).close();
    if (direction == FrameDirection::to_server && !keeps_server_side_) server_socket_.close();
    return;  // a silent network does not tell the client that the server has left
  }
  from.has_ended = true;
}

void ProxyLink::take_frames(FrameDirection direction, Instant now) {
  using Fate = FrameJudge::Verdict::Fate;
  Flow& from = flow(direction);
  while (std::optional<ProxyFrame> frame = from.cutter.next()) {
    const std::int32_t code = request_code_of(direction, *frame);
    const FrameJudge::Verdict verdict = judge_.judge(*this, direction, code, &*frame);
    if (verdict.fate == Fate::cut) return cut();
    if (verdict.fate == Fate::silence) return silence(true);
    if (verdict.fate == Fate::drop) continue;
    if (verdict.fate == Fate::last) {
      from.ready += frame->bytes;
      write(direction, now);
      return silence(true);
    }
    if (verdict.delay.count() > 0) {
      from.delayed.emplace(now + verdict.delay, std::move(frame->bytes));
    } else {
      from.ready += frame->bytes;
    }
  }
  if (from.cutter.is_raw()) from.ready += from.cutter.raw();
}

void ProxyLink::write(FrameDirection direction, Instant now) {
  Flow& from = flow(direction);
  while (!from.delayed.empty() && from.delayed.begin()->first <= now) {
    from.ready += from.delayed.begin()->second;
    from.delayed.erase(from.delayed.begin());
  }
  while (!from.ready.empty() && sink(direction).is_open()) {
    const ProxySocket::Result result = sink(direction).write(&from.ready);
    if (result == ProxySocket::Result::would_block) return;
    if (result != ProxySocket::Result::progress) return cut();
  }
}

void ProxyLink::end_when_written() {
  if (is_silent_) return;
  for (const FrameDirection direction : kDirections) {
    if (!flow(direction).has_ended || !flow(direction).is_empty()) continue;
    client_socket_.close();
    server_socket_.close();
    return;
  }
}

std::optional<ProxyLink::Instant> ProxyLink::next_due() const {
  std::optional<Instant> due;
  for (const Flow& flow : flows_) {
    if (flow.delayed.empty()) continue;
    const Instant first = flow.delayed.begin()->first;
    due = due ? std::min(*due, first) : first;
  }
  return due;
}

void ProxyLink::cut() {
  client_socket_.reset();
  server_socket_.reset();
}

void ProxyLink::silence(bool keeps_server_side) {
  is_silent_ = true;
  keeps_server_side_ = keeps_server_side;
  for (Flow& flow : flows_) {
    flow.ready.clear();
    flow.delayed.clear();
  }
}

std::int32_t ProxyLink::request_code_of(FrameDirection direction, const ProxyFrame& frame) {
  if (!frame.is_response) {
    if (!frame.is_oneway) flow(direction).asked[frame.opaque] = frame.code;
    return frame.code;
  }
  auto& asked = flow(other(direction)).asked;
  const auto found = asked.find(frame.opaque);
  if (found == asked.end()) return 0;
  const std::int32_t code = found->second;
  asked.erase(found);
  return code;
}

}  // namespace rmq::test
