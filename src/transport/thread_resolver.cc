#include "transport/thread_resolver.h"

#include <algorithm>
#include <array>
#include <list>
#include <optional>

#include "base/mutex.h"

namespace rmq::transport {

// A question is one link of a list from the asking to the answer. So the threads allocate nothing
// but what the look-up itself needs.
struct ThreadResolver::Shared {
  struct Asker {
    std::uint64_t number;  // in pending_
    std::uint16_t port;
  };
  struct Question {
    std::string host;
    std::vector<Asker> askers;
    std::optional<PendingLookUps::Answer> answer;  // none: the look-up had no memory
  };
  using Questions = std::list<Question>;

  // True: the question is new, and a thread must take it.
  bool ask(const HostPort& name, std::uint64_t number) RMQ_REQUIRES(mutex) {
    const auto is_same = [&](const Question& question) { return question.host == name.host; };
    for (Questions* const questions : {&waiting, &looking}) {
      const auto known = std::find_if(questions->begin(), questions->end(), is_same);
      if (known == questions->end()) continue;
      known->askers.push_back({number, name.port});
      return false;
    }
    waiting.push_back({name.host, {{number, name.port}}, std::nullopt});
    return true;
  }
  // Any thread, without the mutex.
  void forget(std::uint64_t number) noexcept {
    const auto is_asker = [number](const Asker& asker) { return asker.number == number; };
    base::MutexLock lock(mutex);
    for (Question& question : looking) std::erase_if(question.askers, is_asker);
    for (Question& question : waiting) std::erase_if(question.askers, is_asker);
    std::erase_if(waiting, [](const Question& question) { return question.askers.empty(); });
  }

  NameLookUp look_up;
  base::Mutex mutex;
  base::Condition ended_changed;
  Questions waiting RMQ_GUARDED_BY(mutex);
  Questions looking RMQ_GUARDED_BY(mutex);  // only the askers of these may be touched
  Questions answered RMQ_GUARDED_BY(mutex);
  std::array<std::uint64_t, kThreadsMax> ended RMQ_GUARDED_BY(mutex){};  // workers about to return
  std::size_t ended_count RMQ_GUARDED_BY(mutex) = 0;
  WakeUp* wake_up RMQ_GUARDED_BY(mutex) = nullptr;  // null once closed
};

// Takes its question back when nobody waits for the answer any more.
class ThreadResolver::Asking final : public Resolution {
 public:
  Asking(std::shared_ptr<Shared> shared, std::uint64_t number, std::unique_ptr<Resolution> pending)
      : shared_(std::move(shared)), number_(number), pending_(std::move(pending)) {}
  ~Asking() override { shared_->forget(number_); }

 private:
  const std::shared_ptr<Shared> shared_;
  const std::uint64_t number_;
  const std::unique_ptr<Resolution> pending_;
};

ThreadResolver::ThreadResolver(Loop& loop, NameLookUp look_up)
    : shared_(std::make_shared<Shared>()),
      turn_end_(loop.make_turn_end_task(*this)),
      wake_up_(loop.make_wake_up(*this)) {
  threads_.reserve(kThreadsMax);
  shared_->look_up = std::move(look_up);
  base::MutexLock lock(shared_->mutex);
  shared_->wake_up = wake_up_.get();
}

std::unique_ptr<Resolution> ThreadResolver::resolve(const HostPort& name, Done done) {
  std::uint64_t number = 0;
  auto resolution = pending_.add(std::move(done), &number);
  if (closed_) return resolution;
  if (!pending_.add_literal(number, name)) {
    resolution = std::make_unique<Asking>(shared_, number, std::move(resolution));
    base::MutexLock lock(shared_->mutex);
    if (shared_->ask(name, number)) has_new_questions_ = true;
  }
  turn_end_->schedule();
  return resolution;
}

void ThreadResolver::on_turn_end() {
  if (std::exchange(has_new_questions_, false)) start_workers();
  pending_.answer_literals();
}

void ThreadResolver::start_workers() noexcept {
  join_ended();
  while (needs_worker() && start_worker()) {
  }
}

// A thread that neither looks up nor has ended is about to take a question.
bool ThreadResolver::needs_worker() const {
  if (threads_.size() >= kThreadsMax) return false;
  base::MutexLock lock(shared_->mutex);
  const std::size_t busy = shared_->looking.size() + shared_->ended_count;
  return threads_.size() < busy + shared_->waiting.size();
}

// False: there is no thread for it, and whoever is left takes its question.
bool ThreadResolver::start_worker() noexcept {
  base::Error failed;
  try {
    base::Status started = try_start_worker();
    if (started.ok()) return true;
    failed = started.take_error();
  } catch (const std::bad_alloc&) {
    failed = base::make_memory_error();
  }
  if (threads_.empty()) refuse_questions(failed);
  return false;
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
  Shared::Questions questions;
  {
    base::MutexLock lock(shared_->mutex);
    questions.swap(shared_->waiting);
  }
  for (const auto& question : questions) {
    for (const auto& asker : question.askers) {
      pending_.answer(asker.number, [&]() -> PendingLookUps::Answer {
        base::Error error = cause;
        error.message = "looking up " + question.host + ": " + error.message;
        return error;
      });
    }
  }
}

void ThreadResolver::work(Shared& shared, std::uint64_t worker) {
  base::MutexLock lock(shared.mutex);
  while (shared.wake_up != nullptr && !shared.waiting.empty()) {
    const auto question = shared.waiting.begin();
    shared.looking.splice(shared.looking.end(), shared.waiting, question);
    lock.unlock();
    std::optional<PendingLookUps::Answer> answer;
    try {
      answer = shared.look_up({question->host, 0});
    } catch (...) {
      // Only memory can have failed.
    }
    lock.lock();
    question->answer = std::move(answer);
    shared.answered.splice(shared.answered.end(), shared.looking, question);
    if (shared.wake_up != nullptr) shared.wake_up->wake();
  }
  shared.ended[shared.ended_count++] = worker;
  if (shared.wake_up != nullptr) shared.wake_up->wake();
  shared.ended_changed.notify_all();
}

void ThreadResolver::on_wake_up() {
  Shared::Questions answered;
  {
    base::MutexLock lock(shared_->mutex);
    answered.swap(shared_->answered);
  }
  join_ended();
  for (const Shared::Question& question : answered) {
    for (const auto& asker : question.askers) {
      if (!question.answer) {
        pending_.refuse_for_memory(asker.number);
        continue;
      }
      pending_.answer_from(asker.number, *question.answer, asker.port);
    }
  }
}

void ThreadResolver::join_ended() {
  std::array<std::uint64_t, kThreadsMax> ended;
  std::size_t count = 0;
  {
    base::MutexLock lock(shared_->mutex);
    ended = shared_->ended;
    count = std::exchange(shared_->ended_count, 0);
  }
  const auto end = ended.begin() + static_cast<std::ptrdiff_t>(count);
  std::erase_if(threads_, [&](const auto& worker) {
    return std::find(ended.begin(), end, worker->number) != end;
  });
}

void ThreadResolver::close(base::Duration wait_max) {
  if (std::exchange(closed_, true)) return;
  pending_.forget_all();
  {
    base::MutexLock lock(shared_->mutex);
    shared_->wake_up = nullptr;
    shared_->waiting.clear();
    const auto until = std::chrono::steady_clock::now() + wait_max;
    while (shared_->ended_count != threads_.size() &&
           shared_->ended_changed.wait_until(lock, until)) {
    }
  }
  join_ended();
  for (const auto& worker : threads_) worker->thread.abandon();
  threads_.clear();
  wake_up_.reset();
}

}  // namespace rmq::transport
