// What all producers and consumers of one runtime share on the loop: deadlines, connections, the
// way in (inbox) and the way out (events). Runs on any transport::Loop, so that fault tests and
// simulations drive it with a hand-turned clock.
//
// Owned by Runtime, or by a test. Loop thread only, except post() and the parts marked so.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/inbox.h"
#include "client/event_outbox.h"
#include "client/logger.h"
#include "cluster/broker_connections.h"
#include "remoting/deadlines.h"
#include "transport/loop.h"

namespace rmq::client {

// A producer or consumer, as the core sees it.
class Member {
 public:
  // Accepts nothing new; calls ClientCore::on_member_closed once nothing is pending and nothing
  // that it accepted is in the inbox, soon after `deadline` at the latest. Called again with an
  // earlier deadline.
  virtual void begin_close(base::Instant deadline) noexcept = 0;

 protected:
  ~Member() = default;
};

class ClientCore final : private transport::WakeUpHandler,
                         private transport::TurnEndHandler,
                         private remoting::ConnectionHandler,
                         private remoting::DeadlineHandler {
 public:
  ClientCore(transport::Loop& loop, remoting::StreamFactory& streams,
             remoting::ConnectionOptions connections, Logger& logger);
  ~ClientCore();

  transport::Loop& loop() { return loop_; }
  remoting::Deadlines& deadlines() { return deadlines_; }
  cluster::BrokerConnections& connections() { return connections_; }
  Logger& logger() { return logger_; }

  // Any thread. False: the core is closed, and the item stays with the caller.
  [[nodiscard]] bool post(base::InboxItem& item) noexcept;

  // Hands an event to the user at the end of this turn.
  void deliver(const std::shared_ptr<event::EventQueue>& queue, event::Event* event) noexcept;

  // Members are shared with the user's handle and kept here until they are closed.
  void add_member(std::shared_ptr<Member> member);
  // `cut_short` operations of it were ended because the runtime closes.
  void on_member_closed(Member& member, std::size_t cut_short) noexcept;

  // Closes the members, then the connections, then the inbox; `done` is called once, last of all,
  // at the end of a turn. What is pending at `deadline` is cut short. Called again, only an earlier
  // deadline counts.
  void begin_close(base::Instant deadline, std::function<void()> done) noexcept;
  bool is_closing() const { return closing_; }
  std::size_t cut_short() const { return cut_short_; }

  // Hands over what deliver() collected, without waiting for the end of the turn.
  void flush_events() noexcept { outbox_.flush(); }

 private:
  void on_wake_up() override;
  void on_turn_end() override;
  void on_state_changed(remoting::Connection& connection, remoting::ConnectionState from,
                        remoting::ConnectionState to, const base::Error* cause) override;
  void on_server_request(const wire::CommandView& request, const base::SlabRef& slab,
                         remoting::Connection& connection) override;
  void on_deadline(remoting::Deadline& deadline) override;
  void finish_close();

  transport::Loop& loop_;
  Logger& logger_;
  remoting::Deadlines deadlines_;
  cluster::BrokerConnections connections_;
  EventOutbox outbox_;
  std::unique_ptr<transport::TurnEndTask> turn_end_;
  std::vector<std::shared_ptr<Member>> members_;
  bool closing_ = false;
  std::size_t cut_short_ = 0;
  std::function<void()> close_done_;
  remoting::Deadline close_due_;

  base::Inbox inbox_;      // any thread
  std::mutex wake_mutex_;  // guards wake_up_: a poster may be about to wake a loop that closes
  std::unique_ptr<transport::WakeUp> wake_up_;
};

}  // namespace rmq::client
