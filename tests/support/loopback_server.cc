#include "tests/support/loopback_server.h"

#include <exception>
#include <future>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "base/thread.h"
#include "transport/uv_loop.h"

namespace rmq::test {
namespace {

constexpr std::chrono::seconds kCallMax(10);

std::unique_ptr<transport::UvLoop> make_loop() {
  auto loop = transport::UvLoop::make();
  if (!loop.ok()) throw std::runtime_error(loop.error().message);
  return loop.take_value();
}

void require(const base::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error().message);
}

}  // namespace

// What lives on the loop thread. Actions from outside wait in `actions_`.
class LoopbackServer::Core final : private transport::WakeUpHandler {
 public:
  explicit Core(testbroker::ServerOptions options)
      : loop_(make_loop()), server_(*loop_, std::move(options)) {
    wake_up_ = loop_->make_wake_up(*this);
    require(server_.start());
    address_ = server_.address();
    require(thread_.start("testbroker", [this] { loop_->run(); }));
  }

  ~Core() {
    loop_->stop();
    thread_.join();
  }

  const transport::SocketAddress& address() const { return address_; }

  void post(std::function<void(testbroker::Server&)> action) {
    {
      const std::lock_guard lock(mutex_);
      actions_.push_back(std::move(action));
    }
    wake_up_->wake();
  }

  transport::Loop& loop() { return *loop_; }

 private:
  void on_wake_up() override {
    std::vector<std::function<void(testbroker::Server&)>> actions;
    {
      const std::lock_guard lock(mutex_);
      actions.swap(actions_);
    }
    for (const auto& action : actions) action(server_);
  }

  const std::unique_ptr<transport::UvLoop> loop_;
  testbroker::Server server_;
  std::unique_ptr<transport::WakeUp> wake_up_;
  transport::SocketAddress address_;
  std::mutex mutex_;
  std::vector<std::function<void(testbroker::Server&)>> actions_;
  base::Thread thread_;
};

namespace {

// One wait_until: asks every millisecond on the loop thread.
class Question final : private transport::TimerHandler {
 public:
  Question(transport::Loop& loop, testbroker::Server& server,
           std::function<bool(testbroker::Server&)> done, base::Instant deadline,
           std::shared_ptr<std::promise<bool>> answer)
      : loop_(loop),
        server_(server),
        done_(std::move(done)),
        deadline_(deadline),
        answer_(std::move(answer)),
        timer_(loop.make_timer(*this)) {}

  static void ask(std::shared_ptr<Question> question) {
    question->self_ = question;
    question->on_timer();
  }

 private:
  void on_timer() override {
    const bool holds = done_(server_);
    if (!holds && loop_.now() < deadline_) {
      timer_->arm(loop_.now() + std::chrono::milliseconds(1));
      return;
    }
    answer_->set_value(holds);
    const auto last = std::move(self_);  // may destroy this on return
  }

  transport::Loop& loop_;
  testbroker::Server& server_;
  std::function<bool(testbroker::Server&)> done_;
  base::Instant deadline_;
  std::shared_ptr<std::promise<bool>> answer_;
  std::unique_ptr<transport::Timer> timer_;
  std::shared_ptr<Question> self_;
};

}  // namespace

LoopbackServer::LoopbackServer(testbroker::ServerOptions options)
    : core_(std::make_unique<Core>(std::move(options))) {}

LoopbackServer::~LoopbackServer() = default;

std::uint16_t LoopbackServer::port() const { return core_->address().port; }

std::string LoopbackServer::address() const { return core_->address().to_text(); }

void LoopbackServer::call(const std::function<void(testbroker::Server&)>& action) {
  // Shared: after a time-out the action may still come to run.
  const auto finished = std::make_shared<std::promise<void>>();
  auto done = finished->get_future();
  core_->post([action, finished](testbroker::Server& server) {
    try {
      action(server);
      finished->set_value();
    } catch (...) {
      finished->set_exception(std::current_exception());
    }
  });
  if (done.wait_for(kCallMax) != std::future_status::ready) {
    throw std::runtime_error("the server's loop did not run a call within ten seconds");
  }
  done.get();
}

bool LoopbackServer::wait_until(std::function<bool(testbroker::Server&)> done,
                                base::Duration limit) {
  const auto promise = std::make_shared<std::promise<bool>>();
  auto answer = promise->get_future();
  core_->post([this, done = std::move(done), limit, promise](testbroker::Server& server) {
    transport::Loop& loop = core_->loop();
    Question::ask(std::make_shared<Question>(loop, server, done, loop.now() + limit, promise));
  });
  return answer.wait_for(limit + kCallMax) == std::future_status::ready && answer.get();
}

std::vector<testbroker::Message> LoopbackServer::messages(std::string_view topic) {
  std::vector<testbroker::Message> copies;
  call([&](testbroker::Server& server) { copies = server.store().messages(topic); });
  return copies;
}

}  // namespace rmq::test
