#include "event/dispatchers.h"

#include <algorithm>
#include <chrono>

namespace rmq::event {

namespace {

// The first of a list that passes a test, shared, so that it is used without the lock of the list.
// Without memory, because a destroy may have none.
template <typename Test>
std::shared_ptr<Dispatcher> find_in(const std::vector<std::shared_ptr<Dispatcher>>& list,
                                    Test test) {
  const auto place =
      std::find_if(list.begin(), list.end(), [&test](const auto& one) { return test(*one); });
  return place == list.end() ? nullptr : *place;
}

}  // namespace

base::Status Dispatchers::add(std::shared_ptr<EventQueue> queue, Callback callback,
                              std::size_t threads) {
  base::MutexLock lock(mutex_);
  // Room for it before the queue learns of it: nothing fails after that, nor when it leaves.
  serving_.reserve(serving_.size() + 1);
  leaving_.reserve(leaving_.size() + serving_.size() + 1);
  auto made = Dispatcher::make(std::move(queue), std::move(callback), threads, threads_);
  if (!made) {
    return base::make_error(base::ErrorCode::ARGUMENT,
                            "the queue has a wake-up function or a callback already");
  }
  serving_.push_back(std::move(made));
  return {};
}

void Dispatchers::remove(const EventQueue& queue) {
  const bool waits = !has_current_thread();
  if (const auto dispatcher = begin_removal(queue)) dispatcher->end(waits);
  if (!waits) return;
  // Another thread takes the callback away, or the callback itself has done so and runs on.
  while (const auto dispatcher = find_leaving(queue)) dispatcher->wait_until_ended();
  while (const auto dispatcher = take_ended()) dispatcher->join_threads();
}

std::shared_ptr<Dispatcher> Dispatchers::begin_removal(const EventQueue& queue) {
  base::MutexLock lock(mutex_);
  auto found = find_in(serving_, [&queue](const Dispatcher& one) { return one.serves(queue); });
  if (!found) return nullptr;
  std::erase(serving_, found);
  leaving_.push_back(found);
  return found;
}

std::shared_ptr<Dispatcher> Dispatchers::find_leaving(const EventQueue& queue) const {
  base::MutexLock lock(mutex_);
  return find_in(leaving_,
                 [&queue](const Dispatcher& one) { return one.serves(queue) && !one.has_ended(); });
}

std::shared_ptr<Dispatcher> Dispatchers::take_ended() {
  base::MutexLock lock(mutex_);
  auto found = find_in(leaving_, [](const Dispatcher& one) { return one.has_ended(); });
  if (found) std::erase(leaving_, found);
  return found;
}

base::Status Dispatchers::start() {
  List all;
  {
    base::MutexLock lock(mutex_);
    all = serving_;
  }
  for (const auto& dispatcher : all) {
    if (auto status = dispatcher->start(); !status.ok()) return status;
  }
  return {};
}

base::Status Dispatchers::start(const EventQueue& queue) {
  std::shared_ptr<Dispatcher> dispatcher;
  {
    base::MutexLock lock(mutex_);
    dispatcher = find_in(serving_, [&queue](const Dispatcher& one) { return one.serves(queue); });
  }
  return dispatcher ? dispatcher->start() : base::Status();
}

void Dispatchers::request_stop() {
  base::MutexLock lock(mutex_);
  for (const auto& dispatcher : serving_) dispatcher->request_stop();
}

bool Dispatchers::join(base::Duration wait) {
  const bool is_done = threads_->wait_until_none(std::chrono::steady_clock::now() + wait);
  while (const auto dispatcher = find_with_threads()) {
    if (is_done) {
      dispatcher->join_threads();
    } else {
      dispatcher->abandon();
    }
  }
  return is_done;
}

std::shared_ptr<Dispatcher> Dispatchers::find_with_threads() const {
  base::MutexLock lock(mutex_);
  const auto has_threads = [](const Dispatcher& one) { return one.has_threads(); };
  auto found = find_in(serving_, has_threads);
  return found ? found : find_in(leaving_, has_threads);
}

void Dispatchers::abandon() {
  while (const auto dispatcher = find_with_threads()) dispatcher->abandon();
}

bool Dispatchers::empty() const {
  base::MutexLock lock(mutex_);
  return serving_.empty();
}

}  // namespace rmq::event
