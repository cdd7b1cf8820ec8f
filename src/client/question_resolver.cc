#include "client/question_resolver.h"

#include "base/inbox.h"
#include "base/mutex.h"

namespace rmq::client {
namespace {

using base::ErrorCode;
using base::make_error;
using Addresses = std::vector<transport::SocketAddress>;

// What the look-up on the loop and the event with the user share.
class Question final : public base::InboxItem {
 public:
  enum class State { open, answered, stale };

  Question(std::weak_ptr<Host> host, const transport::HostPort& name,
           transport::Resolver::Done done)
      : host_(std::move(host)), name_(name), done_(std::move(done)) {}

  const std::string& name() const { return name_.host; }
  std::uint16_t port() const { return name_.port; }

  // Any thread. An empty list means that the name cannot be resolved.
  base::Status take_answer(Addresses addresses, std::shared_ptr<Question> question) {
    const std::shared_ptr<Host> runtime = host_.lock();
    if (runtime && runtime->is_forked()) {
      return make_error(ErrorCode::FORKED, "the question was asked in the parent process");
    }
    switch (try_answer(addresses)) {
      case State::answered:
        return make_error(ErrorCode::ALREADY_ANSWERED, "the question was answered before");
      case State::stale:
        return make_error(ErrorCode::STALE,
                          "nobody waits for the addresses of " + name() + " any more");
      case State::open:
        break;
    }
    if (runtime) tell_loop(*runtime, std::move(question));
    return {};
  }

  // The default answer, that there is no address, if nothing else was said. Needs no memory.
  void decline(std::shared_ptr<Question> question) noexcept {
    const std::shared_ptr<Host> runtime = host_.lock();
    if (runtime && runtime->is_forked()) return;
    Addresses none;
    if (try_answer(none) == State::open && runtime) tell_loop(*runtime, std::move(question));
  }

  // Loop thread: nobody waits any more. False: it was answered before.
  bool make_stale() noexcept {
    done_ = nullptr;
    base::MutexLock lock(mutex_);
    if (state_ != State::open) return false;
    state_ = State::stale;
    return true;
  }
  bool is_stale() const noexcept {
    base::MutexLock lock(mutex_);
    return state_ == State::stale;
  }

  void run_on_loop() noexcept override {
    const std::shared_ptr<Question> keep = std::move(self_);
    const transport::Resolver::Done tell = std::exchange(done_, nullptr);
    if (!tell) return;
    Addresses answer = take_addresses();
    if (!answer.empty()) {
      tell(std::move(answer));
      return;
    }
    tell(base::make_error_or_code(ErrorCode::CANNOT_RESOLVE, [this] {
      return make_error(ErrorCode::CANNOT_RESOLVE,
                        "the host program gave no address for " + name());
    }));
  }

 private:
  // The state before.
  State try_answer(Addresses& addresses) noexcept {
    base::MutexLock lock(mutex_);
    const State before = state_;
    if (before != State::open) return before;
    state_ = State::answered;
    answer_.swap(addresses);
    return before;
  }
  Addresses take_addresses() noexcept {
    base::MutexLock lock(mutex_);
    return std::move(answer_);
  }
  // Once, by whoever answered.
  void tell_loop(Host& runtime, std::shared_ptr<Question> question) noexcept {
    self_ = std::move(question);
    if (!runtime.core().post(*this)) self_.reset();
  }

  const std::weak_ptr<Host> host_;
  const transport::HostPort name_;
  transport::Resolver::Done done_;  // loop thread; null once nobody waits
  std::shared_ptr<Question> self_;  // while posted

  mutable base::Mutex mutex_;
  State state_ RMQ_GUARDED_BY(mutex_) = State::open;
  Addresses answer_ RMQ_GUARDED_BY(mutex_);
};

class QuestionEvent final : public event::Event {
 public:
  QuestionEvent(std::shared_ptr<Question> question, event::Tag tag)
      : Event(event::EventType::resolve, tag), question_(std::move(question)) {}

  event::EventParts parts() const override {
    event::EventParts parts;
    parts.text = &question_->name();
    parts.wants_answer = true;
    return parts;
  }

  base::Status answer(const event::Answer& answer) override {
    if (answer.form != event::AnswerForm::text) return Event::answer(answer);
    Addresses addresses;
    std::string_view text = answer.text;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(';'), text.size());
      const std::string_view part = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      transport::SocketAddress address;
      if (!transport::SocketAddress::parse_literal(part, question_->port(), &address)) {
        return make_error(ErrorCode::ARGUMENT,
                          "\"" + std::string(part.substr(0, 64)) + "\" is not an IP address",
                          "give addresses without ports, separated by \";\"");
      }
      addresses.push_back(address);
    }
    return question_->take_answer(std::move(addresses), question_);
  }

  // A poll shows no question that nobody waits for.
  bool take() noexcept override { return !is_withdrawn(); }
  bool is_withdrawn() const noexcept override { return question_->is_stale(); }

  void destroy() noexcept override {
    question_->decline(question_);
    delete this;
  }

 private:
  ~QuestionEvent() override = default;
  const std::shared_ptr<Question> question_;
};

class QuestionResolution final : public transport::Resolution {
 public:
  QuestionResolution(std::shared_ptr<Question> question, std::shared_ptr<event::EventQueue> queue)
      : question_(std::move(question)), queue_(std::move(queue)) {}
  ~QuestionResolution() override {
    if (question_->make_stale()) queue_->discard_withdrawn();
  }

 private:
  const std::shared_ptr<Question> question_;
  const std::shared_ptr<event::EventQueue> queue_;
};

}  // namespace

std::unique_ptr<transport::Resolution> QuestionResolver::resolve(const transport::HostPort& name,
                                                                 Done done) {
  auto question = std::make_shared<Question>(host_, name, std::move(done));
  transport::SocketAddress literal;
  auto resolution = std::make_unique<QuestionResolution>(question, queue_);
  if (transport::SocketAddress::parse_literal(name.host, name.port, &literal)) {
    static_cast<void>(question->take_answer({literal}, question).ok());
    return resolution;
  }
  queue_->push(new QuestionEvent(question, tag_));
  return resolution;
}

}  // namespace rmq::client
