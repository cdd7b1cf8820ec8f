#include "event/dispatcher.h"

#include <algorithm>
#include <chrono>

namespace rmq::event {

Dispatcher::~Dispatcher() {
  for (Served& served : served_) served.queue->set_wake_up(nullptr, nullptr);
}

void Dispatcher::add(std::shared_ptr<EventQueue> queue, Callback callback) {
  queue->set_wake_up(&Dispatcher::wake_up, this);
  served_.push_back({std::move(queue), std::move(callback)});
}

void Dispatcher::wake_up(void* self) {
  auto& dispatcher = *static_cast<Dispatcher*>(self);
  {
    std::lock_guard lock(dispatcher.mutex_);
    ++dispatcher.wake_ups_;
  }
  dispatcher.work_.notify_one();
}

base::Status Dispatcher::start(std::size_t threads) {
  if (served_.empty()) return {};
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.push_back(std::make_unique<base::Thread>());
    auto status = threads_.back()->start("dispatch", [self = shared_from_this()] { self->run(); });
    if (!status.ok()) return status;
    std::lock_guard lock(mutex_);
    ++running_;
  }
  return {};
}

void Dispatcher::request_stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
}

bool Dispatcher::join(base::Duration wait) {
  std::unique_lock lock(mutex_);
  const bool done = ended_.wait_until(lock, std::chrono::steady_clock::now() + wait,
                                      [this] { return running_ == 0; });
  lock.unlock();
  if (!done) {
    abandon();
    return false;
  }
  for (const auto& thread : threads_) thread->join();
  threads_.clear();
  return true;
}

void Dispatcher::abandon() {
  for (const auto& thread : threads_) thread->abandon();
  threads_.clear();
}

bool Dispatcher::is_own_thread() const {
  std::lock_guard lock(mutex_);
  return std::find(ids_.begin(), ids_.end(), std::this_thread::get_id()) != ids_.end();
}

std::size_t Dispatcher::thread_count() const {
  std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(running_);
}

void Dispatcher::run() {
  std::uint64_t seen = 0;
  {
    std::lock_guard lock(mutex_);
    ids_.push_back(std::this_thread::get_id());
  }
  for (;;) {
    if (serve_once()) continue;
    std::unique_lock lock(mutex_);
    if (stopping_ && wake_ups_ == seen) break;
    work_.wait(lock, [&] { return stopping_ || wake_ups_ != seen; });
    seen = wake_ups_;
  }
  std::lock_guard lock(mutex_);
  ids_.erase(std::find(ids_.begin(), ids_.end(), std::this_thread::get_id()));
  --running_;
  ended_.notify_all();
}

bool Dispatcher::serve_once() {
  bool served_any = false;
  for (const Served& served : served_) {
    Event* event = nullptr;
    std::size_t count = 0;
    if (served.queue->poll({&event, 1}, base::Duration::zero(), &count) !=
        EventQueue::PollEnd::events)
      continue;
    served_any = true;
    if (!served.callback(*event)) event->destroy();
  }
  return served_any;
}

}  // namespace rmq::event
