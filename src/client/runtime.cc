#include "client/runtime.h"

#include <algorithm>
#include <chrono>

#include "client/client_id.h"
#include "client/question_resolver.h"
#include "config/option_choices.h"

namespace rmq::client {
namespace {

using base::ErrorCode;
using base::make_error;
using config::OptionId;

constexpr base::Duration kCloseTimeoutDefault = std::chrono::seconds(3);
// What a blocking close waits beyond its limit, for the loop to come round and the threads to end.
constexpr base::Duration kCloseGrace = std::chrono::seconds(5);
// For a name look-up that is about to end. One that hangs is left to itself, and the library stays
// mapped for it: destroying does not wait, closing does within its limit.
constexpr base::Duration kLookUpGrace = std::chrono::milliseconds(50);

}  // namespace

base::Result<std::shared_ptr<Runtime>> Runtime::make(const config::Config& config) {
  if (auto status = config.check_for(config::Owner::kRuntime); !status.ok())
    return status.take_error();
  std::shared_ptr<Runtime> runtime(new Runtime(config));
  auto stamp = base::ProcessStamp::make();
  if (!stamp.ok()) return stamp.take_error();
  runtime->stamp_ = stamp.take_value();
  auto streams = StreamFactory::make(runtime->config_);
  if (!streams.ok()) return streams.take_error();
  runtime->streams_ = streams.take_value();
  return runtime;
}

Runtime::Runtime(const config::Config& config)
    : config_(config),
      is_driven_(config.choice(OptionId::kRunMode) ==
                 static_cast<std::int32_t>(config::RunMode::kDriven)),
      client_id_(make_client_id(config)),
      logger_(static_cast<event::LogLevel>(config.choice(OptionId::kLogLevel)), client_id_),
      unique_ids_(make_unique_id_generator(config)),
      default_queue_(std::make_shared<event::EventQueue>(
          static_cast<std::size_t>(config.integer(OptionId::kEventQueueCapacity)))),
      dispatcher_(std::make_shared<event::Dispatcher>()) {
  queues_.push_back(default_queue_);
}

Runtime::~Runtime() = default;

base::Status Runtime::check_not_forked() const {
  if (!is_forked()) return {};
  return make_error(ErrorCode::FORKED, "the runtime belongs to the parent process",
                    "make a new one after fork()");
}

base::Status Runtime::check_running() const {
  if (auto status = check_not_forked(); !status.ok()) return status;
  switch (state_.load(std::memory_order_acquire)) {
    case State::running:
      return {};
    case State::created:
      return make_error(ErrorCode::NOT_STARTED, "the runtime has not been started");
    case State::closing:
      return make_error(ErrorCode::CLOSING, "the runtime is closing and accepts nothing new");
    case State::closed:
      break;
  }
  return make_error(ErrorCode::CLOSED, "the runtime is closed");
}

base::Result<std::shared_ptr<event::EventQueue>> Runtime::make_event_queue() {
  if (auto status = check_not_forked(); !status.ok()) return status.take_error();
  if (state_ == State::closed) return make_error(ErrorCode::CLOSED, "the runtime is closed");
  auto queue = std::make_shared<event::EventQueue>(
      static_cast<std::size_t>(config_.integer(OptionId::kEventQueueCapacity)));
  std::lock_guard lock(mutex_);
  queues_.push_back(queue);
  return queue;
}

void Runtime::forget_event_queue(const event::EventQueue& queue) {
  std::lock_guard lock(mutex_);
  std::erase_if(queues_, [&](const auto& other) { return other.get() == &queue; });
}

base::Status Runtime::route(event::EventType type, std::shared_ptr<event::EventQueue> queue) {
  if (auto status = check_not_forked(); !status.ok()) return status;
  std::lock_guard lock(mutex_);
  if (state_ != State::created) {
    return make_error(ErrorCode::ALREADY_STARTED,
                      "queues are chosen before the runtime is started");
  }
  if (type == event::EventType::log) {
    logger_.set_queue(std::move(queue));
  } else if (type == event::EventType::resolve) {
    resolve_queue_ = std::move(queue);
  } else {
    return make_error(ErrorCode::ARGUMENT,
                      "event type " + std::to_string(static_cast<int>(type)) +
                          " has no queue of its own, expected RMQ_EVENT_LOG or RMQ_EVENT_RESOLVE");
  }
  return {};
}

base::Status Runtime::set_callback(const std::shared_ptr<event::EventQueue>& queue,
                                   event::Callback callback) {
  if (auto status = check_not_forked(); !status.ok()) return status;
  if (is_driven_) {
    return make_error(ErrorCode::WRONG_THREAD,
                      "a driven runtime has no threads that could call back",
                      "poll the queue between the steps");
  }
  std::lock_guard lock(mutex_);
  if (state_ != State::created) {
    return make_error(ErrorCode::ALREADY_STARTED,
                      "callbacks are set before the runtime is started");
  }
  if (queue->has_wake_up()) {
    return make_error(ErrorCode::ARGUMENT,
                      "the queue has a wake-up function or a callback already");
  }
  dispatcher_->add(queue, std::move(callback));
  queue->give_to_dispatcher();
  return {};
}

base::Status Runtime::make_loop() {
  transport::UvLoopOptions options;
  options.driven = is_driven_;
  if (resolve_queue_) {
    question_resolver_ = std::make_unique<QuestionResolver>(weak_from_this(), resolve_queue_);
    options.resolver = question_resolver_.get();
  }
  auto loop = transport::UvLoop::make(std::move(options));
  if (!loop.ok()) return loop.take_error();
  loop_ = loop.take_value();
  streams_->set_loop(*loop_);
  auto core_options = CoreOptions::read(config_, client_id_);
  if (!core_options.ok()) return core_options.take_error();
  core_ = std::make_unique<ClientCore>(*loop_, *streams_, core_options.take_value(), logger_);
  return {};
}

base::Status Runtime::start_threads() {
  if (auto status = loop_thread_.start("loop", [this] { loop_->run(); }); !status.ok())
    return status;
  return dispatcher_->start(
      static_cast<std::size_t>(config_.integer(OptionId::kDispatcherThreads)));
}

void Runtime::undo_start() noexcept {
  dispatcher_->request_stop();
  static_cast<void>(dispatcher_->join(kCloseGrace));
  if (loop_ && loop_thread_.started()) {
    loop_->stop();
    loop_thread_.join();
  }
  core_.reset();
  loop_.reset();
}

base::Status Runtime::start() {
  if (auto status = check_not_forked(); !status.ok()) return status;
  std::lock_guard lock(mutex_);
  if (state_ != State::created) {
    return state_ == State::running
               ? make_error(ErrorCode::ALREADY_STARTED, "the runtime was started before")
               : make_error(ErrorCode::CLOSED, "the runtime is closed; make a new one to go on");
  }
  base::Status status;
  try {
    status = make_loop();
    if (status.ok() && !is_driven_) status = start_threads();
  } catch (...) {
    undo_start();
    throw;
  }
  if (!status.ok()) {
    undo_start();
    return status;
  }
  driving_thread_ = is_driven_ ? std::this_thread::get_id() : std::thread::id();
  state_.store(State::running, std::memory_order_release);
  logger_.write(event::LogLevel::info, "start",
                is_driven_ ? "run_mode=driven" : "run_mode=threaded");
  warn_of_options(config_);
  return {};
}

void Runtime::warn_of_options(const config::Config& config) noexcept {
  try {
    const std::string names = config.name_without_effect();
    if (!names.empty()) logger_.write(event::LogLevel::warn, "options", "without_effect=" + names);
  } catch (const std::bad_alloc&) {
    // As any log line, this one may be lost.
  }
}

bool Runtime::begin_closing() {
  State expected = State::created;
  if (state_.compare_exchange_strong(expected, State::closed)) {
    std::lock_guard lock(mutex_);
    for (const auto& queue : queues_) queue->finish();
    return false;
  }
  expected = State::running;
  return state_.compare_exchange_strong(expected, State::closing);
}

ControlOperation* Runtime::make_close(base::Duration timeout, std::uint64_t token,
                                      void* user_data) {
  // The loop, which runs this, ends before the runtime does.
  auto* operation = new ControlOperation(event::EventType::closed, token, user_data,
                                         [this](ControlOperation& close) { begin_close(close); });
  operation->deadline = now() + timeout;
  return operation;
}

void Runtime::begin_close(ControlOperation& operation) noexcept {
  closes_.push_back(operation);
  core_->begin_close(operation.deadline, [this] { on_core_closed(); });
}

void Runtime::close_at_once() noexcept {
  core_->begin_close(loop_->now(), [this] { on_core_closed(); });
}

void Runtime::on_core_closed() noexcept {
  const std::size_t cut_short = core_->cut_short();
  try {
    logger_.write(event::LogLevel::info, "close", "cut_short=" + std::to_string(cut_short));
  } catch (const std::bad_alloc&) {
    // A log line may be lost.
  }
  while (ControlOperation* close = closes_.pop_front()) {
    if (cut_short == 0) {
      close->complete(*core_);
      continue;
    }
    close->fail(*core_, base::make_error_or_code(ErrorCode::CLOSE_TIMEOUT, [cut_short] {
      return make_error(
          ErrorCode::CLOSE_TIMEOUT,
          std::to_string(cut_short) + " operations were cut short by the close time limit",
          "their events tell whether each may have been applied");
    }));
  }
  core_->flush_events();
  {
    std::lock_guard lock(mutex_);
    for (const auto& queue : queues_) queue->finish();
  }
  dispatcher_->request_stop();
  loop_->stop();
  std::lock_guard lock(closed_mutex_);
  state_.store(State::closed, std::memory_order_release);
  closed_.notify_all();
}

bool Runtime::wait_closed(base::Duration wait) {
  std::unique_lock lock(closed_mutex_);
  return closed_.wait_until(lock, std::chrono::steady_clock::now() + wait,
                            [this] { return state_.load() == State::closed; });
}

bool Runtime::join(base::Duration look_up_wait) {
  std::lock_guard lock(join_mutex_);
  loop_thread_.join();
  loop_->close(std::max(look_up_wait, kLookUpGrace));
  return dispatcher_->join(kCloseGrace);
}

// For a host that does not step any more: a closing whose limit is over ends within a turn or two,
// on whatever thread.
void Runtime::drive_to_end() {
  if (is_stepping_.exchange(true)) return;  // it does, after all
  driving_thread_ = std::this_thread::get_id();
  const base::Instant until = now() + kCloseGrace;
  while (state_ != State::closed && now() < until) loop_->step();
  is_stepping_ = false;
}

base::Status Runtime::close(base::Duration timeout) {
  if (auto status = check_not_forked(); !status.ok()) return status;
  if (timeout == base::Duration::zero()) timeout = kCloseTimeoutDefault;
  const base::Instant deadline = now() + timeout;
  const bool waits = may_block() && !is_in_callback();
  // Made before anything begins: what memory refuses then changes nothing.
  ControlOperation* operation = make_close(timeout, 0, nullptr);
  event::Waiter* waiter = nullptr;
  try {
    if (waits) waiter = event::Waiter::make();
  } catch (const std::bad_alloc&) {
    operation->destroy();
    throw;
  }
  operation->set_waiter(waiter);
  if (!begin_closing() || !core_->post(*operation)) {
    operation->destroy();
    if (waiter) waiter->discard();
    return wait_for_other_close(timeout, waits);
  }
  if (!waits) return close_in_progress();
  if (is_driven_ && !wait_closed(timeout)) drive_to_end();
  auto status = wait_for(waiter, deadline - now() + kCloseGrace, ErrorCode::CLOSE_TIMEOUT,
                         "closing did not end: a step of the runtime hangs");
  if (wait_closed(kCloseGrace) && !is_driven_) join(deadline - now());
  return status;
}

// When somebody else has closed or is closing.
base::Status Runtime::wait_for_other_close(base::Duration timeout, bool waits) {
  if (!waits) return state_ == State::closed ? base::Status() : close_in_progress();
  if (!wait_closed(timeout + kCloseGrace)) {
    return make_error(ErrorCode::CLOSE_TIMEOUT, "the closing that is under way has not ended");
  }
  if (!is_driven_ && loop_) join(base::Duration::zero());
  return {};
}

base::Error Runtime::close_in_progress() {
  return make_error(ErrorCode::IN_PROGRESS,
                    "the runtime is closing; this thread cannot wait for it");
}

base::Status Runtime::close_async(base::Duration timeout, std::uint64_t token, void* user_data) {
  if (auto status = check_not_forked(); !status.ok()) return status;
  if (timeout == base::Duration::zero()) timeout = kCloseTimeoutDefault;
  if (auto status = check_running(); !status.ok()) return status;
  ControlOperation* operation = make_close(timeout, token, user_data);
  operation->set_queue(default_queue_);
  if (begin_closing() && core_->post(*operation)) return {};
  operation->destroy();
  return make_error(ErrorCode::CLOSING, "the runtime is closing already");
}

void Runtime::abandon() noexcept {
  begin_closing();
  if (!loop_) return;
  if (state_ != State::closed) static_cast<void>(core_->post(abandonment_));
  // With a limit of zero nothing on the loop waits for the network: it ends within a turn or two.
  if (is_driven_) {
    while (state_ != State::closed) loop_->step();
    loop_->close();
    return;
  }
  std::lock_guard lock(join_mutex_);
  loop_thread_.join();
  loop_->close(kLookUpGrace);
  dispatcher_->abandon();
}

int Runtime::descriptor() const {
  if (!is_driven_ || is_forked()) return -1;
  const State state = state_.load(std::memory_order_acquire);
  return state == State::running || state == State::closing ? loop_->backend_fd() : -1;
}

std::int64_t Runtime::timeout_ms() { return descriptor() >= 0 ? loop_->timeout_ms() : -1; }

base::Status Runtime::step() {
  if (auto status = check_not_forked(); !status.ok()) return status;
  if (!is_driven_)
    return make_error(ErrorCode::WRONG_THREAD,
                      "the runtime has a thread of its own that drives it");
  const State state = state_.load(std::memory_order_acquire);
  if (state == State::created)
    return make_error(ErrorCode::NOT_STARTED, "the runtime has not been started");
  if (state == State::closed) return make_error(ErrorCode::CLOSED, "the runtime is closed");
  if (is_stepping_.exchange(true)) {
    return make_error(ErrorCode::WRONG_THREAD,
                      "a step is under way, inside which or beside which no other may begin");
  }
  driving_thread_ = std::this_thread::get_id();
  loop_->step();
  is_stepping_ = false;
  return {};
}

std::size_t Runtime::thread_count() const {
  if (is_driven_) return 0;
  const State state = state_.load(std::memory_order_acquire);
  const bool has_loop = state == State::running || state == State::closing;
  return (has_loop ? 1 : 0) + dispatcher_->thread_count();
}

bool Runtime::may_block() const {
  return !is_driven_ || driving_thread_.load() != std::this_thread::get_id();
}

base::Instant Runtime::now() const {
  return base::Instant(std::chrono::duration_cast<base::Duration>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

std::int64_t Runtime::wall_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::size_t Runtime::make_unique_id(char* out) {
  unique_ids_->write_next(month_clock_.ms_of_month(wall_ms()), out);
  return unique_ids_->text_bytes();
}

}  // namespace rmq::client
