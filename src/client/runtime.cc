#include "client/runtime.h"

#include <cassert>
#include <chrono>

#include "base/transition.h"
#include "client/caller_run.h"
#include "client/client_id.h"
#include "client/question_resolver.h"
#include "config/option_choices.h"

namespace rmq::client {

using base::ErrorCode;
using base::make_error;
using config::OptionId;

namespace {

bool is_driven(const config::Config& config) {
  return config.choice(OptionId::kRunMode) == static_cast<std::int32_t>(config::RunMode::kDriven);
}

event::Budget::Owned make_budget(const config::Config& config) {
  const std::int64_t operations = config.integer(OptionId::kRuntimeMaxInflight);
  const std::int64_t bytes = config.integer(OptionId::kRuntimeMaxInflightBytes);
  if (operations == 0 && bytes == 0) return nullptr;
  const auto or_unbounded = [](std::int64_t max) {
    return max == 0 ? event::Budget::kUnbounded : max;
  };
  return event::Budget::make(or_unbounded(operations), or_unbounded(bytes));
}

// What undoing a start waits for its dispatchers, which have nothing to do yet.
constexpr base::Duration kUndoWait = std::chrono::seconds(5);

}  // namespace

base::Result<std::shared_ptr<Runtime>> Runtime::make(const config::Config& config,
                                                     std::shared_ptr<Surroundings> surroundings,
                                                     event::Tag tag) {
  if (auto status = config.check_for(config::Owner::kRuntime); !status.ok())
    return status.take_error();
  std::shared_ptr<Runtime> runtime(new Runtime(config, std::move(surroundings), tag));
  auto stamp = base::ProcessStamp::make();
  if (!stamp.ok()) return stamp.take_error();
  runtime->stamp_ = stamp.take_value();
  auto streams = StreamFactory::make(runtime->config_);
  if (!streams.ok()) return streams.take_error();
  runtime->streams_ = streams.take_value();
  return runtime;
}

Runtime::Runtime(const config::Config& config, std::shared_ptr<Surroundings> surroundings,
                 event::Tag tag)
    : config_(config),
      budget_(make_budget(config)),
      closes_(config.duration(OptionId::kCloseTimeout)),
      surroundings_(std::move(surroundings)),
      tag_(tag),
      client_id_(make_client_id(config, *surroundings_)),
      logger_(static_cast<event::LogLevel>(config.choice(OptionId::kLogLevel)), client_id_, tag_),
      unique_ids_(make_unique_id_generator(config, *surroundings_)),
      event_queues_(static_cast<std::size_t>(config.integer(OptionId::kEventQueueCapacity))),
      default_queue_(event_queues_.make().take_value()),
      loop_host_(client::is_driven(config), surroundings_) {}

Runtime::~Runtime() = default;

void Runtime::set_state(State state) {
  assert(state > state_ && "no way back");
  base::note_transition("Runtime", state_, state);
  state_ = state;
  if (state == State::running) was_started_.store(true, std::memory_order_release);
  published_state_.store(state, std::memory_order_release);
}

base::Status Runtime::check_not_forked() const {
  if (!is_forked()) return {};
  return make_error(ErrorCode::FORKED, "the runtime belongs to the parent process",
                    "make a new one after fork()");
}

base::Status Runtime::check_running() const {
  if (auto status = check_not_forked(); !status.ok()) return status;
  switch (state()) {
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
  return event_queues_.make();
}

void Runtime::give_up_event_queue(event::EventQueue& queue) {
  dispatchers_.remove(queue);
  queue.abandon();
  event_queues_.forget(queue);
}

base::Status Runtime::route(event::EventType type, std::shared_ptr<event::EventQueue> queue) {
  if (auto status = check_not_forked(); !status.ok()) return status;
  base::MutexLock lock(life_mutex_);
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
                                   event::Callback callback, std::size_t threads) {
  if (auto status = check_not_forked(); !status.ok()) return status;
  if (is_driven()) {
    return make_error(ErrorCode::WRONG_MODE, "a driven runtime has no threads that could call back",
                      "poll the queue between the steps");
  }
  if (threads == 0) {
    threads = static_cast<std::size_t>(config_.integer(OptionId::kDispatcherThreads));
  }
  bool was_added = false;
  base::Status status;
  try {
    status = add_callback(queue, std::move(callback), threads, was_added);
  } catch (const std::bad_alloc&) {
    if (was_added) dispatchers_.remove(*queue);
    throw;
  }
  // Both without the lock: a wake-up function that took itself away, or a thread of a start that
  // failed, may still run the user's code.
  if (status.ok()) {
    queue->wait_for_former_wake_up();
  } else if (was_added) {
    dispatchers_.remove(*queue);
  }
  return status;
}

base::Status Runtime::add_callback(const std::shared_ptr<event::EventQueue>& queue,
                                   event::Callback callback, std::size_t threads, bool& was_added) {
  base::MutexLock lock(life_mutex_);
  if (state_ != State::created && state_ != State::running) {
    return make_error(ErrorCode::CLOSED, "the runtime is closing or closed");
  }
  auto status = dispatchers_.add(queue, std::move(callback), threads);
  was_added = status.ok();
  if (!status.ok() || state_ == State::created) return status;
  return dispatchers_.start(*queue);
}

base::Status Runtime::remove_callback(const event::EventQueue& queue) {
  if (auto status = check_not_forked(); !status.ok()) return status;
  dispatchers_.remove(queue);
  return {};
}

base::Status Runtime::check_startable() const {
  if (state_ == State::created) return {};
  return state_ == State::running
             ? make_error(ErrorCode::ALREADY_STARTED, "the runtime was started before")
             : make_error(ErrorCode::CLOSED, "the runtime is closed; make a new one to go on");
}

base::Status Runtime::make_loop() {
  std::unique_ptr<transport::Resolver> resolver;
  if (resolve_queue_) {
    resolver = std::make_unique<QuestionResolver>(weak_from_this(), resolve_queue_, tag_);
  }
  if (auto status = loop_host_.make_loop(std::move(resolver)); !status.ok()) return status;
  streams_->set_loop(loop_host_.loop());
  auto core_options = CoreOptions::read(config_, client_id_);
  if (!core_options.ok()) return core_options.take_error();
  core_ = std::make_unique<ClientCore>(loop_host_.loop(), *streams_, core_options.take_value(),
                                       logger_);
  if (wants_errors(config_, false)) core_->set_error_door(ErrorDoor(default_queue_, tag_));
  return {};
}

base::Status Runtime::start_parts() {
  if (auto status = make_loop(); !status.ok()) return status;
  if (is_driven()) {
    loop_host_.make_caller_driver(*core_);
    return {};
  }
  if (auto status = loop_host_.start_thread(*core_); !status.ok()) return status;
  return dispatchers_.start();
}

void Runtime::undo_start() noexcept {
  dispatchers_.request_stop();
  static_cast<void>(dispatchers_.join(kUndoWait));
  loop_host_.stop_thread();
  core_.reset();
  loop_host_.drop_loop();
}

base::Status Runtime::start() {
  if (auto status = check_not_forked(); !status.ok()) return status;
  {
    base::MutexLock lock(life_mutex_);
    if (auto status = check_startable(); !status.ok()) return status;
    base::Status status;
    try {
      status = start_parts();
    } catch (...) {
      undo_start();
      throw;
    }
    if (!status.ok()) {
      undo_start();
      return status;
    }
    set_state(State::running);
  }
  // Without the lock: the queue of the log may have a wake-up function.
  logger_.write(event::LogLevel::info, "start",
                is_driven() ? "run_mode=driven" : "run_mode=threaded");
  warn_of_options(config_);
  return {};
}

base::Status Runtime::update(const config::Config& changes) {
  if (auto status = check_not_forked(); !status.ok()) return status;
  if (auto status = changes.check_change(config::Owner::kRuntime); !status.ok()) return status;
  if (changes.is_set(OptionId::kLogLevel)) {
    logger_.set_level(static_cast<event::LogLevel>(changes.choice(OptionId::kLogLevel)));
  }
  closes_.update(changes);
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

int Runtime::descriptor() const {
  if (!is_driven() || is_forked()) return -1;
  const State now = state();
  return now == State::running || now == State::closing ? loop_host_.runner().backend_fd() : -1;
}

std::int64_t Runtime::timeout_ms() {
  if (!is_driven() || is_forked()) return -1;
  // A host that waits by this number makes the step that tells it of the end.
  return descriptor() >= 0 ? loop_host_.runner().timeout_ms() : 0;
}

base::Status Runtime::step() {
  if (auto status = check_not_forked(); !status.ok()) return status;
  if (!is_driven())
    return make_error(ErrorCode::WRONG_MODE, "the runtime has a thread of its own that drives it");
  const State now = state();
  if (now == State::created)
    return make_error(ErrorCode::NOT_STARTED, "the runtime has not been started");
  if (now == State::closed) return make_error(ErrorCode::CLOSED, "the runtime is closed");
  if (loop_host_.try_step()) return {};
  return make_error(ErrorCode::WRONG_THREAD,
                    "a step is under way, inside which or beside which no other may begin");
}

std::size_t Runtime::thread_count() const {
  if (is_driven()) return 0;
  const State now = state();
  const bool has_loop_thread = now == State::running || now == State::closing;
  return (has_loop_thread ? 1 : 0) + dispatchers_.thread_count();
}

Host::CallEnd Runtime::call(base::InboxItem& item, event::UnsharedWaiter waiter,
                            base::Instant deadline) noexcept {
  if (is_driven()) return Host::call(item, std::move(waiter), deadline);
  const bool is_alone = loop_host_.calls().enter(now());
  CallerRun run(*core_, item, *waiter, deadline, *surroundings_);
  const bool has_run = is_alone && loop_host_.run_for_caller(run);
  CallEnd end;
  if (has_run ? run.is_accepted() : core_->post(item)) {
    end = waiter.release()->wait_until(deadline);
  }
  loop_host_.calls().leave(now());
  return end;
}

std::size_t Runtime::make_unique_id(std::int64_t now_ms, char* out) {
  unique_ids_->write_next(month_clock_.ms_of_month(now_ms), out);
  return unique_ids_->text_bytes();
}

}  // namespace rmq::client
