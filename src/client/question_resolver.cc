#include "client/question_resolver.h"

#include <mutex>

#include "base/inbox.h"

namespace rmq::client {
namespace {

using base::ErrorCode;
using base::make_error;
using Addresses = std::vector<transport::SocketAddress>;

// What the look-up on the loop and the event with the user share.
struct Question final : public base::InboxItem {
  enum class State { open, answered, stale };

  std::mutex mutex;  // guards state and answer
  State state = State::open;
  Addresses answer;

  std::weak_ptr<Host> host;
  std::uint16_t port = 0;
  std::string name;
  transport::Resolver::Done done;  // loop thread; null once nobody waits
  std::shared_ptr<Question> self;  // while posted

  // Any thread. An empty list means that the name cannot be resolved.
  base::Status take_answer(Addresses addresses, std::shared_ptr<Question> question) {
    const std::shared_ptr<Host> runtime = host.lock();
    if (runtime && runtime->is_forked()) {
      return make_error(ErrorCode::FORKED, "the question was asked in the parent process");
    }
    {
      std::lock_guard lock(mutex);
      if (state == State::answered)
        return make_error(ErrorCode::ALREADY_ANSWERED, "the question was answered before");
      if (state == State::stale) {
        return make_error(ErrorCode::STALE,
                          "nobody waits for the addresses of " + name + " any more");
      }
      state = State::answered;
      answer = std::move(addresses);
    }
    if (!runtime) return {};
    self = std::move(question);
    if (!runtime->core().post(*this)) self.reset();
    return {};
  }

  void run_on_loop() noexcept override {
    const std::shared_ptr<Question> keep = std::move(self);
    const transport::Resolver::Done tell = std::move(done);
    if (!tell) return;
    done = nullptr;
    if (answer.empty()) {
      tell(make_error(ErrorCode::CANNOT_RESOLVE, "the host program gave no address for " + name));
    } else {
      tell(std::move(answer));
    }
  }
};

class QuestionEvent final : public event::Event {
 public:
  explicit QuestionEvent(std::shared_ptr<Question> question)
      : Event(event::EventType::resolve, 0, nullptr), question_(std::move(question)) {}

  const std::string* question_text() const override { return &question_->name; }

  base::Status answer_text(std::string_view text) override {
    Addresses addresses;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(';'), text.size());
      const std::string_view part = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      transport::SocketAddress address;
      if (!transport::SocketAddress::parse_literal(part, question_->port, &address)) {
        return make_error(ErrorCode::ARGUMENT,
                          "\"" + std::string(part.substr(0, 64)) + "\" is not an IP address",
                          "give addresses without ports, separated by \";\"");
      }
      addresses.push_back(address);
    }
    return question_->take_answer(std::move(addresses), question_);
  }

  void destroy() noexcept override {
    try {
      static_cast<void>(question_->take_answer({}, question_).ok());
    } catch (const std::bad_alloc&) {
      // Then the connect time limit is the answer.
    }
    delete this;
  }

 private:
  ~QuestionEvent() override = default;
  const std::shared_ptr<Question> question_;
};

class QuestionResolution final : public transport::Resolution {
 public:
  explicit QuestionResolution(std::shared_ptr<Question> question)
      : question_(std::move(question)) {}
  ~QuestionResolution() override {
    question_->done = nullptr;
    std::lock_guard lock(question_->mutex);
    if (question_->state == Question::State::open) question_->state = Question::State::stale;
  }

 private:
  const std::shared_ptr<Question> question_;
};

}  // namespace

std::unique_ptr<transport::Resolution> QuestionResolver::resolve(const transport::HostPort& name,
                                                                 Done done) {
  auto question = std::make_shared<Question>();
  question->host = host_;
  question->name = name.host;
  question->port = name.port;
  question->done = std::move(done);
  transport::SocketAddress literal;
  auto resolution = std::make_unique<QuestionResolution>(question);
  if (transport::SocketAddress::parse_literal(name.host, name.port, &literal)) {
    static_cast<void>(question->take_answer({literal}, question).ok());
    return resolution;
  }
  queue_->push(new QuestionEvent(question));
  return resolution;
}

}  // namespace rmq::client
