#include "transport/uv_loop.h"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <thread>

#include "base/system_random.h"
#include "transport/host_check.h"
#include "transport/inline_executor.h"
#include "transport/inline_resolver.h"
#include "transport/pool_executor.h"
#include "transport/standard_descriptors.h"
#include "transport/thread_resolver.h"
#include "transport/uv_error.h"
#include "transport/uv_handle.h"
#include "transport/uv_listener.h"
#include "transport/uv_stream.h"
#include "transport/uv_wake_up.h"

namespace rmq::transport {

using base::Duration;
using base::Instant;

namespace {

// One step handles what its own turns make ready, but not for ever.
constexpr int kPassesMax = 16;
// A poll does not end when the host closes the descriptors that it waits on. It ends after this.
constexpr std::chrono::seconds kPollMax{30};
constexpr int kLookIntervalMs = 10;  // once they are closed
// A loop that was last polled so long ago is polled before a run begins.
constexpr std::chrono::milliseconds kPollAgeMax{1};
// Closing needs two; more would be a handle that nobody knows.
constexpr int kClosingPassesMax = 1000;

Instant read_clock() { return Instant{Duration{static_cast<Duration::rep>(uv_hrtime())}}; }

std::int64_t round_up_to_ms(Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration).count();
}

// The error of libuv's kind for what errno says.
int to_uv(int system_error) { return uv_translate_sys_error(system_error); }

UvLoop& loop_of(void* data) { return *static_cast<UvLoop*>(data); }

}  // namespace

// The three handles that make turns: before and after the poll, and the bound of its wait.
struct UvLoop::Handles {
  struct Prepare : UvHandleBlock<uv_prepare_t> {};
  struct Check : UvHandleBlock<uv_check_t> {};
  struct Tick : UvHandleBlock<uv_timer_t> {};
  std::unique_ptr<Prepare> prepare;
  std::unique_ptr<Check> check;
  std::unique_ptr<Tick> tick;
};

void UvLoop::UvLoopDeleter::operator()(uv_loop_s* loop) const { delete loop; }

UvLoop::UvLoop(UvLoopOptions options)
    : options_(std::move(options)), turn_end_({}), random_(base::system_random()) {}

base::Result<std::unique_ptr<UvLoop>> UvLoop::make(UvLoopOptions options) {
  std::unique_ptr<UvLoop> loop(new UvLoop(std::move(options)));
  base::Status status = loop->open();
  if (!status.ok()) return status.take_error();
  return loop;
}

base::Status UvLoop::open() {
  closed_ = true;  // nothing to close yet
  auto handles = std::make_unique<Handles>();
  handles->prepare = std::make_unique<Handles::Prepare>();
  handles->check = std::make_unique<Handles::Check>();
  handles->tick = std::make_unique<Handles::Tick>();
  std::unique_ptr<uv_loop_s, UvLoopDeleter> uv(new uv_loop_s);
  {
    const StandardDescriptors guard;
    if (auto status = check_that_host_allows_a_loop(); !status.ok()) return status;
    const int code = uv_loop_init(uv.get());
    if (code != 0) return map_uv_error(code, "creating an event loop");
  }
  uv_ = std::move(uv);
  uv_->data = this;
  closed_ = false;

  handles_ = std::move(handles);
  uv_prepare_init(uv_.get(), handles_->prepare->get());
  uv_check_init(uv_.get(), handles_->check->get());
  uv_timer_init(uv_.get(), handles_->tick->get());
  handles_->prepare->adopt(nullptr);
  handles_->check->adopt(nullptr);
  handles_->tick->adopt(nullptr);
  uv_prepare_start(handles_->prepare->get(),
                   [](uv_prepare_t* handle) { loop_of(handle->loop->data).before_poll(); });
  uv_check_start(handles_->check->get(),
                 [](uv_check_t* handle) { loop_of(handle->loop->data).after_poll(); });

  stop_wake_up_ = UvWakeUp::make(*this, *this);
  if (!stop_wake_up_) {
    return base::make_error(base::ErrorCode::DESCRIPTORS,
                            "creating an event loop: no descriptor for its wake-up");
  }
  if (const int code = prepare_to_watch(uv_->async_io_watcher.fd); code != 0) {
    return map_uv_error(code, "creating an event loop");
  }
  is_watching_ = true;
  if (options_.driven) {
    if (!options_.resolver) {
      auto resolver = std::make_unique<InlineResolver>(*this, options_.look_up);
      inline_resolver_ = resolver.get();
      resolver_ = std::move(resolver);
    }
    auto executor = std::make_unique<InlineExecutor>(options_.executor_jobs_max);
    inline_executor_ = executor.get();
    executor_ = std::move(executor);
  } else {
    if (!options_.resolver) {
      resolver_ = std::make_unique<ThreadResolver>(*this, options_.look_up);
    }
    const std::size_t processors = std::thread::hardware_concurrency();
    executor_ = std::make_unique<PoolExecutor>(*this, PoolExecutor::thread_count_for(processors),
                                               options_.executor_jobs_max);
  }
  memory_end_.emplace(*executor_);
  return {};
}

UvLoop::~UvLoop() { close(); }

// --- Running ------------------------------------------------------------------------------------

void UvLoop::run() {
  if (closed_) return;
  const SigpipeGuard guard;
  const base::MemoryReleaserScope releaser(*memory_end_);
  guarded_ = true;
  while (!stop_requested_.exchange(false)) {
    if (is_lost() || !is_intact()) {
      run_without_kernel();
      break;
    }
    uv_run(uv_.get(), UV_RUN_ONCE);
  }
  guarded_ = now_fresh_ = false;
}

LoopRunner::RunEnd UvLoop::run_until(Run& run) {
  if (closed_) return RunEnd::stopped;
  const base::MemoryReleaserScope releaser(*memory_end_);
  is_in_run_ = true;
  if (held_writes_ > 0) guard_run();
  // What came while nobody ran the loop is handled first: a connection that has ended takes no
  // request any more.
  if (read_clock() - polled_at_ > kPollAgeMax && !is_lost() && is_intact()) {
    uv_run(uv_.get(), UV_RUN_NOWAIT);
  }
  enter_callback([&run] { run.begin(); });
  run_turn_end();
  RunEnd end = RunEnd::done;
  while (!run.is_done()) {
    if (stop_requested_.load()) {
      end = RunEnd::stopped;
      break;
    }
    if (is_lost() || !is_intact()) {
      end = RunEnd::lost;
      break;
    }
    uv_run(uv_.get(), UV_RUN_ONCE);
    run_turn_end();  // of what libuv has closed after the turn
  }
  is_in_run_ = false;
  run_guard_.reset();
  guarded_ = now_fresh_ = false;
  return end;
}

void UvLoop::guard_run() {
  run_guard_.emplace();
  guarded_ = true;
}

void UvLoop::count_held_write(int change) {
  held_writes_ += change;
  if (change > 0 && is_in_run_ && !guarded_) guard_run();
}

void UvLoop::stop() {
  stop_requested_.store(true);
  stop_wake_up_->wake();
}

void UvLoop::on_wake_up() { uv_stop(uv_.get()); }

// libuv ends the process when the kernel does not take a descriptor into the epoll set. So it is
// put there before, with nothing to watch for yet: libuv then changes an entry, which needs
// nothing.
int UvLoop::prepare_to_watch(int descriptor) {
  epoll_event nothing{};
  nothing.data.fd = descriptor;
  const int result = epoll_ctl(uv_backend_fd(uv_.get()), EPOLL_CTL_ADD, descriptor, &nothing);
  if (result == 0 || errno == EEXIST) return 0;
  return errno == ENOSPC ? UV_EMFILE : to_uv(errno);  // ENOSPC: the limit on watches of the user
}

int UvLoop::backend_fd() const { return uv_ && !is_lost() ? uv_backend_fd(uv_.get()) : -1; }

bool UvLoop::has_work_now() const { return changed_ || !turn_end_.empty(); }

bool UvLoop::has_jobs() const {
  return inline_executor_ != nullptr && inline_executor_->has_jobs();
}

bool UvLoop::has_questions() const {
  return inline_resolver_ != nullptr && inline_resolver_->has_questions();
}

// Timers that are due come first: with them askers give up.
void UvLoop::look_up_first() {
  enter_callback([this] { timers_.run(now_); });
  enter_callback([this] { inline_resolver_->look_up_first(); });
  now_fresh_ = false;  // the look-up may have taken long
}

int UvLoop::timeout_ms() const {
  if (closed_) return -1;
  if (has_work_now() || has_jobs() || has_questions()) return 0;
  if (is_lost()) return kLookIntervalMs;
  const Instant due = timers_.next_due();
  if (due == base::kNever) return -1;
  const Instant clock = read_clock();
  if (due <= clock) return 0;
  return static_cast<int>(std::min<std::int64_t>(round_up_to_ms(due - clock), INT_MAX));
}

// libuv tells the backend of a new watcher only when it next polls. So passes go on until one has
// nothing to do: that pass has told everything.
void UvLoop::step() {
  if (closed_) return;
  const SigpipeGuard guard;
  const base::MemoryReleaserScope releaser(*memory_end_);
  guarded_ = true;
  // One of each a step: a host with a loop of its own has other work, too.
  if (has_jobs()) enter_callback([this] { inline_executor_->run_first(); });
  if (has_questions()) look_up_first();
  if (is_lost() || !is_intact()) {
    turn_without_kernel();
    guarded_ = false;
    return;
  }
  for (int pass = 0; pass < kPassesMax; ++pass) {
    const std::uint64_t activity_before = activity_;
    changed_ = false;
    uv_run(uv_.get(), UV_RUN_NOWAIT);
    changed_ = changed_ || activity_ != activity_before;
    if (!has_work_now()) break;
  }
  guarded_ = now_fresh_ = false;
}

// --- One turn -----------------------------------------------------------------------------------

void UvLoop::begin_callback() {
  ++activity_;
  if (!now_fresh_) refresh_now();
}

void UvLoop::before_poll() {
  run_turn_end();
  const Instant due = std::min(timers_.next_due(), now() + kPollMax);
  uv_timer_t* tick = handles_->tick->get();
  uv_update_time(uv_.get());
  const std::int64_t wait_ms =
      round_up_to_ms(due.time_since_epoch()) - static_cast<std::int64_t>(uv_now(uv_.get()));
  // It only ends the poll: due timers run after that.
  uv_timer_start(
      tick, [](uv_timer_t*) {}, static_cast<std::uint64_t>(std::max<std::int64_t>(wait_ms, 0)), 0);
  now_fresh_ = false;
}

void UvLoop::after_poll() {
  if (!now_fresh_) refresh_now();
  polled_at_ = now_;
  if (timers_.next_due() <= now_) {
    enter_callback([this] { timers_.run(now_); });
  }
  run_turn_end();
}

void UvLoop::run_turn_end() {
  // A task that throws is off the list, so this ends.
  while (!turn_end_.empty()) {
    enter_callback([this] { turn_end_.run(); });
  }
}

Instant UvLoop::now() const { return now_fresh_ ? now_ : read_clock(); }

void UvLoop::refresh_now() {
  now_ = read_clock();
  now_fresh_ = true;
}

std::int64_t UvLoop::wall_ms() const { return base::wall_clock_ms(); }

// --- What it makes ------------------------------------------------------------------------------

std::unique_ptr<Timer> UvLoop::make_timer(TimerHandler& handler) {
  return timers_.make_timer(handler);
}

std::unique_ptr<TurnEndTask> UvLoop::make_turn_end_task(TurnEndHandler& handler) {
  return turn_end_.make_task(handler);
}

std::unique_ptr<WakeUp> UvLoop::make_wake_up(WakeUpHandler& handler) {
  auto wake_up = UvWakeUp::make(*this, handler);
  if (!wake_up) throw std::bad_alloc();
  return wake_up;
}

std::unique_ptr<ByteStream> UvLoop::make_stream() { return std::make_unique<UvStream>(*this); }

base::Result<std::unique_ptr<Listener>> UvLoop::listen(const SocketAddress& address,
                                                       ListenerHandler& handler) {
  return UvListener::listen(*this, address, handler);
}

Resolver& UvLoop::resolver() { return options_.resolver ? *options_.resolver : *resolver_; }

// --- The end ------------------------------------------------------------------------------------

void UvLoop::close(base::Duration look_up_wait_max) {
  if (std::exchange(closed_, true)) return;
  if (!is_intact()) is_lost_ = true;
  if (executor_) executor_->close();
  if (resolver_) resolver_->close(look_up_wait_max);
  close_block(std::move(handles_->prepare));
  close_block(std::move(handles_->check));
  close_block(std::move(handles_->tick));
  uv_walk(
      uv_.get(),
      [](uv_handle_t* handle, void*) {
        UvOwner* owner = block_of(handle)->owner;
        if (!uv_is_closing(handle) && owner != nullptr) owner->on_loop_closing();
      },
      nullptr);
  if (is_lost()) {
    (void)uv_.release();  // the numbers in it may stand for something else by now
    return;
  }
  // Reopened by libuv at the limit on descriptors, when a standard stream was closed.
  if (StandardDescriptors::is_one(uv_->emfile_fd)) {
    ::close(std::exchange(uv_->emfile_fd, -1));
  }
  int code = UV_EBUSY;
  for (int pass = 0; pass < kClosingPassesMax && code != 0; ++pass) {
    uv_run(uv_.get(), UV_RUN_NOWAIT);
    code = uv_loop_close(uv_.get());
  }
  if (code != 0) {
    (void)uv_.release();  // libuv still refers to it: better lost than freed
  } else {
    uv_.reset();
  }
}

}  // namespace rmq::transport
