// One simulated NameServer and broker process on a transport::Loop. It is the listener, its
// connections, the state that requests work on, and the script of faults. On a MemoryLoop it is
// part of a simulation, on a UvLoop a real server on loopback. Loop thread only; must be destroyed
// before its loop.
//
//   Server server(loop, {.topics = {{.name = "orders"}}});
//   server.script().on(RequestCode::SEND_MESSAGE_V2).nth(3).then(fault::no_answer());
//   if (auto status = server.start(); !status.ok()) …
//   … server.store().messages("orders") …
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "testbroker/peers.h"
#include "testbroker/quirks.h"
#include "testbroker/schedule.h"
#include "testbroker/script.h"
#include "testbroker/server_connection.h"
#include "testbroker/server_options.h"
#include "testbroker/server_state.h"
#include "transport/loop.h"

namespace rmq::testbroker {

struct ServerCounts {
  std::uint64_t connections = 0;    // accepted ever
  std::uint64_t requests = 0;       // one-way ones included
  std::uint64_t responses = 0;      // frames with the response flag
  std::uint64_t answers = 0;        // handed to a connection, copies included
  std::uint64_t broken = 0;         // connections ended by what the peer sent or did not read
  std::uint64_t failed_starts = 0;  // times when it was to listen again and could not
  std::map<std::int32_t, std::uint64_t> requests_by_code;
};

enum class Release : std::uint8_t { in_order, reversed };

class Server final : private transport::ListenerHandler,
                     private transport::TurnEndHandler,
                     private ServerConnectionHandler,
                     private Peers {
 public:
  Server(transport::Loop& loop, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Starts to listen. After the first time always on the same port.
  base::Status start();
  base::Status listen();   // after stop_listening(); nothing else is done
  void stop_listening();   // new connections are refused, the others live on
  void cut_connections();  // all of them, at once
  void stop();             // both; what was delayed or held is lost
  // stop_listening, and listen when it is over; the last of several counts. Nothing when down.
  void refuse(base::Duration duration);
  // What NameServers say of this broker: they forget one that went two minutes later, or at once
  // when it said good-bye. It is there again after start() or this.
  void leave_routes();
  void join_routes();
  // As a process that dies and comes back: stop, then start after `down_for`, with or without what
  // it knew. Messages, topics and clients are what there is to know; the script goes on. When its
  // port was taken meanwhile, it tries until it is free.
  void crash(base::Duration down_for, Memory memory);
  void lose_memory();  // stops, and start() begins as if for the first time
  // As a process under SIGSTOP: the system accepts connections, nothing is read or answered.
  // Nothing when down, as resume is when not paused.
  void pause();
  void resume();
  // The wall clock of the process jumps: store timestamps. Time limits do not.
  void jump_clock(base::milliseconds by);
  // Answers to long polls, woken or run out, leave so much later; 0 ends it.
  void set_late_polls(base::Duration late) { quirks_.late_polls = late; }
  // Which broker id the answers to pulls suggest for the next one; a broker's own default is 0.
  void suggest_broker(std::int64_t id) { quirks_.suggested_broker = id; }
  // A committed offset is forgotten; false when there is none.
  bool lose_offset(std::string_view group, std::string_view topic, std::int32_t queue_id) {
    return state_->offsets.lose(group, topic, queue_id);
  }
  // Who copies the state to the other servers of the same broker name, or null; see replica_set.h.
  void set_replicator(Replicator* replicator);
  // Another role: 0 is the master. Routes are not touched.
  void set_broker_id(std::int64_t id) { options_.broker_id = id; }
  // What runs the lines of fault::run.
  void set_command_runner(std::function<void(const std::string&)> run) {
    run_command_ = std::move(run);
  }
  // Answers held by fault::hold, to those that are still there.
  void release_held(Release order = Release::in_order);
  // One frame to one client: a request of the broker's own. False when there is no such connection.
  bool push(std::uint64_t connection, const wire::Command& command);

  // As in a cluster: namesrv, or the broker's name, with -s<id> behind it for a slave. Stays what
  // it was at first when the role changes.
  const std::string& name() const { return name_; }
  const ServerOptions& options() const { return options_; }
  const transport::SocketAddress& address() const { return address_; }  // once started
  bool is_listening() const { return listener_ != nullptr; }
  bool is_up() const { return is_up_; }  // between start and stop
  bool is_paused() const { return paused_; }
  std::int64_t broker_id() const { return options_.broker_id; }
  bool is_master() const { return options_.broker && broker_id() == 0; }
  Script& script() { return script_; }
  const Script& script() const { return script_; }
  transport::Loop& loop() const { return loop_; }
  ServerState& state() { return *state_; }
  const ServerState& state() const { return *state_; }
  Store& store() { return state_->store; }
  const Store& store() const { return state_->store; }
  ClientTable& clients() { return state_->clients; }
  OffsetTable& offsets() { return state_->offsets; }
  RouteTable& routes() { return routes_; }
  const ServerCounts& counts() const { return counts_; }
  std::size_t connection_count() const { return connections_.size(); }
  const ServerConnection* find_connection(std::uint64_t number) const;
  std::size_t held_count() const { return held_.size(); }
  std::size_t held_pull_count() const { return state_->held_pulls.size(); }
  std::size_t waiting_bytes() const { return waiting_bytes_; }  // of delayed and held answers
  const std::string& last_end() const { return last_end_; }     // why the last connection ended

 private:
  struct WaitingAnswer {
    std::uint64_t connection = 0;
    std::string bytes;
    bool cut = false;  // after them
    bool out_of_order = false;
  };
  // A request that is answered when its handler says so.
  struct OpenRequest {
    std::uint64_t connection = 0;
    wire::Command answer;
    Fault fault;
  };

  void on_accept(std::unique_ptr<transport::ByteStream> stream) override;
  void on_turn_end() override;
  void on_frame(ServerConnection& connection, const wire::CommandView& command) override;
  void on_output(ServerConnection& connection) override;
  void on_output_full(ServerConnection& connection) override;
  void on_slow_read(ServerConnection& connection, base::Duration rest) override;
  void on_end(ServerConnection& connection, std::string_view why) override;

  bool push_oneway(std::uint64_t connection, wire::Command request) override;
  void answer_later(std::uint64_t ticket, wire::Command answer) override;
  void cut(std::uint64_t connection, std::string_view why) override;
  void schedule_turn_end() override { turn_end_->schedule(); }

  void count(std::int32_t code);
  void apply_to_connection(ServerConnection& connection, const Fault& fault);
  void silence(ServerConnection& connection);
  void run_later(const std::string& command);
  void stall(ServerConnection& connection, base::Duration duration);
  void send_answer(ServerConnection& connection, const wire::Command& answer, const Fault& fault);
  WaitingAnswer shape(std::uint64_t connection, const wire::Command& answer, const Fault& fault);
  void wait(WaitingAnswer answer, const Fault& fault);
  void deliver(const WaitingAnswer& answer);
  void come_back(base::Status (Server::*act)());
  void come_back_after(base::Duration delay, std::function<void()> action);
  void watch_output(std::uint64_t number, std::uint64_t bytes_written);
  void bury(std::uint64_t number);
  wire::Serialization choose_serialization(const wire::CommandView& request) const;
  std::string make_garbage(std::size_t bytes);
  void make_state();
  ServerConnection* find(std::uint64_t number);

  transport::Loop& loop_;
  ServerOptions options_;  // but for the broker id as they were given
  const std::string name_;
  RouteTable own_routes_;
  RouteTable& routes_;
  Quirks quirks_;
  Replicator* replicator_ = nullptr;
  Script script_;
  std::function<void(const std::string&)> run_command_;
  Schedule schedule_;
  Schedule comeback_;  // one entry at most: how a crash or a refusal ends
  std::unique_ptr<transport::TurnEndTask> turn_end_;
  std::unique_ptr<ServerState> state_;
  transport::SocketAddress address_;
  bool is_up_ = false;  // between start and stop, with or without a listener
  bool paused_ = false;

  std::map<std::uint64_t, std::unique_ptr<ServerConnection>> connections_;
  std::vector<std::uint64_t> with_output_;                // to flush at the end of the turn
  std::vector<std::unique_ptr<ServerConnection>> ended_;  // to destroy at the end of the turn
  std::vector<WaitingAnswer> held_;
  std::map<std::uint64_t, WaitingAnswer> delayed_;  // by a number of their own
  std::uint64_t last_delayed_ = 0;
  std::map<std::uint64_t, OpenRequest> open_requests_;  // by ticket
  std::int32_t last_opaque_ = 0;                        // of the server's own requests
  std::size_t waiting_bytes_ = 0;
  ServerCounts counts_;
  std::string last_end_;
  std::unique_ptr<transport::Listener> listener_;  // last: destroyed first
};

}  // namespace rmq::testbroker
