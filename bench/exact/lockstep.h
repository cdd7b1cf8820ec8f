// A driven client and its server, which take turns on one thread. Nothing of what they do depends
// on timing: every run of a path makes the same calls with the same bytes.
#pragma once

#include <rocketmq_c.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "testbroker/server.h"
#include "transport/uv_loop.h"

namespace rmq::bench {

// Ends the process with the error's words.
void require(std::int32_t code, const char* what, rmq_error_t* error);

// A config of these lines.
rmq_config_t* make_config(const std::string& lines);
// A started server with the topic of all paths, which has one queue.
std::unique_ptr<testbroker::Server> start_server(transport::Loop& loop);

class Lockstep {
 public:
  static constexpr const char* kTopic = "orders";

  Lockstep();
  ~Lockstep();
  Lockstep(const Lockstep&) = delete;
  Lockstep& operator=(const Lockstep&) = delete;

  rmq_runtime_t* runtime() { return runtime_; }
  rmq_event_queue_t* events() { return rmq_runtime_event_queue(runtime_); }
  testbroker::Server& server() { return *server_; }

  // The client's turn comes when it has something to do: its descriptor or its timer says so.
  // `turn` steps the runtime. Between its turns the server does all that it can.
  void run_until(const std::function<bool()>& is_done, const std::function<void()>& turn);

 private:
  bool has_client_work() const;
  void wait_for_either() const;

  std::unique_ptr<transport::UvLoop> loop_;
  std::unique_ptr<testbroker::Server> server_;
  rmq_runtime_t* runtime_ = nullptr;
};

}  // namespace rmq::bench
