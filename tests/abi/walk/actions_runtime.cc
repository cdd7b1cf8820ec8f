// Runtimes: made, started, driven, closed, given up.
#include <string>

#include "tests/abi/walk/finding.h"
#include "tests/abi/walk/walker.h"

namespace rmq::walk {
namespace {

void set(rmq_config_t* config, const char* name, const std::string& value) {
  if (rmq_config_set(config, name, SIZE_MAX, value.data(), value.size(), nullptr) != RMQ_OK) {
    report_finding(std::string("the option ") + name + " is not taken");
  }
}

rmq_config_t* make_config(Walker& walker, bool driven) {
  rmq_config_t* config = nullptr;
  if (rmq_config_new(nullptr, 0, &config, nullptr) != RMQ_OK) report_finding("no config");
  set(config, "namesrv_addr", walker.world.namesrv_addr);
  set(config, "run_mode", driven ? "driven" : "threaded");
  set(config, "dispatcher_threads", std::to_string(1 + walker.below(2)));
  set(config, "log_level", walker.chance(2) ? "debug" : "off");
  if (walker.chance(2)) set(config, "reconnect_backoff_min", "10ms");
  return config;
}

void make_runtime(Walker& walker) {
  const bool driven = walker.chance(4);
  rmq_config_t* config = make_config(walker, driven);
  rmq_runtime_t* made = nullptr;
  const std::int32_t code = walker.call(
      [&](rmq_error_t** error) { return rmq_runtime_new(config, 0, nullptr, &made, error); });
  rmq_config_destroy(config);
  if ((code == RMQ_OK) != (made != nullptr))
    report_finding("rmq_runtime_new: code and handle differ");
  if (code != RMQ_OK) return;
  auto runtime = std::make_shared<Runtime>();
  runtime->handle = std::make_shared<RuntimeHandle>(made, driven);
  runtime->default_queue = std::make_shared<Queue>(runtime->handle, nullptr);
  // The one before goes here, with its last user, closed or not.
  walker.world.runtimes.put(walker.below(walker.world.runtimes.size), runtime);
}

template <typename Function>
void with_runtime(Walker& walker, Function function) {
  if (const auto runtime = walker.world.runtimes.at(walker.below(walker.world.runtimes.size))) {
    function(*runtime);
  }
}

void start_runtime(Walker& walker) {
  with_runtime(walker, [&](Runtime& runtime) {
    walker.call(
        [&](rmq_error_t** error) { return rmq_runtime_start(runtime.handle->handle, error); });
  });
}

void choose_log_queue(Walker& walker) {
  with_runtime(walker, [&](Runtime& runtime) {
    const std::int32_t type = walker.chance(2) ? RMQ_EVENT_LOG : RMQ_EVENT_RESOLVE;
    walker.call([&](rmq_error_t** error) {
      return rmq_runtime_set_event_queue(runtime.handle->handle, type,
                                         runtime.default_queue->handle, error);
    });
  });
}

void close_runtime(Walker& walker) {
  with_runtime(walker, [&](Runtime& runtime) {
    const auto limit = static_cast<std::int64_t>(1 + walker.below(50));
    const std::int32_t code = walker.call([&](rmq_error_t** error) {
      return rmq_runtime_close(runtime.handle->handle, limit, error);
    });
    rmq_runtime_view_t view{};
    rmq_runtime_view(runtime.handle->handle, &view, sizeof view);
    if (code == RMQ_OK && view.threads != 0) {
      report_finding("a closed runtime has threads");
    }
  });
}

void close_runtime_async(Walker& walker) {
  with_runtime(walker, [&](Runtime& runtime) {
    const auto limit = static_cast<std::int64_t>(1 + walker.below(50));
    walker.start_operation(*runtime.default_queue, [&](std::uint64_t token, rmq_error_t** error) {
      return rmq_runtime_close_async(runtime.handle->handle, limit, token, nullptr, error);
    });
  });
}

void drop_runtime(Walker& walker) {
  walker.world.runtimes.put(walker.below(walker.world.runtimes.size), nullptr);
  walker.note_call();
}

// A few steps; one thread at a time, as the header asks.
void step_runtime(Walker& walker) {
  with_runtime(walker, [&](Runtime& runtime) {
    if (!runtime.handle->is_driven || runtime.handle->is_stepped.exchange(true)) return;
    for (std::uint64_t i = walker.below(20); i > 0; --i) {
      rmq_runtime_fd(runtime.handle->handle);
      rmq_runtime_timeout_ms(runtime.handle->handle);
      walker.call(
          [&](rmq_error_t** error) { return rmq_runtime_step(runtime.handle->handle, error); });
    }
    runtime.handle->is_stepped = false;
  });
}

}  // namespace

void add_runtime_actions(std::vector<Action>& actions) {
  actions.push_back({"runtime_new", 6, make_runtime});
  actions.push_back({"runtime_start", 12, start_runtime});
  actions.push_back({"runtime_set_event_queue", 4, choose_log_queue});
  actions.push_back({"runtime_close", 4, close_runtime});
  actions.push_back({"runtime_close_async", 3, close_runtime_async});
  actions.push_back({"runtime_destroy", 2, drop_runtime});
  actions.push_back({"runtime_step", 60, step_runtime});
}

}  // namespace rmq::walk
