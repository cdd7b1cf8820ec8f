#include "cluster/call_set.h"

#include <algorithm>

namespace rmq::cluster {

// Belongs to its connection until that has completed it, whatever becomes of the set.
class CallSet::Call final : public remoting::Request, public base::ListNode<Call> {
 public:
  // `end` is null for a one-way request.
  Call(remoting::Connection& connection, std::string bytes, base::Instant due,
       std::unique_ptr<CallEnd> end)
      : connection_(connection), bytes_(std::move(bytes)), end_(std::move(end)) {
    frame = {reinterpret_cast<std::uint8_t*>(bytes_.data()), bytes_.size()};
    deadline = due;
  }

  void submit() { connection_.submit(*this); }
  // Tells as the set does.
  base::Outcome forget() {
    end_.reset();
    // A request that the stream still reads ends later, unless its connection is given up for it.
    base::Outcome outcome = base::Outcome::maybe_applied;
    bool is_gone = false;
    forgotten_ = {&outcome, &is_gone};
    connection_.cancel(*this);
    if (!is_gone) forgotten_ = {};
    return outcome;
  }

 private:
  void on_response(const wire::CommandView& response, const base::SlabRef&) override {
    const remoting::Connection& connection = connection_;
    if (const auto end = leave()) end->on_answer(response, connection);
  }
  void on_failure(base::Error error) override {
    if (forgotten_.outcome != nullptr) {
      *forgotten_.outcome = error.outcome;
      *forgotten_.is_gone = true;
    }
    if (const auto end = leave()) end->on_failure(std::move(error));
  }
  void on_sent() override { leave(); }

  std::unique_ptr<CallEnd> leave() {
    base::ListNode<Call>::unlink_if_linked();
    std::unique_ptr<CallEnd> end = std::move(end_);
    delete this;
    return end;
  }

  remoting::Connection& connection_;
  std::string bytes_;
  std::unique_ptr<CallEnd> end_;  // null: nobody wants to hear of it
  struct Forgotten {
    base::Outcome* outcome = nullptr;
    bool* is_gone = nullptr;
  };
  Forgotten forgotten_{};  // while forget() cancels
};

void CallSet::start(remoting::Connection& connection, std::string frame, base::Instant deadline,
                    std::unique_ptr<CallEnd> end, WhenAway when_away) {
  auto call = std::make_unique<Call>(connection, std::move(frame), deadline, std::move(end));
  call->fail_fast = when_away == WhenAway::fail;
  call->submit();
  calls_.push_back(*call.release());
}

void CallSet::start_oneway(remoting::Connection& connection, std::string frame,
                           base::Instant deadline) {
  auto call = std::make_unique<Call>(connection, std::move(frame), deadline, nullptr);
  call->oneway = true;
  call->submit();
  static_cast<void>(call.release());
}

base::Outcome CallSet::forget_all() noexcept {
  base::Outcome worst = base::Outcome::not_applied;
  while (Call* call = calls_.pop_front()) worst = std::max(worst, call->forget());
  return worst;
}

}  // namespace rmq::cluster
