#include "event/dispatcher.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace rmq::event {

// One thread's turn with one queue, which removing the callback waits for.
class Dispatcher::Call {
 public:
  Call(Dispatcher& dispatcher, std::size_t place)
      : dispatcher_(dispatcher), served_(dispatcher.begin_call(place)) {}
  ~Call() {
    if (served_) dispatcher_.end_use(*served_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  const Served* served() const { return served_.get(); }

 private:
  Dispatcher& dispatcher_;
  const std::shared_ptr<Served> served_;
};

Dispatcher::~Dispatcher() {
  ServedList left;
  {
    base::MutexLock lock(mutex_);
    assert(running_ == 0);
    left.swap(served_);
  }
  for (const auto& served : left) served->queue->end_dispatch();
}

bool Dispatcher::add(std::shared_ptr<EventQueue> queue, Callback callback) {
  auto served = std::make_shared<Served>(std::move(queue), std::move(callback));
  base::MutexLock lock(mutex_);
  // Room for it before the queue learns of it: nothing fails after that, nor when it leaves.
  served_.reserve(served_.size() + 1);
  leaving_.reserve(leaving_.size() + served_.size() + 1);
  if (!served->queue->begin_dispatch(&Dispatcher::wake_up, this)) return false;
  served_.push_back(std::move(served));
  ++wake_ups_;
  return true;
}

void Dispatcher::remove(const EventQueue& queue) {
  const bool may_wait = !is_own_thread();
  if (const auto served = begin_removal(queue)) {
    if (may_wait) wait_for_calls(*served);
    served->queue->end_dispatch();
    end_use(*served);
  } else if (may_wait) {
    wait_for_removal(queue);
  }
}

std::shared_ptr<Dispatcher::Served> Dispatcher::begin_removal(const EventQueue& queue) {
  base::MutexLock lock(mutex_);
  const auto place = std::find_if(served_.begin(), served_.end(), [&queue](const auto& served) {
    return served->queue.get() == &queue;
  });
  if (place == served_.end()) return nullptr;
  std::shared_ptr<Served> served = *place;
  leaving_.push_back(served);
  served_.erase(place);
  ++served->users;
  return served;
}

// Until only the thread that takes the callback away uses it.
void Dispatcher::wait_for_calls(const Served& served) {
  base::MutexLock lock(mutex_);
  while (served.users > 1) uses_ended_.wait(lock);
}

// Another thread takes the callback away, or the callback itself has done so and runs on.
void Dispatcher::wait_for_removal(const EventQueue& queue) {
  base::MutexLock lock(mutex_);
  const auto is_of_queue = [&queue](const auto& served) { return served->queue.get() == &queue; };
  while (std::any_of(leaving_.begin(), leaving_.end(), is_of_queue)) uses_ended_.wait(lock);
}

bool Dispatcher::empty() const {
  base::MutexLock lock(mutex_);
  return served_.empty();
}

void Dispatcher::wake_up(void* self) {
  auto& dispatcher = *static_cast<Dispatcher*>(self);
  {
    base::MutexLock lock(dispatcher.mutex_);
    ++dispatcher.wake_ups_;
  }
  dispatcher.work_.notify_one();
}

base::Status Dispatcher::start(std::size_t threads) {
  base::MutexLock joining(joining_);
  assert(threads_.empty());
  {
    base::MutexLock lock(mutex_);
    stopping_ = false;
    if (served_.empty()) return {};
    ids_.reserve(threads);
  }
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.push_back(std::make_unique<base::Thread>());
    if (auto status = start(*threads_.back()); !status.ok()) return status;
  }
  return {};
}

// A thread counts from before its start, so that a join right after it waits for it.
base::Status Dispatcher::start(base::Thread& thread) {
  count_thread(1);
  try {
    auto status = thread.start("dispatch", [self = shared_from_this()] { self->run(); });
    if (!status.ok()) count_thread(-1);
    return status;
  } catch (const std::bad_alloc&) {
    count_thread(-1);
    throw;
  }
}

void Dispatcher::count_thread(int change) {
  base::MutexLock lock(mutex_);
  running_ += change;
  assert(running_ >= 0);
  if (running_ == 0) ended_.notify_all();
}

void Dispatcher::request_stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
}

bool Dispatcher::join(base::Duration wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  base::MutexLock joining(joining_);
  bool is_done = true;
  {
    base::MutexLock lock(mutex_);
    while (running_ > 0 && is_done) is_done = ended_.wait_until(lock, until);
    is_done = running_ == 0;
  }
  for (const auto& thread : threads_) {
    if (is_done) {
      thread->join();
    } else {
      thread->abandon();
    }
  }
  threads_.clear();
  return is_done;
}

void Dispatcher::abandon() {
  base::MutexLock joining(joining_);
  for (const auto& thread : threads_) thread->abandon();
  threads_.clear();
}

bool Dispatcher::is_own_thread() const {
  base::MutexLock lock(mutex_);
  return std::find(ids_.begin(), ids_.end(), std::this_thread::get_id()) != ids_.end();
}

std::size_t Dispatcher::thread_count() const {
  base::MutexLock lock(mutex_);
  return static_cast<std::size_t>(running_);
}

void Dispatcher::run() {
  std::uint64_t seen = 0;
  {
    base::MutexLock lock(mutex_);
    ids_.push_back(std::this_thread::get_id());
  }
  for (;;) {
    if (serve_once()) continue;
    base::MutexLock lock(mutex_);
    if (stopping_ && wake_ups_ == seen) break;
    while (!stopping_ && wake_ups_ == seen) work_.wait(lock);
    seen = wake_ups_;
  }
  {
    base::MutexLock lock(mutex_);
    ids_.erase(std::find(ids_.begin(), ids_.end(), std::this_thread::get_id()));
  }
  count_thread(-1);
}

bool Dispatcher::serve_once() {
  bool has_served = false;
  for (std::size_t place = 0;; ++place) {
    const Call call(*this, place);
    const Served* served = call.served();
    if (!served) return has_served;
    Event* event = nullptr;
    std::size_t count = 0;
    if (served->queue->poll({&event, 1}, base::Duration::zero(), &count) !=
        EventQueue::PollEnd::events)
      continue;
    has_served = true;
    if (!served->callback(*event)) event->destroy();
  }
}

std::shared_ptr<Dispatcher::Served> Dispatcher::begin_call(std::size_t place) {
  base::MutexLock lock(mutex_);
  if (place >= served_.size()) return nullptr;
  ++served_[place]->users;
  return served_[place];
}

void Dispatcher::end_use(Served& served) {
  {
    base::MutexLock lock(mutex_);
    assert(served.users > 0);
    --served.users;
    if (served.users > 1) return;
    if (served.users == 0) {
      std::erase_if(leaving_, [&served](const auto& leaving) { return leaving.get() == &served; });
    }
  }
  uses_ended_.notify_all();
}

}  // namespace rmq::event
