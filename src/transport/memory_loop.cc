#include "transport/memory_loop.h"

#include <algorithm>
#include <atomic>
#include <deque>

#include "transport/memory_stream.h"

namespace rmq::transport {

using base::Instant;

namespace {

SocketAddress parse_host(const std::string& host) {
  SocketAddress address;
  SocketAddress::parse_literal(host, 0, &address);
  return address;
}

class MemoryTimer final : public Timer {
 public:
  MemoryTimer(MemoryLoop& loop, TimerHandler& handler) : loop_(loop), handler_(handler) {
    ++loop_.holdings().timers;
  }
  ~MemoryTimer() override {
    disarm();
    --loop_.holdings().timers;
  }

  void arm(Instant due) noexcept override {
    disarm();
    if (due == base::kNever) return;
    ++loop_.holdings().armed_timers;
    key_ = loop_.network().schedule(loop_, due, [this] {
      set_disarmed();
      loop_.network().trace('t', loop_.id(), 0);
      handler_.on_timer();
    });
  }
  void disarm() noexcept override {
    if (key_.number == 0) return;
    loop_.network().cancel(loop_, key_);
    set_disarmed();
  }

 private:
  void set_disarmed() noexcept {
    key_ = {};
    --loop_.holdings().armed_timers;
  }

  MemoryLoop& loop_;
  TimerHandler& handler_;
  MemoryNetwork::EventKey key_;
};

// The state outlives the wake-up in posts that are under way.
class MemoryWakeUp final : public WakeUp {
 public:
  MemoryWakeUp(MemoryLoop& loop, WakeUpHandler& handler)
      : loop_(loop), state_(std::make_shared<State>(&handler)) {
    ++loop_.holdings().wake_ups;
  }
  ~MemoryWakeUp() override {
    state_->handler = nullptr;
    --loop_.holdings().wake_ups;
  }

  void wake() override {
    if (state_->pending.exchange(true, std::memory_order_acq_rel)) return;
    loop_.network().post_from_outside(loop_.id(), [state = state_] {
      state->pending.store(false, std::memory_order_release);
      if (state->handler != nullptr) state->handler->on_wake_up();
    });
  }

 private:
  struct State {
    explicit State(WakeUpHandler* wanted) : handler(wanted) {}
    std::atomic<bool> pending{false};
    WakeUpHandler* handler;  // loop thread only
  };
  MemoryLoop& loop_;
  std::shared_ptr<State> state_;
};

class MemoryResolver final : public Resolver {
 public:
  explicit MemoryResolver(MemoryLoop& loop) : loop_(loop) {}

  std::unique_ptr<Resolution> resolve(const HostPort& name, Done done) override {
    auto pending = std::make_unique<Pending>(loop_, std::move(done));
    SocketAddress literal;
    if (SocketAddress::parse_literal(name.host, name.port, &literal)) {
      answer_later(*pending, base::Duration{0}, std::vector<SocketAddress>{literal});
      return pending;
    }
    const NameBehaviour* behaviour = loop_.network().find_name(name.host);
    if (behaviour == nullptr || (behaviour->addresses.empty() && !behaviour->never_answers)) {
      answer_later(*pending, behaviour ? behaviour->delay : base::Duration{0},
                   base::make_error(base::ErrorCode::CANNOT_RESOLVE,
                                    "looking up " + name.host + ": name not known"));
    } else if (!behaviour->never_answers) {
      auto addresses = behaviour->addresses;
      for (SocketAddress& address : addresses) address.port = name.port;
      answer_later(*pending, behaviour->delay, std::move(addresses));
    }
    return pending;
  }

 private:
  struct Pending final : Resolution {
    Pending(MemoryLoop& its_loop, Done wanted)
        : loop(its_loop), done(std::make_shared<Done>(std::move(wanted))) {
      ++loop.holdings().look_ups;
    }
    ~Pending() override { --loop.holdings().look_ups; }
    MemoryLoop& loop;
    std::shared_ptr<Done> done;
  };

  void answer_later(Pending& pending, base::Duration delay,
                    base::Result<std::vector<SocketAddress>> answer) {
    auto kept = std::make_shared<base::Result<std::vector<SocketAddress>>>(std::move(answer));
    loop_.network().schedule(loop_, loop_.now() + delay,
                             [weak = std::weak_ptr<Done>(pending.done), kept] {
                               const auto done = weak.lock();
                               if (done) (*done)(std::move(*kept));
                             });
  }

  MemoryLoop& loop_;
};

class MemoryExecutor final : public Executor {
 public:
  explicit MemoryExecutor(MemoryLoop& loop) : loop_(loop) {}
  ~MemoryExecutor() override {
    while (!jobs_.empty()) finish_first();
  }

  base::Status submit(std::unique_ptr<Job> job) override {
    if (jobs_.size() >= kJobsMax) {
      return base::make_error(base::ErrorCode::QUEUE_FULL,
                              "executor: " + std::to_string(kJobsMax) + " jobs are waiting");
    }
    jobs_.push_back(std::move(job));
    loop_.network().schedule(loop_, loop_.now() + loop_.job_duration(), [this] { finish_first(); });
    return {};
  }

 private:
  static constexpr std::size_t kJobsMax = 1024;

  void finish_first() {
    const std::unique_ptr<Job> job = std::move(jobs_.front());
    jobs_.pop_front();
    job->run();
    job->done();
  }

  MemoryLoop& loop_;
  std::deque<std::unique_ptr<Job>> jobs_;
};

}  // namespace

MemoryLoop::MemoryLoop(MemoryNetwork& network, const std::string& host)
    : network_(network),
      host_(parse_host(host)),
      id_(network.add_loop(*this)),
      random_(network.seed() * 31 + id_),
      turn_end_([this] { request_turn(); }),
      resolver_(std::make_unique<MemoryResolver>(*this)),
      executor_(std::make_unique<MemoryExecutor>(*this)) {}

MemoryLoop::~MemoryLoop() {
  executor_.reset();
  network_.remove_loop(*this);
}

std::unique_ptr<Timer> MemoryLoop::make_timer(TimerHandler& handler) {
  return std::make_unique<MemoryTimer>(*this, handler);
}

std::unique_ptr<TurnEndTask> MemoryLoop::make_turn_end_task(TurnEndHandler& handler) {
  return turn_end_.make_task(handler);
}

std::unique_ptr<WakeUp> MemoryLoop::make_wake_up(WakeUpHandler& handler) {
  return std::make_unique<MemoryWakeUp>(*this, handler);
}

std::unique_ptr<ByteStream> MemoryLoop::make_stream() {
  return std::make_unique<MemoryStream>(*this);
}

base::Result<std::unique_ptr<Listener>> MemoryLoop::listen(const SocketAddress& address,
                                                           ListenerHandler& handler) {
  SocketAddress bound = host_;
  bound.port = address.port;
  const bool any = std::all_of(std::begin(address.ip), std::end(address.ip),
                               [](std::uint8_t byte) { return byte == 0; });
  if (!any) bound = address;
  auto listener = std::make_unique<MemoryListener>(*this, bound, handler);
  base::Status status = listener->start();
  if (!status.ok()) return status.take_error();
  return std::unique_ptr<Listener>(std::move(listener));
}

void MemoryLoop::post(std::function<void()> action) {
  network_.schedule(*this, now(), std::move(action));
}

bool MemoryLoop::step() {
  network_.take_outside_posts();
  if (events_.empty() || events_.begin()->first.due > now()) return false;
  run_turn();
  return true;
}

void MemoryLoop::come_due() {
  if (!driver_) return run_turn();
  if (driver_()) return;
  while (!events_.empty() && events_.begin()->first.due <= now()) {
    const MemoryNetwork::EventKey key = events_.begin()->first;
    network_.cancel(*this, key);
  }
}

void MemoryLoop::run_turn() {
  const std::uint64_t last = network_.last_event_number();
  in_turn_ = true;
  while (!events_.empty()) {
    const auto first = events_.begin();
    const MemoryNetwork::EventKey key = first->first;
    if (key.due > now() || key.number > last) break;
    const std::function<void()> action = std::move(first->second);
    network_.cancel(*this, key);
    action();
  }
  turn_end_.run();
  in_turn_ = turn_requested_ = false;
}

// A task scheduled from outside, by a test's own code, needs a turn to be the end of.
void MemoryLoop::request_turn() {
  if (in_turn_ || turn_requested_) return;
  turn_requested_ = true;
  post([] {});
}

}  // namespace rmq::transport
