#include "transport/thread_resolver.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>

namespace rmq::transport {

// A question is one link from the asking to the answer, so that the threads allocate nothing but
// what the look-up itself needs.
struct ThreadResolver::Shared {
  struct Question {
    std::uint64_t number;
    HostPort name;
    std::optional<PendingLookUps::Answer> answer;  // none: the look-up had no memory
  };
  NameLookUp look_up;
  std::mutex mutex;
  std::condition_variable ended_changed;
  // All below: under the mutex.
  std::list<Question> questions;
  std::list<Question> answered;
  std::array<std::uint64_t, kThreadsMax> ended{};  // workers that are about to return
  std::size_t ended_count = 0;
  WakeUp* wake_up = nullptr;  // null once closed
};

ThreadResolver::ThreadResolver(Loop& loop, NameLookUp look_up, base::Duration wait_max)
    : wait_max_(wait_max),
      shared_(std::make_shared<Shared>()),
      turn_end_(loop.make_turn_end_task(*this)),
      wake_up_(loop.make_wake_up(*this)) {
  threads_.reserve(kThreadsMax);
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
    shared_->questions.push_back({number, name, std::nullopt});
    batch_ = true;
  }
  turn_end_->schedule();
  return resolution;
}

void ThreadResolver::on_turn_end() {
  if (std::exchange(batch_, false)) start_worker();
  const auto literals = std::exchange(literals_, {});
  for (const auto& [number, address] : literals) {
    pending_.answer(number, [&] { return std::vector<SocketAddress>{address}; });
  }
}

void ThreadResolver::start_worker() noexcept {
  join_ended();  // whoever is left takes the new questions too
  if (threads_.size() >= kThreadsMax) return;
  base::Error failed;
  try {
    base::Status started = try_start_worker();
    if (started.ok()) return;
    failed = started.take_error();
  } catch (const std::bad_alloc&) {
    failed.code = base::ErrorCode::MEMORY;
    failed.message = "out of memory";
  }
  if (threads_.empty()) refuse_questions(failed);
}

base::Status ThreadResolver::try_start_worker() {
  auto worker = std::make_unique<Worker>();
  worker->number = ++last_worker_;
  base::Status started = worker->thread.start(
      "resolve", [shared = shared_, number = worker->number] { work(*shared, number); });
  if (started.ok()) threads_.push_back(std::move(worker));
  return started;
}

void ThreadResolver::refuse_questions(const base::Error& cause) noexcept {
  std::list<Shared::Question> questions;
  {
    const std::lock_guard lock(shared_->mutex);
    questions.swap(shared_->questions);
  }
  for (const auto& question : questions) {
    pending_.answer(question.number, [&]() -> PendingLookUps::Answer {
      base::Error error = cause;
      error.message = "looking up " + question.name.host + ": " + error.message;
      return error;
    });
  }
}

void ThreadResolver::work(Shared& shared, std::uint64_t worker) {
  std::unique_lock lock(shared.mutex);
  while (shared.wake_up != nullptr && !shared.questions.empty()) {
    std::list<Shared::Question> taken;
    taken.splice(taken.begin(), shared.questions, shared.questions.begin());
    lock.unlock();
    Shared::Question& question = taken.front();
    try {
      question.answer = shared.look_up(question.name);
    } catch (...) {
      // Only memory can have failed.
    }
    lock.lock();
    shared.answered.splice(shared.answered.end(), taken);
    if (shared.wake_up != nullptr) shared.wake_up->wake();
  }
  shared.ended[shared.ended_count++] = worker;
  if (shared.wake_up != nullptr) shared.wake_up->wake();
  shared.ended_changed.notify_all();
}

void ThreadResolver::on_wake_up() {
  std::list<Shared::Question> answered;
  {
    const std::lock_guard lock(shared_->mutex);
    answered.swap(shared_->answered);
  }
  join_ended();
  for (Shared::Question& question : answered) {
    if (question.answer) {
      pending_.answer(question.number, [&] { return std::move(*question.answer); });
    } else {
      pending_.refuse_for_memory(question.number);
    }
  }
}

void ThreadResolver::join_ended() {
  std::array<std::uint64_t, kThreadsMax> ended;
  std::size_t count = 0;
  {
    const std::lock_guard lock(shared_->mutex);
    ended = shared_->ended;
    count = std::exchange(shared_->ended_count, 0);
  }
  const auto end = ended.begin() + static_cast<std::ptrdiff_t>(count);
  std::erase_if(threads_, [&](const auto& worker) {
    return std::find(ended.begin(), end, worker->number) != end;
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
                                      [&] { return shared_->ended_count == threads_.size(); });
  }
  join_ended();
  for (const auto& worker : threads_) worker->thread.abandon();
  threads_.clear();
  wake_up_.reset();
}

}  // namespace rmq::transport
