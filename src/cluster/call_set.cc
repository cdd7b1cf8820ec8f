#include "cluster/call_set.h"

namespace rmq::cluster {

// Belongs to its connection until that has completed it, whatever becomes of the set.
class CallSet::Call final : public remoting::Request, public base::ListNode<Call> {
 public:
  Call(remoting::Connection& connection, std::string bytes, base::Instant due, Done done)
      : connection_(connection), bytes_(std::move(bytes)), done_(std::move(done)) {
    frame = {reinterpret_cast<std::uint8_t*>(bytes_.data()), bytes_.size()};
    deadline = due;
  }

  void submit() { connection_.submit(*this); }
  void forget() {
    done_ = nullptr;
    connection_.cancel(*this);
  }

 private:
  void on_response(const wire::CommandView& response, const base::SlabRef& slab) override {
    end(CallAnswer{&response, &slab});
  }
  void on_failure(base::Error error) override {
    failure_.error() = std::move(error);
    end(std::move(failure_));
  }
  void on_sent() override { end(CallAnswer{nullptr, nullptr}); }

  void end(base::Result<CallAnswer> result) {
    base::ListNode<Call>::unlink_if_linked();
    const Done done = std::move(done_);
    delete this;
    if (done) done(std::move(result));
  }

  remoting::Connection& connection_;
  std::string bytes_;
  Done done_;
  base::Result<CallAnswer> failure_{base::Error()};  // made before memory is exhausted
};

void CallSet::start(remoting::Connection& connection, std::string frame, base::Instant deadline,
                    Done done, WhenAway when_away) {
  auto call = std::make_unique<Call>(connection, std::move(frame), deadline, std::move(done));
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

void CallSet::forget_all() noexcept {
  while (Call* call = calls_.pop_front()) call->forget();
}

}  // namespace rmq::cluster
