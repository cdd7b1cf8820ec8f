#include "transport/thread_resolver.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace rmq::transport {

struct ThreadResolver::Shared {
  struct Question {
    std::uint64_t number;
    HostPort name;
  };
  NameLookUp look_up;
  std::mutex mutex;
  std::condition_variable ended_changed;
  // All below: under the mutex.
  std::deque<Question> questions;
  std::vector<std::pair<std::uint64_t, PendingLookUps::Answer>> answers;
  std::vector<std::uint64_t> ended;  // workers that are about to return
  WakeUp* wake_up = nullptr;         // null once closed
};

ThreadResolver::ThreadResolver(Loop& loop, NameLookUp look_up, base::Duration wait_max)
    : wait_max_(wait_max),
      shared_(std::make_shared<Shared>()),
      turn_end_(loop.make_turn_end_task(*this)),
      wake_up_(loop.make_wake_up(*this)) {
  shared_->look_up = std::move(look_up);
  shared_->wake_up = wake_up_.get();
}

std::unique_ptr<Resolution> ThreadResolver::resolve(const HostPort& name, Done done) {
  std::uint64_t number = 0;
  auto resolution = pending_.add(std::move(done), &number);
  if (closed_) return resolution;
  SocketAddress literal;
  if (SocketAddress::parse_literal(name.host, name.port, &literal)) {
    literals_.emplace_back(number, literal);
  } else {
    const std::lock_guard lock(shared_->mutex);
    shared_->questions.push_back({number, name});
    batch_ = true;
  }
  turn_end_->schedule();
  return resolution;
}

void ThreadResolver::on_turn_end() {
  if (std::exchange(batch_, false)) start_worker();
  const auto literals = std::exchange(literals_, {});
  for (const auto& [number, address] : literals) {
    pending_.answer(number, std::vector<SocketAddress>{address});
  }
}

void ThreadResolver::start_worker() {
  join_ended();  // whoever is left takes the new questions too
  if (threads_.size() >= kThreadsMax) return;
  auto worker = std::make_unique<Worker>();
  worker->number = ++last_worker_;
  base::Status started = worker->thread.start(
      "resolve", [shared = shared_, number = worker->number] { work(*shared, number); });
  if (started.ok()) {
    threads_.push_back(std::move(worker));
    return;
  }
  if (!threads_.empty()) return;  // those will take the questions
  std::deque<Shared::Question> questions;
  {
    const std::lock_guard lock(shared_->mutex);
    questions.swap(shared_->questions);
  }
  for (const auto& question : questions) {
    base::Error error = started.error();
    error.message = "looking up " + question.name.host + ": " + error.message;
    pending_.answer(question.number, std::move(error));
  }
}

void ThreadResolver::work(Shared& shared, std::uint64_t worker) {
  std::unique_lock lock(shared.mutex);
  while (shared.wake_up != nullptr && !shared.questions.empty()) {
    const Shared::Question question = std::move(shared.questions.front());
    shared.questions.pop_front();
    lock.unlock();
    PendingLookUps::Answer answer = base::make_error(base::ErrorCode::MEMORY, "out of memory");
    try {
      answer = shared.look_up(question.name);
    } catch (...) {
      // Only memory can have failed; the answer says so already.
    }
    lock.lock();
    shared.answers.emplace_back(question.number, std::move(answer));
    if (shared.wake_up != nullptr) shared.wake_up->wake();
  }
  shared.ended.push_back(worker);
  if (shared.wake_up != nullptr) shared.wake_up->wake();
  shared.ended_changed.notify_all();
}

void ThreadResolver::on_wake_up() {
  decltype(shared_->answers) answers;
  {
    const std::lock_guard lock(shared_->mutex);
    answers.swap(shared_->answers);
  }
  join_ended();
  for (auto& [number, answer] : answers) pending_.answer(number, std::move(answer));
}

void ThreadResolver::join_ended() {
  std::vector<std::uint64_t> ended;
  {
    const std::lock_guard lock(shared_->mutex);
    ended.swap(shared_->ended);
  }
  std::erase_if(threads_, [&](const auto& worker) {
    return std::find(ended.begin(), ended.end(), worker->number) != ended.end();
  });
}

void ThreadResolver::close() {
  if (std::exchange(closed_, true)) return;
  pending_.forget_all();
  {
    std::unique_lock lock(shared_->mutex);
    shared_->wake_up = nullptr;
    shared_->questions.clear();
    const auto until = std::chrono::steady_clock::now() + wait_max_;
    shared_->ended_changed.wait_until(lock, until,
                                      [&] { return shared_->ended.size() == threads_.size(); });
  }
  join_ended();
  for (const auto& worker : threads_) worker->thread.abandon();
  threads_.clear();
  wake_up_.reset();
}

}  // namespace rmq::transport
