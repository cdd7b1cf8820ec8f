#include "event/dispatcher.h"

#include <cassert>

namespace rmq::event {

std::shared_ptr<Dispatcher> Dispatcher::make(std::shared_ptr<EventQueue> queue, Callback callback,
                                             std::size_t threads,
                                             std::shared_ptr<DispatchThreads> all_threads) {
  std::shared_ptr<Dispatcher> made(
      new Dispatcher(std::move(queue), std::move(callback), threads, std::move(all_threads)));
  if (!made->queue_->begin_dispatch(&Dispatcher::wake_up, made.get())) return nullptr;
  base::MutexLock lock(made->mutex_);
  made->is_of_queue_ = true;
  return made;
}

Dispatcher::Dispatcher(std::shared_ptr<EventQueue> queue, Callback callback, std::size_t threads,
                       std::shared_ptr<DispatchThreads> all_threads)
    : queue_(std::move(queue)),
      callback_(std::move(callback)),
      threads_wanted_(threads),
      all_threads_(std::move(all_threads)) {}

Dispatcher::~Dispatcher() {
  bool is_of_queue = false;
  {
    base::MutexLock lock(mutex_);
    assert(running_ == 0);
    is_of_queue = is_of_queue_;
  }
  if (is_of_queue) queue_->end_dispatch();
}

void Dispatcher::wake_up(void* self) {
  auto& dispatcher = *static_cast<Dispatcher*>(self);
  {
    base::MutexLock lock(dispatcher.mutex_);
    ++dispatcher.wake_ups_;
  }
  dispatcher.work_.notify_one();
}

base::Status Dispatcher::start() {
  base::MutexLock joining(joining_);
  assert(threads_.empty());
  {
    base::MutexLock lock(mutex_);
    stop_ = Stop::no;
  }
  threads_.reserve(threads_wanted_);
  while (threads_.size() < threads_wanted_) {
    threads_.push_back(std::make_unique<base::Thread>());
    if (auto status = start(*threads_.back()); !status.ok()) return status;
  }
  return {};
}

// A thread counts from before its start, so that a join right after it waits for it.
base::Status Dispatcher::start(base::Thread& thread) {
  all_threads_->note_begun();
  {
    base::MutexLock lock(mutex_);
    ++running_;
  }
  try {
    auto status = thread.start("dispatch", [self = shared_from_this()] { self->run(); });
    if (!status.ok()) note_ended(false);
    return status;
  } catch (const std::bad_alloc&) {
    note_ended(false);
    throw;
  }
}

void Dispatcher::note_ended(bool was_entered) {
  all_threads_->note_ended(was_entered);
  base::MutexLock lock(mutex_);
  assert(running_ > 0);
  --running_;
  if (running_ == 0) ended_.notify_all();
}

void Dispatcher::stop(Stop how) {
  {
    base::MutexLock lock(mutex_);
    stop_ = how;
  }
  work_.notify_all();
}

bool Dispatcher::has_threads() const {
  base::MutexLock joining(joining_);
  return !threads_.empty();
}

void Dispatcher::join_threads() {
  base::MutexLock joining(joining_);
  for (const auto& thread : threads_) thread->join();
  threads_.clear();
}

void Dispatcher::abandon() {
  base::MutexLock joining(joining_);
  for (const auto& thread : threads_) thread->abandon();
  threads_.clear();
}

void Dispatcher::end(bool waits) {
  stop(Stop::at_once);
  if (waits) {
    wait_until_ended();
    join_threads();
  }
  {
    base::MutexLock lock(mutex_);
    if (!is_of_queue_) return;
    is_of_queue_ = false;
  }
  queue_->end_dispatch();
}

void Dispatcher::wait_until_ended() {
  base::MutexLock lock(mutex_);
  while (running_ > 0) ended_.wait(lock);
}

bool Dispatcher::has_ended() const {
  base::MutexLock lock(mutex_);
  return running_ == 0;
}

void Dispatcher::run() {
  all_threads_->note_entered();
  std::uint64_t seen = 0;
  while (stop_ != Stop::at_once) {
    if (serve_one()) continue;
    base::MutexLock lock(mutex_);
    if (stop_ == Stop::when_empty && wake_ups_ == seen) break;
    while (stop_ == Stop::no && wake_ups_ == seen) work_.wait(lock);
    seen = wake_ups_;
  }
  note_ended(true);
}

bool Dispatcher::serve_one() {
  Event* event = nullptr;
  std::size_t count = 0;
  const auto end = queue_->poll({&event, 1}, base::Duration::zero(), &count);
  if (end != EventQueue::PollEnd::events) return false;
  if (!callback_(*event)) event->destroy();
  return true;
}

}  // namespace rmq::event
