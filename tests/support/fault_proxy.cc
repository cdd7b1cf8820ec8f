#include "tests/support/fault_proxy.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>

#include "protocol/request_code.h"
#include "tests/support/proxy_link.h"

namespace rmq::test {
namespace {

using Clock = std::chrono::steady_clock;
using Instant = ProxyLink::Instant;
using protocol::RequestCode;

constexpr std::chrono::milliseconds kProbeInterval(10);  // of a server that is gone
constexpr std::chrono::milliseconds kIdleWait(1000);
constexpr std::size_t kHistoryMax = 100'000;
constexpr const char* kNameServer = "namesrv";

bool is(std::int32_t code, RequestCode expected) {
  return code == static_cast<std::int32_t>(expected);
}

bool names_brokers(std::int32_t code) {
  return is(code, RequestCode::GET_ROUTEINFO_BY_TOPIC) ||
         is(code, RequestCode::GET_BROKER_CLUSTER_INFO);
}

bool is_pull(std::int32_t code) {
  return is(code, RequestCode::PULL_MESSAGE) || is(code, RequestCode::LITE_PULL_MESSAGE);
}

bool is_for_the_history(std::int32_t code) {
  return !is_pull(code) && !is(code, RequestCode::SEND_MESSAGE) &&
         !is(code, RequestCode::SEND_MESSAGE_V2) && !is(code, RequestCode::UPDATE_CONSUMER_OFFSET);
}

}  // namespace

// Everything but the actions that wait is of the loop's thread.
class FaultProxy::Core final : private FrameJudge {
 public:
  struct Server {
    std::string name;
    std::string address;
    bool is_up = true;
    Instant next_probe{};
  };

  // Where an entrance stands for a server.
  struct Door {
    std::string entrance;
    std::size_t server = 0;
    std::uint16_t port = 0;
    ProxySocket listener;
    bool is_refused = false;
  };

  struct Rule {
    FaultRule what;
    bool is_active = true;
    std::map<std::string, std::size_t> seen;  // by entrance
    std::size_t hits = 0;
  };

  explicit Core(std::vector<ProxiedServer> servers)
      : wake_up_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    for (ProxiedServer& server : servers) {
      servers_.push_back({std::move(server.name), std::move(server.address)});
    }
    thread_ = std::thread([this] { run(); });
  }

  ~Core() {
    call([this] { is_over_ = true; });
    thread_.join();
    ::close(wake_up_);
  }

  // Runs on the loop's thread; returns when it is done, and throws what it throws.
  void call(const std::function<void()>& action) {
    std::packaged_task<void()> task(action);
    std::future<void> done = task.get_future();
    {
      const std::lock_guard lock(actions_mutex_);
      actions_.push_back(std::move(task));
    }
    wake();
    done.get();
  }

  void open_entrance(const std::string& name);
  std::uint16_t port_of_door(const std::string& entrance, const std::string& server) const;
  void refuse(const ProxyPlace& place, bool is_refused);
  template <typename Action>
  void for_links(const ProxyPlace& place, const Action& action) {
    for (ProxyLink& link : links_) {
      if (place.holds(link.entrance(), link.server())) action(link);
    }
  }
  void note(const std::string& line);

  std::vector<Rule> rules_;
  std::map<std::pair<std::string, std::string>, std::size_t> connections_;
  std::map<std::tuple<std::string, std::string, std::int32_t>, std::size_t> requests_;
  std::map<std::string, std::size_t> moves_;  // by topic
  std::vector<std::string> history_;

 private:
  void wake() {
    const std::uint64_t one = 1;
    if (::write(wake_up_, &one, sizeof one) < 0) return;  // full: it is awake
  }
  void run();
  void run_actions();
  int wait_ms() const;
  void accept_clients(const std::vector<pollfd>& polls);
  void accept_client(Door& door);
  void open_and_close_doors();
  void probe(Instant now);
  bool answers(const Server& server) const { return connect_to(port_of(server.address)).is_open(); }
  Verdict judge(const ProxyLink& link, FrameDirection direction, std::int32_t request_code,
                ProxyFrame* frame) override;
  void count(const ProxyLink& link, FrameDirection direction, std::int32_t request_code,
             const ProxyFrame& frame);
  std::map<std::string, std::string> replacements_of(const std::string& entrance) const;

  const int wake_up_;
  std::mutex actions_mutex_;
  std::vector<std::packaged_task<void()>> actions_;  // guarded by actions_mutex_

  const Instant start_ = Clock::now();
  bool is_over_ = false;
  std::vector<Server> servers_;
  std::list<Door> doors_;
  std::list<ProxyLink> links_;
  std::map<std::pair<std::string, std::int32_t>, std::string> holders_;  // queue -> entrance
  std::thread thread_;
};

void FaultProxy::Core::run() {
  while (!is_over_) {
    std::vector<pollfd> polls{{wake_up_, POLLIN, 0}};
    for (const Door& door : doors_) polls.push_back({door.listener.descriptor(), POLLIN, 0});
    const std::size_t first_link = polls.size();
    for (const ProxyLink& link : links_) link.add_polls(&polls);
    ::poll(polls.data(), polls.size(), wait_ms());

    const Instant now = Clock::now();
    const pollfd* ready = &polls[first_link - 1] + 1;
    for (ProxyLink& link : links_) {
      link.work(ready, now);
      ready += ProxyLink::kPolls;
      if (!link.server_has_left()) continue;
      for (Server& server : servers_) {
        if (server.name == link.server() && server.is_up) server.next_probe = now;
      }
    }
    // Doors before actions: an action may add some.
    accept_clients(polls);
    if ((polls[0].revents & POLLIN) != 0) run_actions();
    probe(now);
    open_and_close_doors();
    links_.remove_if([](const ProxyLink& link) { return link.is_over(); });
  }
}

void FaultProxy::Core::run_actions() {
  std::uint64_t ignored = 0;
  if (::read(wake_up_, &ignored, sizeof ignored) < 0) return;
  std::vector<std::packaged_task<void()>> actions;
  {
    const std::lock_guard lock(actions_mutex_);
    actions.swap(actions_);
  }
  for (auto& action : actions) action();
}

int FaultProxy::Core::wait_ms() const {
  const Instant now = Clock::now();
  Instant due = now + kIdleWait;
  for (const ProxyLink& link : links_) {
    if (const auto next = link.next_due()) due = std::min(due, *next);
  }
  for (const Server& server : servers_) {
    if (!server.is_up) due = std::min(due, server.next_probe);
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - now).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

void FaultProxy::Core::accept_clients(const std::vector<pollfd>& polls) {
  std::size_t index = 1;
  for (Door& door : doors_) {
    if ((polls[index++].revents & POLLIN) != 0 && door.listener.is_open()) accept_client(door);
  }
}

void FaultProxy::Core::accept_client(Door& door) {
  ProxySocket client = accept_from(door.listener);
  if (!client.is_open()) return;
  Server& server = servers_[door.server];
  ProxySocket behind = connect_to(port_of(server.address));
  ++connections_[{door.entrance, server.name}];
  note(door.entrance + " connects to " + server.name + (behind.is_open() ? "" : ", which is gone"));
  if (!behind.is_open()) {
    client.reset();
    server.is_up = false;
    server.next_probe = Clock::now();
    return;
  }
  links_.emplace_back(door.entrance, server.name, std::move(client), std::move(behind),
                      static_cast<FrameJudge&>(*this));
}

// Looks at servers that are gone, and at those that have just ended a connection.
void FaultProxy::Core::probe(Instant now) {
  for (Server& server : servers_) {
    if (server.next_probe == Instant() || server.next_probe > now) continue;
    const bool was_up = std::exchange(server.is_up, answers(server));
    if (was_up != server.is_up) note(server.name + (server.is_up ? " is back" : " is gone"));
    server.next_probe = server.is_up ? Instant() : now + kProbeInterval;
  }
}

void FaultProxy::Core::open_and_close_doors() {
  for (Door& door : doors_) {
    const bool should_be_open = servers_[door.server].is_up && !door.is_refused;
    if (should_be_open && !door.listener.is_open()) door.listener = listen_on(door.port);
    if (!should_be_open) door.listener.close();
  }
}

void FaultProxy::Core::open_entrance(const std::string& name) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    Door door{name, i, 0, {}, false};
    door.listener = listen_anywhere(&door.port);
    doors_.push_back(std::move(door));
  }
}

std::uint16_t FaultProxy::Core::port_of_door(const std::string& entrance,
                                             const std::string& server) const {
  for (const Door& door : doors_) {
    if (door.entrance == entrance && servers_[door.server].name == server) return door.port;
  }
  throw std::runtime_error("the proxy has no entrance " + entrance + " to " + server);
}

void FaultProxy::Core::refuse(const ProxyPlace& place, bool is_refused) {
  for (Door& door : doors_) {
    if (place.holds(door.entrance, servers_[door.server].name)) door.is_refused = is_refused;
  }
  open_and_close_doors();
  if (is_refused) for_links(place, [](ProxyLink& link) { link.cut(); });
}

FrameJudge::Verdict FaultProxy::Core::judge(const ProxyLink& link, FrameDirection direction,
                                            std::int32_t request_code, ProxyFrame* frame) {
  using Fate = Verdict::Fate;
  count(link, direction, request_code, *frame);
  if (direction == FrameDirection::to_client && frame->is_response &&
      link.server() == kNameServer && names_brokers(request_code)) {
    replace_in_body(replacements_of(link.entrance()), frame);
  }
  for (Rule& rule : rules_) {
    if (!rule.is_active || !matches(rule.what.match, link.entrance(), link.server(), direction,
                                    request_code, *frame)) {
      continue;
    }
    const std::size_t seen = rule.seen[link.entrance()]++;
    if (seen < rule.what.skip || seen - rule.what.skip >= rule.what.count) continue;
    ++rule.hits;
    const FrameFault& fault = rule.what.fault;
    note("a fault for " + link.entrance() + " and " + link.server() + ", code " +
         std::to_string(request_code));
    switch (fault.kind) {
      case FaultKind::delay:
        return {Fate::pass, fault.delay};
      case FaultKind::drop:
        return {Fate::drop};
      case FaultKind::cut:
        return {Fate::cut};
      case FaultKind::silence:
        return {Fate::silence};
      case FaultKind::halve:
        frame->bytes.resize(frame->bytes.size() / 2);
        return {Fate::last};
      case FaultKind::damage:
        damage(fault, frame);
        return {};
    }
  }
  return {};
}

void FaultProxy::Core::count(const ProxyLink& link, FrameDirection direction,
                             std::int32_t request_code, const ProxyFrame& frame) {
  if (is_for_the_history(request_code)) {
    note(link.entrance() + (direction == FrameDirection::to_server ? " > " : " < ") +
         link.server() + " " + std::string(protocol::request_name(request_code)) +
         (frame.is_response ? " answer " + std::to_string(frame.code) : ""));
  }
  if (frame.is_response) return;
  ++requests_[{link.entrance(), link.server(), request_code}];
  if (!is_pull(request_code) || frame.topic.starts_with("%")) return;
  std::string& holder = holders_[{frame.topic + "@" + link.server(), frame.queue_id}];
  if (!holder.empty() && holder != link.entrance()) {
    ++moves_[frame.topic];
    note("queue " + frame.topic + "@" + link.server() + ":" + std::to_string(frame.queue_id) +
         " moves from " + holder + " to " + link.entrance());
  }
  holder = link.entrance();
}

std::map<std::string, std::string> FaultProxy::Core::replacements_of(
    const std::string& entrance) const {
  std::map<std::string, std::string> replacements;
  for (const Door& door : doors_) {
    if (door.entrance != entrance) continue;
    replacements[servers_[door.server].address] = test::address_of(door.port);
  }
  return replacements;
}

void FaultProxy::Core::note(const std::string& line) {
  if (history_.size() >= kHistoryMax) return;
  char time[32];
  const std::chrono::duration<double> since = Clock::now() - start_;
  std::snprintf(time, sizeof time, "%8.3f ", since.count());
  history_.push_back(time + line);
}

FaultProxy::FaultProxy(std::vector<ProxiedServer> servers)
    : core_(std::make_unique<Core>(std::move(servers))) {}

FaultProxy::~FaultProxy() = default;

std::string FaultProxy::open_entrance(const std::string& name) {
  core_->call([&] { core_->open_entrance(name); });
  return address_of(name, kNameServer);
}

std::string FaultProxy::address_of(const std::string& entrance, const std::string& server) const {
  std::uint16_t port = 0;
  core_->call([&] { port = core_->port_of_door(entrance, server); });
  return test::address_of(port);
}

std::size_t FaultProxy::add(const FaultRule& rule) {
  std::size_t index = 0;
  core_->call([&] {
    index = core_->rules_.size();
    core_->rules_.push_back({rule, true, {}, 0});
  });
  return index;
}

void FaultProxy::remove(std::size_t rule) {
  core_->call([&] { core_->rules_.at(rule).is_active = false; });
}

std::size_t FaultProxy::hits(std::size_t rule) const {
  std::size_t hits = 0;
  core_->call([&] { hits = core_->rules_.at(rule).hits; });
  return hits;
}

void FaultProxy::cut(const ProxyPlace& place) {
  core_->call([&] {
    core_->note("cut " + place.entrance + " " + place.server);
    core_->for_links(place, [](ProxyLink& link) { link.cut(); });
  });
}

void FaultProxy::silence(const ProxyPlace& place, bool keeps_server_side) {
  core_->call([&] {
    core_->note("silence " + place.entrance + " " + place.server);
    core_->for_links(place, [&](ProxyLink& link) { link.silence(keeps_server_side); });
  });
}

void FaultProxy::refuse(const ProxyPlace& place) {
  core_->call([&] {
    core_->note("refuse " + place.entrance + " " + place.server);
    core_->refuse(place, true);
  });
}

void FaultProxy::accept(const ProxyPlace& place) {
  core_->call([&] {
    core_->note("accept " + place.entrance + " " + place.server);
    core_->refuse(place, false);
  });
}

std::size_t FaultProxy::connections_made(const ProxyPlace& place) const {
  std::size_t made = 0;
  core_->call([&] {
    for (const auto& [key, count] : core_->connections_) {
      if (place.holds(key.first, key.second)) made += count;
    }
  });
  return made;
}

std::size_t FaultProxy::requests(const ProxyPlace& place, std::int32_t code) const {
  std::size_t requests = 0;
  core_->call([&] {
    for (const auto& [key, count] : core_->requests_) {
      if (place.holds(std::get<0>(key), std::get<1>(key)) && std::get<2>(key) == code) {
        requests += count;
      }
    }
  });
  return requests;
}

std::size_t FaultProxy::queue_moves(const std::string& topic) const {
  std::size_t moves = 0;
  core_->call([&] {
    for (const auto& [name, count] : core_->moves_) {
      if (name.starts_with(topic)) moves += count;
    }
  });
  return moves;
}

std::vector<std::string> FaultProxy::history() const {
  std::vector<std::string> history;
  core_->call([&] { history = core_->history_; });
  return history;
}

}  // namespace rmq::test
