#include "bench/exact/lockstep.h"

#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace rmq::bench {
namespace {

constexpr std::int64_t kWaitMaxMs = 10'000;

}  // namespace

void require(std::int32_t code, const char* what, rmq_error_t* error) {
  if (code == RMQ_OK) return;
  std::fprintf(stderr, "%s: %s\n", what, error ? rmq_error_message(error) : "no memory");
  std::exit(1);
}

rmq_config_t* make_config(const std::string& lines) {
  rmq_error_t* error = nullptr;
  rmq_config_t* config = nullptr;
  require(rmq_config_new(nullptr, 0, &config, &error), "config", error);
  require(rmq_config_load(config, RMQ_LOAD_TEXT, lines.data(), lines.size(), &error), "config",
          error);
  return config;
}

std::unique_ptr<testbroker::Server> start_server(transport::Loop& loop) {
  testbroker::ServerOptions options;
  options.topics = {{.name = Lockstep::kTopic, .read_queues = 1, .write_queues = 1}};
  auto server = std::make_unique<testbroker::Server>(loop, std::move(options));
  if (!server->start().ok()) std::exit(1);
  return server;
}

Lockstep::Lockstep() {
  auto loop = transport::UvLoop::make();
  if (!loop.ok()) std::exit(1);
  loop_ = loop.take_value();
  server_ = start_server(*loop_);

  rmq_error_t* error = nullptr;
  rmq_config_t* config =
      make_config("run_mode = driven\nnamesrv_addr = " + server_->address().to_text());
  require(rmq_runtime_new(config, 0, nullptr, &runtime_, &error), "runtime", error);
  rmq_config_destroy(config);
  require(rmq_runtime_start(runtime_, &error), "start", error);
}

Lockstep::~Lockstep() {
  rmq_runtime_destroy(runtime_);
  server_.reset();
  loop_->close();
}

bool Lockstep::has_client_work() const {
  pollfd watched{rmq_runtime_fd(runtime_), POLLIN, 0};
  return poll(&watched, 1, 0) > 0 || rmq_runtime_timeout_ms(runtime_) == 0;
}

void Lockstep::wait_for_either() const {
  pollfd both[] = {{loop_->backend_fd(), POLLIN, 0}, {rmq_runtime_fd(runtime_), POLLIN, 0}};
  std::int64_t wait_ms = kWaitMaxMs;
  for (const std::int64_t timer_ms :
       {std::int64_t{loop_->timeout_ms()}, rmq_runtime_timeout_ms(runtime_)}) {
    if (timer_ms >= 0) wait_ms = std::min(wait_ms, timer_ms);
  }
  poll(both, 2, static_cast<int>(wait_ms));
}

void Lockstep::run_until(const std::function<bool()>& is_done, const std::function<void()>& turn) {
  while (true) {
    turn();
    if (is_done()) return;
    loop_->step();
    while (!has_client_work()) {
      wait_for_either();
      loop_->step();
    }
  }
}

}  // namespace rmq::bench
