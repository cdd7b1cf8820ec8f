// The live connection to one server: connects and reconnects, writes requests, finds the request
// that an answer belongs to, keeps deadlines and bounds.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/intrusive_list.h"
#include "remoting/answer_path.h"
#include "remoting/connection_options.h"
#include "remoting/deadlines.h"
#include "remoting/frame_reader.h"
#include "remoting/frame_watch.h"
#include "remoting/request.h"
#include "remoting/request_table.h"
#include "remoting/swallowed_answers.h"
#include "remoting/write_watch.h"
#include "transport/loop.h"
#include "wire/command.h"

namespace rmq::remoting {

enum class ConnectionState : std::uint8_t {
  idle,         // No stream, and none needed.
                // -> resolving: a request waits, or keep_open.
  resolving,    // Finding where to connect to, until connect_timeout.
                // -> connecting: addresses came. -> backing_off: none, or too late.
  connecting,   // Trying the addresses in turn, until connect_timeout; a TLS stream shakes hands in
                // this state too. -> open: the stream is. -> backing_off: all failed, or too late.
  open,         // Frames go both ways. A server that answers GO_AWAY is given nothing more. It is
                // left once it has answered the rest, or after connect_timeout, or soon when a
                // request waits to be written.
                // -> idle: idle_timeout, or lost after having been of use (-> resolving at once if
                // there is need). -> backing_off: lost before it was of any use.
  backing_off,  // No attempt before retry_at(), which a submitted request may bring nearer.
                // -> idle: time is up (-> resolving at once if there is need).
  closed,       // For good. From every state: close, or drained.
};

const char* to_text(ConnectionState state);

class Connection;

class ConnectionHandler {
 public:
  // Every transition, from the one function that makes it, before any request is told. `cause` is
  // null when nothing went wrong. May submit, cancel, close or destroy the connection.
  virtual void on_state_changed(Connection& connection, ConnectionState from, ConnectionState to,
                                const base::Error* cause) = 0;
  // A request of the server's own. `request` and `slab` as in Request::on_response. Unless
  // request.is_oneway(), the answer goes back by send_response with connection.session() of now. An
  // AnswerPath leads there later.
  virtual void on_server_request(const wire::CommandView& request, const base::SlabRef& slab,
                                 Connection& connection) = 0;
  // A request went out a while ago, and no frame has come since. The handler may submit a request
  // that the server answers quickly, with the deadline `due`. If that one runs out of time too, the
  // connection is given up. Told once per silence. May neither close nor destroy the connection.
  virtual void on_silence(Connection&, base::Instant /*due*/) {}

  // One request more, or one less, is pending on a connection.
  virtual void on_pending_changed(int /*change*/) noexcept {}

 protected:
  ~ConnectionHandler() = default;
};

// One peer, any number of TCP connections one after the other, no more than one at a time. Owned by
// a pool or client; loop thread only. Everything it refers to outlives it.
//
// Re-entrancy: from any callback, requests may be submitted and cancelled, and the connection may
// be closed or destroyed. No request completes inside submit(); close(), cancel() and the
// destructor complete requests before they return.
//
// Memory: ending a request, changing the state and setting a deadline need none, so that nothing is
// ever left without its end. A look-up, a stream, a write, or a frame to be read does need memory.
// Without it, the attempt or the session fails with MEMORY.
class Connection final : private transport::ByteStreamHandler,
                         private transport::TurnEndHandler,
                         private DeadlineHandler {
 public:
  Connection(transport::Loop& loop, Deadlines& deadlines, StreamFactory& streams,
             ConnectionHandler& handler, ConnectionOptions options);
  // As close() with SHUTDOWN, but the handler hears nothing, and refusals are told here too.
  // Nothing may be submitted from these calls.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Accepts the request, connecting when need be; it is written at the end of the turn. What cannot
  // be accepted fails in the next turn (outcome not_applied): QUEUE_FULL beyond the bounds on what
  // waits, TOO_LARGE, CLOSING, CLOSED. While the connection backs off, the request brings the next
  // attempt nearer. It then falls into the request's own time, and comes a second at most after the
  // last one began.
  void submit(Request& request) noexcept;

  // True from a failure to connect, or a loss by silence, until a frame comes again. Whoever can
  // use another server does so, and calls want().
  bool is_away() const { return failed_attempts_ > 0 && state_ != ConnectionState::closed; }
  // Somebody would use the connection and does not wait for it. While the connection is away,
  // attempts to connect go on as often as for a request.
  void want() noexcept;

  // Completes the request with CANCELLED. True: on_failure was called, in here. False: the request
  // was not pending on this connection, or the stream still reads its bytes. In the second case the
  // completion follows within write_timeout, when the write is done or the connection is given up
  // for it.
  bool cancel(Request& request) noexcept;

  // Queues a whole frame that answers a request of the server. The error is QUEUE_FULL, or RESET
  // when the session in which the request came is over.
  base::Status send_response(std::uint64_t session, std::string frame);

  // Connects now (when keep_open) and stays so, or lets the connection end at its idle timeout.
  void set_keep_open(bool keep_open);

  // Takes nothing new and closes with `reason` once nothing is pending. For servers that announce
  // their leave, and for closing gently.
  void close_when_drained(base::Error reason) noexcept;

  // Ends it for good. Everything pending fails with `reason` (its code, message, hint), with
  // address and outcome filled in per request. A refusal that was not told yet still comes in the
  // next turn. Idempotent.
  void close(base::Error reason) noexcept;

  ConnectionState state() const { return state_; }
  const ConnectionOptions& options() const { return options_; }
  const ConnectionCounters& counters() const { return counters_; }
  // Counts the streams that were opened; 0 before the first.
  std::uint64_t session() const { return session_; }
  // Why the last attempt failed or the last session ended; null after a useful session began.
  const base::Error* last_error() const { return last_error_ ? &*last_error_ : nullptr; }
  // When the next attempt begins; only in backing_off.
  base::Instant retry_at() const { return step_deadline_.due(); }
  std::string local_address() const;  // empty unless open
  // When bytes last went or came; of the last session when there is none.
  base::Instant active_at() const { return active_at_; }

  std::size_t pending() const { return pending_; }
  std::size_t waiting() const { return waiting_count_; }
  std::size_t waiting_bytes() const { return waiting_bytes_; }
  std::size_t unanswered() const { return table_.size(); }
  std::size_t quarantined() const { return table_.quarantined(); }

 private:
  friend class AnswerPath;
  using RequestList = base::IntrusiveList<Request, Request>;
  class Guard;  // tells a function of ours that a callback destroyed the connection

  // transport::ByteStreamHandler
  void on_open() override;
  base::MutableBytes read_space() override;
  void on_read(std::size_t size) override;
  void on_written() override;
  void on_closed(base::Error error) override;
  // transport::TurnEndHandler, DeadlineHandler
  void on_turn_end() override;
  void on_deadline(Deadline& deadline) override;

  // connection.cc: requests and their ends.
  NotedError find_refusal(const Request& request) const noexcept;
  void refuse(Request& request, NotedError error) noexcept;
  void end(Request& request, NotedError error) noexcept;
  void end_waiting(const base::Error& cause, bool fail_fast_only) noexcept;
  void end_written(const base::Error& cause) noexcept;
  void tell_ended() noexcept;
  void tell(Request& request) noexcept;
  void on_request_deadline(Request& request) noexcept;
  base::Error make_timeout_error(const Request& request) const noexcept;
  void leave(Request& request) noexcept;
  void count_pending(int change) noexcept;
  void close_if_drained() noexcept;

  // connection_states.cc: the state machine.
  [[nodiscard]] bool change_state(ConnectionState to, const base::Error* cause) noexcept;
  bool has_work() const;
  void note_demand(base::Instant deadline) noexcept;
  base::Duration choose_pause(base::Duration ceiling) noexcept;
  void step() noexcept;
  void start_attempt() noexcept;
  void on_resolved() noexcept;
  void connect_next_address() noexcept;
  std::optional<base::Error> open_stream(const transport::SocketAddress& address) noexcept;
  base::Error make_connect_timeout(const char* what) const noexcept;
  void back_off(base::Error cause) noexcept;
  void note_loss(base::Error error) noexcept;
  void leave_server() noexcept;
  void leave_server_soon() noexcept;
  void lose(base::Error cause) noexcept;
  void drop_stream() noexcept;
  void on_step_deadline() noexcept;
  void check_idle() noexcept;

  // connection_silence.cc: peers that are there and say nothing.
  void note_asked(const Request& request) noexcept;
  void note_heard() noexcept;
  void note_timeout(const Request& request) noexcept;
  void on_silence_deadline() noexcept;
  void ask_for_a_sign() noexcept;

  // answer_path.cc: who may answer later.
  void join(AnswerPath& path) noexcept;
  void end_answer_paths() noexcept;

  // connection_io.cc: bytes.
  void write_what_is_ready() noexcept;
  bool gather() noexcept;
  bool assign_opaque(Request& request) noexcept;
  bool hand_over() noexcept;
  void finish_write() noexcept;
  void take_frame(base::Bytes frame, const base::SlabRef& slab);
  void take_answer(const wire::CommandView& answer, base::Bytes frame, const base::SlabRef& slab);
  void note_go_away() noexcept;
  void send_again(Request& request) noexcept;

  // connection_progress.cc: whether bytes move.
  void watch_write() noexcept;
  void look_at_write() noexcept;
  void watch_frame(std::size_t bytes, bool is_new) noexcept;
  void look_at_frame() noexcept;
  bool has_swallowed() noexcept;
  void lose_frame(std::string_view what) noexcept;
  void note_starved(const Request& request) noexcept;

  transport::Loop& loop_;
  Deadlines& deadlines_;
  StreamFactory& streams_;
  ConnectionHandler& handler_;
  const ConnectionOptions options_;
  const std::string peer_text_;  // "broker 10.0.0.1:10911"

  // What is wanted, apart from what is.
  bool keep_open_;
  bool is_wanted_ = false;  // one attempt more, for somebody who does not wait for it
  std::optional<base::Error> drain_reason_;

  ConnectionState state_ = ConnectionState::idle;
  std::uint64_t session_ = 0;
  std::optional<base::Error> last_error_;
  std::unique_ptr<transport::TurnEndTask> turn_end_;
  Guard* guards_ = nullptr;
  Deadline step_deadline_;  // connect_timeout, back-off or idle check, as the state says

  // An attempt to connect.
  std::unique_ptr<transport::Resolution> resolution_;
  std::optional<base::Result<std::vector<transport::SocketAddress>>> resolved_;  // for step()
  std::vector<transport::SocketAddress> addresses_;
  std::size_t next_address_ = 0;
  base::Instant attempt_due_{};
  std::optional<base::Error> stream_error_;  // the stream is dead; for step()
  int failed_attempts_ = 0;                  // in a row; a loss by silence counts as one
  base::Instant paused_at_{};                // when the present pause began
  base::Instant demand_due_{};               // when it ends for those who ask

  // A session.
  std::unique_ptr<transport::ByteStream> stream_;
  FrameReader frames_;
  wire::CommandReader reader_;
  RequestTable table_;
  bool is_useful_ = false;   // a frame came
  bool is_leaving_ = false;  // GO_AWAY came: nothing more is written
  bool is_silent_ = false;   // given up because nothing came
  int goodbyes_ = 0;         // sessions in a row that ended so
  base::Instant opened_at_{};
  base::Instant active_at_{};  // last read or write
  // Silence: what was asked since the last sign of life.
  base::Instant heard_at_{};
  bool is_asking_ = false;    // something that is not held was asked
  base::Instant asked_at_{};  // when first; only while is_asking_
  bool is_told_ = false;      // the handler knows of this silence
  base::Instant told_at_{};   // since when; only while is_told_
  int timeouts_in_a_row_ = 0;
  Deadline silence_deadline_;      // left armed while frames come
  bool is_frame_watched_ = false;  // a part of a frame came
  FrameWatch frame_watch_;
  SwallowedAnswers swallowed_;
  Deadline frame_deadline_;  // when to look at frame_watch_, or earlier

  // Writing.
  bool is_writing_ = false;
  std::vector<base::Bytes> chunks_;
  std::size_t responses_writing_ = 0;  // the front ones of responses_
  std::deque<std::string> responses_;
  base::IntrusiveList<AnswerPath, AnswerPath> answer_paths_;  // of this session
  WriteWatch write_watch_;
  Deadline write_deadline_;  // when to look at write_watch_; only while the stream holds a write

  RequestList waiting_;
  RequestList writing_;  // in the present write
  RequestList ended_;    // to be told before the present call returns
  RequestList refused_;  // to be told in the next turn
  std::size_t pending_ = 0;
  std::size_t waiting_count_ = 0;
  std::size_t waiting_bytes_ = 0;
  ConnectionCounters counters_;
};

}  // namespace rmq::remoting
