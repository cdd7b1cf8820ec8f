// The one form of calls that ask servers and are not hot (recall, queues, offsets, ...). A call is
// made and checked on the user's thread, works on the loop, and ends once. Its end is an
// RMQ_EVENT_RESULT on the member's queue, or the blocking caller gets that event.
//
// To add one, derive from ColdCall (RecallCall is the pattern). The member gets a function that
// checks the arguments and makes the call. capi::run_cold_call does the rest.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/inbox.h"
#include "base/intrusive_list.h"
#include "client/host.h"
#include "client/member_life.h"
#include "cluster/call_set.h"
#include "event/budget.h"
#include "event/call_result.h"
#include "event/event_queue.h"

namespace rmq::client {

class ColdCalls;

// Owner: the calling thread until it is accepted, the loop until it has ended, then the event's
// owner.
class ColdCall : public event::Event, public base::InboxItem, public base::ListNode<ColdCall> {
 public:
  void run_on_loop() noexcept override;
  event::EventParts parts() const override;
  const event::CallResult* call_result() const override {
    return error_code() == base::ErrorCode::OK ? &result_ : nullptr;
  }
  void destroy() noexcept override { delete this; }

 protected:
  ColdCall(ColdCalls& calls, event::Tag tag);
  ~ColdCall() override = default;

  // Loop thread, the rest of the class too. Begins the work, or ends the call at once. When
  // std::bad_alloc leaves it, the call fails with MEMORY.
  virtual void begin() = 0;
  // The call ends: it waits for nothing on the loop any more, and holds nothing of it. What it has
  // asked is forgotten already.
  virtual void leave() noexcept {}

  // One of the two, once. The call may be destroyed when they return.
  void complete(event::CallResult result) noexcept;
  void fail(base::Error error) noexcept;

  // Runs a step of the work, where a std::bad_alloc would leave the call without its end: in the
  // functions that answers and routes come to. The call may be destroyed when it returns.
  template <typename Step>
  void take_step(Step step) noexcept {
    try {
      step();
    } catch (const std::bad_alloc&) {
      fail(base::make_memory_error());
    }
  }

  ClientCore& core() const;
  // What it asks with. A question's deadline is due(): its own error tells more than the call
  // could.
  cluster::CallSet& questions() { return *questions_; }
  base::Instant due() const { return due_; }

 private:
  friend class ColdCalls;

  ColdCalls* calls_;
  std::optional<cluster::CallSet> questions_;  // from begin() on: a core is there once it started
  event::CallResult result_;
  event::Waiter* waiter_ = nullptr;  // null: the end goes to the queue
  base::Instant due_ = base::kNever;
  base::Duration limit_{};
};

struct DestroyColdCall {
  void operator()(ColdCall* call) const noexcept { call->destroy(); }
};
using OwnedColdCall = std::unique_ptr<ColdCall, DestroyColdCall>;

// The calls of one member. Owned by it; its life has callers. The member is quiet when it is empty.
class ColdCalls {
 public:
  // Accepted and not taken as events, asynchronous ones; the bound of what a handle can pile up.
  static constexpr std::int64_t kCallsMax = 1024;

  // `group` goes into errors. All three outlive the calls.
  ColdCalls(Host& host, MemberLife& life, std::string_view group,
            std::shared_ptr<event::EventQueue> queue)
      : host_(host), life_(life), group_(group), queue_(std::move(queue)) {}
  ColdCalls(const ColdCalls&) = delete;
  ColdCalls& operator=(const ColdCalls&) = delete;

  // Any thread. A timeout of zero means the option request_timeout.
  // Accepts the call: one event comes. An error: none does.
  base::Status start(OwnedColdCall call, base::Duration timeout);
  // Blocks. The event is the caller's; its error, if any, is the call's.
  base::Result<event::Event*> wait(OwnedColdCall call, base::Duration timeout);

  // Loop thread.
  bool is_empty() const { return pending_.is_empty(); }
  // The closing has reached its time limit: all end with SHUTDOWN, in here.
  void cut_short() noexcept;
  std::size_t count_cut_short() const { return cut_short_; }

 private:
  friend class ColdCall;

  base::Status post(OwnedColdCall& call);
  void set_due(ColdCall& call, base::Duration timeout) const;
  void begin(ColdCall& call) noexcept;
  void fail(ColdCall& call, base::Error error) noexcept;
  void end(ColdCall& call) noexcept;
  void shut_down(ColdCall& call) noexcept;

  Host& host_;
  MemberLife& life_;
  const std::string_view group_;
  const std::shared_ptr<event::EventQueue> queue_;
  const event::Budget::Owned budget_ = event::Budget::make(kCallsMax, 1);

  // Loop thread.
  base::IntrusiveList<ColdCall, ColdCall> pending_;
  std::size_t cut_short_ = 0;
};

}  // namespace rmq::client
