// One END_TRANSACTION on its way to a broker. It is one-way: a lost one is healed by the broker's
// next check. Loop thread only; owned by Transactions, whose list it leaves when it is over.
#pragma once

#include <string>

#include "base/intrusive_list.h"
#include "remoting/connection.h"
#include "remoting/request.h"

namespace rmq::producer {

class TransactionEnd;

class TransactionEndHandler {
 public:
  // Null: every byte is with the kernel. `end` is gone when this returns.
  virtual void on_end_over(TransactionEnd& end, const base::Error* error) noexcept = 0;

 protected:
  ~TransactionEndHandler() = default;
};

class TransactionEnd final : public remoting::Request, public base::ListNode<TransactionEnd> {
 public:
  TransactionEnd(remoting::Connection& to, std::string bytes, base::Instant due,
                 TransactionEndHandler& handler)
      : connection_(to), bytes_(std::move(bytes)), handler_(handler) {
    frame = {reinterpret_cast<std::uint8_t*>(bytes_.data()), bytes_.size()};
    deadline = due;
    oneway = true;
    fail_fast = false;  // No other broker will do.
  }

  void submit() { connection_.submit(*this); }
  void cancel() noexcept { connection_.cancel(*this); }

 private:
  void on_response(const wire::CommandView&, const base::SlabRef&) override { leave(nullptr); }
  void on_failure(base::Error error) override { leave(&error); }
  void on_sent() override { leave(nullptr); }

  void leave(const base::Error* error) noexcept {
    base::ListNode<TransactionEnd>::unlink_if_linked();
    handler_.on_end_over(*this, error);
    delete this;
  }

  remoting::Connection& connection_;
  std::string bytes_;
  TransactionEndHandler& handler_;
};

}  // namespace rmq::producer
