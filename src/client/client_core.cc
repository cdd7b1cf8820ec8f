#include "client/client_core.h"

#include <algorithm>

#include "wire/command.h"

namespace rmq::client {

ClientCore::ClientCore(transport::Loop& loop, remoting::StreamFactory& streams,
                       remoting::ConnectionOptions connections, Logger& logger)
    : loop_(loop),
      logger_(logger),
      deadlines_(loop),
      connections_(loop, deadlines_, streams, *this, std::move(connections)),
      turn_end_(loop.make_turn_end_task(*this)),
      close_due_(*this),
      wake_up_(loop.make_wake_up(*this)) {}

ClientCore::~ClientCore() = default;

bool ClientCore::post(base::InboxItem& item) noexcept {
  switch (inbox_.push(item)) {
    case base::Inbox::Pushed::closed:
      return false;
    case base::Inbox::Pushed::behind:
      return true;
    case base::Inbox::Pushed::first:
      break;
  }
  std::lock_guard lock(wake_mutex_);
  if (wake_up_) wake_up_->wake();
  return true;
}

void ClientCore::deliver(const std::shared_ptr<event::EventQueue>& queue,
                         event::Event* event) noexcept {
  if (outbox_.add(queue, event)) turn_end_->schedule();
}

void ClientCore::add_member(std::shared_ptr<Member> member) {
  members_.push_back(std::move(member));
  if (closing_) {
    const std::shared_ptr<Member> keep = members_.back();
    keep->begin_close(loop_.now());
  }
}

void ClientCore::on_member_closed(Member& member, std::size_t cut_short) noexcept {
  cut_short_ += cut_short;
  const auto place =
      std::find_if(members_.begin(), members_.end(),
                   [&](const std::shared_ptr<Member>& other) { return other.get() == &member; });
  if (place == members_.end()) return;
  // Kept until the end of this function: the member may be told of its end while it is on the
  // stack.
  const std::shared_ptr<Member> keep = std::move(*place);
  members_.erase(place);
  if (closing_) turn_end_->schedule();
}

void ClientCore::begin_close(base::Instant deadline, std::function<void()> done) noexcept {
  if (!closing_) {
    closing_ = true;
    close_done_ = std::move(done);
  }
  turn_end_->schedule();
  bool is_due = deadline <= loop_.now();
  if (!is_due && (!close_due_.is_queued() || deadline < close_due_.due())) {
    try {
      deadlines_.set(close_due_, deadline);
    } catch (const std::bad_alloc&) {
      is_due = true;  // better soon than never
    }
  }
  for (std::size_t i = 0; i < members_.size();) {
    const std::shared_ptr<Member> member = members_[i];
    member->begin_close(is_due ? loop_.now() : deadline);
    if (i < members_.size() && members_[i] == member) ++i;
  }
  if (is_due) on_deadline(close_due_);
}

void ClientCore::finish_close() {
  const std::function<void()> done = std::exchange(close_done_, nullptr);
  deadlines_.clear(close_due_);
  connections_.close_all(base::make_error_or_code(base::ErrorCode::SHUTDOWN, [] {
    return base::make_error(base::ErrorCode::SHUTDOWN, "the runtime was closed");
  }));
  outbox_.flush();
  {
    std::lock_guard lock(wake_mutex_);
    wake_up_.reset();
  }
  done();
}

void ClientCore::on_deadline(remoting::Deadline&) {
  // The members have their own deadlines at the same time; this ends what even they cannot end,
  // such as a write that the peer does not take.
  connections_.close_all(base::make_error_or_code(base::ErrorCode::SHUTDOWN, [] {
    return base::make_error(base::ErrorCode::SHUTDOWN,
                            "the runtime was closed before the operation ended");
  }));
}

void ClientCore::on_wake_up() {
  inbox_.run_all();
  if (closing_) turn_end_->schedule();
}

// The last step of closing is taken here and not where its conditions come true, which may be in
// the middle of the inbox: what was accepted before the end is run before the end.
void ClientCore::on_turn_end() {
  outbox_.flush();
  if (closing_ && close_done_ && members_.empty() && inbox_.try_close()) finish_close();
}

void ClientCore::on_state_changed(remoting::Connection& connection, remoting::ConnectionState from,
                                  remoting::ConnectionState to, const base::Error* cause) {
  const auto level = cause ? event::LogLevel::warn : event::LogLevel::info;
  if (!logger_.is_enabled(level)) return;
  try {
    logger_.write(level, "connection",
                  "address=" + connection.options().peer.to_text() +
                      " from=" + remoting::to_text(from) + " to=" + remoting::to_text(to),
                  cause);
  } catch (const std::bad_alloc&) {
  }
}

void ClientCore::on_server_request(const wire::CommandView& request, const base::SlabRef&,
                                   remoting::Connection& connection) {
  if (request.is_oneway()) return;
  // No request of a server is served yet; RocketMQ's clients answer unknown ones with code 3.
  wire::Command answer;
  answer.serialization = request.serialization;
  answer.code = 3;
  answer.flag = wire::kFlagResponse;
  answer.opaque = request.opaque;
  answer.remark = "request code " + std::to_string(request.code) + " is not supported";
  std::string frame;
  wire::append_frame(answer, &frame);
  static_cast<void>(connection.send_response(connection.session(), std::move(frame)).ok());
}

}  // namespace rmq::client
