// One operation's stay on a connection.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"
#include "base/instant.h"
#include "base/intrusive_list.h"
#include "base/slab.h"
#include "base/transition.h"
#include "remoting/deadlines.h"
#include "remoting/noted_error.h"
#include "wire/command.h"

namespace rmq::remoting {

class Connection;

// A frame to be written and, unless it is one-way, answered. Derived classes own the bytes. From
// Connection::submit on the connection refers to the request and its bytes. It does so until it has
// called exactly one of on_response, on_failure and (one-way) on_sent. From inside that call on,
// the request may be destroyed, changed or submitted again, to any connection. A std::bad_alloc
// that they throw is stopped: the request counts as told.
class Request : private Deadline, private base::ListNode<Request> {
 public:
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  virtual ~Request();

  // Written by wire::FrameWriter or append_frame: the whole frame, or all but `body`. The
  // connection writes the opaque into it, each time the request is sent.
  base::MutableBytes frame;
  base::Bytes body;                       // the frame's last part (pinned bodies); may be empty
  base::Instant deadline = base::kNever;  // of the whole attempt, waiting included
  bool oneway = false;
  // The server may hold the answer back for nearly as long as the deadline allows (long polls). So
  // a missing answer says little about the connection.
  bool is_held = false;
  // True: fails as soon as an attempt to connect fails, so that the caller may go elsewhere. False:
  // waits for a connection until the deadline.
  bool fail_fast = true;

  // `response` points into `slab` and into scratch memory of the connection: valid until this
  // returns, or closes or destroys the connection. A copy of `slab` keeps response.body alive.
  virtual void on_response(const wire::CommandView& response, const base::SlabRef& slab) = 0;
  // error.outcome is not_applied when no byte was handed to the stream, else maybe_applied.
  virtual void on_failure(base::Error error) = 0;
  // One-way: every byte is with the kernel.
  virtual void on_sent() {}

  // By the loop's clock, the last time.
  base::Instant submitted_at() const { return submitted_at_; }
  // True from submit until the completing call begins.
  bool is_pending() const { return state_ != State::idle; }

 private:
  friend class Connection;
  friend class base::IntrusiveList<Request, Request>;

  enum class State : std::uint8_t {
    idle,     // On no connection. -> waiting, refused: submit.
    waiting,  // For a connection, a slot or the stream. -> writing: its bytes were handed over.
              // -> idle: deadline, cancel. -> ended: failed attempt, close.
    writing,  // The stream still reads its bytes, so nothing may complete it. An answer, a deadline
              // or a cancel that comes now is noted. A deadline or cancel also limits how long the
              // write may go on (WriteWatch). -> written, idle: the write is done.
              // -> ended: the write is done and something was noted; loss, close.
    written,  // Has a slot, waits for the answer. -> idle: it came; deadline, cancel. -> waiting:
              // the server goes away and did not work on it, the first time. -> ended: loss, close.
    ended,    // error_ or early_frame_ says how. -> idle: it is told.
    refused,  // As ended, told in the next turn.
  };

  // The calls above, and nothing thrown: whoever comes after this one must hear of its own end.
  void tell_response(const wire::CommandView& response, const base::SlabRef& slab) noexcept;
  void tell_failure(base::Error error) noexcept;
  void tell_sent() noexcept;
  std::size_t size() const { return frame.size() + body.size(); }
  void set_state(State state) noexcept {
    base::note_transition("Request", state_, state);
    state_ = state;
  }

  State state_ = State::idle;
  std::int32_t opaque_ = 0;
  base::Instant submitted_at_{};
  base::Instant written_at_{};  // when its bytes were handed over
  NotedError error_;            // noted or to be told
  base::SlabRef early_slab_;    // of an answer that came before the write was done
  base::Bytes early_frame_;
  bool was_sent_away_ = false;  // once; the second time is the answer
  bool goes_again_ = false;     // sent away before the write was done
};

}  // namespace rmq::remoting
