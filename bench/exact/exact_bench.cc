// Makes messages go one path, and prints what the client did for them, as one line of JSON.
//
//   exact_bench <async|push|push_batch|sync> <messages>
//
// Starts cost the same for any number of messages: the difference of two runs is the cost of the
// messages alone. bench/exact/check.py makes these runs, under callgrind for the instructions.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench/exact/counted_calls.h"
#include "bench/exact/lockstep.h"

namespace rmq::bench {
namespace {

constexpr std::size_t kWindow = 32;  // messages in flight; their frames fit into one write
constexpr std::int64_t kLongMs = 60'000;
const std::string kBody(128, 'b');

rmq_producer_t* start_producer(rmq_runtime_t* runtime) {
  rmq_error_t* error = nullptr;
  rmq_config_t* config = make_config("producer_group = exact\nsend_msg_timeout = 60000");
  rmq_producer_t* producer = nullptr;
  require(rmq_producer_new(runtime, config, nullptr, 0, nullptr, &producer, &error), "producer",
          error);
  require(rmq_producer_start(producer, &error), "start", error);
  rmq_config_destroy(config);
  return producer;
}

rmq_message_t* make_message() {
  rmq_error_t* error = nullptr;
  rmq_message_t* message = nullptr;
  require(rmq_message_new(Lockstep::kTopic, SIZE_MAX, kBody.data(), kBody.size(), "a", 1, "k", 1,
                          &message, &error),
          "message", error);
  return message;
}

void step(rmq_runtime_t* runtime) {
  rmq_error_t* error = nullptr;
  require(rmq_runtime_step(runtime, &error), "step", error);
}

// ---- sends --------------------------------------------------------------------------------------

struct Sending {
  rmq_runtime_t* runtime;
  rmq_producer_t* producer;
  std::size_t wanted;
  std::size_t sent = 0;
  std::size_t ended = 0;
};

// What callgrind collects: see check.py.
__attribute__((noinline)) void measured_send_turn(Sending& sending) {
  const Counting counting;
  rmq_error_t* error = nullptr;
  step(sending.runtime);
  rmq_event_view_t views[kWindow];
  std::size_t count = 0;
  require(rmq_event_queue_poll(rmq_runtime_event_queue(sending.runtime), 0, views, sizeof views[0],
                               kWindow, &count, &error),
          "poll", error);
  for (std::size_t i = 0; i < count; ++i) require(views[i].error_code, "event", nullptr);
  sending.ended += count;
  rmq_event_destroy_batch(views, sizeof views[0], count);
  if (sending.ended < sending.sent) return;
  for (std::size_t i = 0; i < kWindow && sending.sent < sending.wanted; ++i, ++sending.sent) {
    rmq_message_t* message = make_message();
    require(rmq_producer_send_async(sending.producer, message, nullptr, 0, 0, sending.sent, nullptr,
                                    &error),
            "send", error);
    rmq_message_destroy(message);
  }
}

void send_all(Lockstep& lockstep, std::size_t messages) {
  Sending sending{lockstep.runtime(), start_producer(lockstep.runtime()), messages};
  lockstep.run_until([&] { return sending.ended == messages; },
                     [&] { measured_send_turn(sending); });
  rmq_producer_destroy(sending.producer);
}

// ---- deliveries ---------------------------------------------------------------------------------

struct Consuming {
  rmq_runtime_t* runtime;
  std::size_t consumed = 0;
};

// Message by message, each call for one of them.
__attribute__((noinline)) void measured_delivery_turn(Consuming& consuming) {
  const Counting counting;
  rmq_error_t* error = nullptr;
  step(consuming.runtime);
  rmq_event_view_t views[kWindow];
  std::size_t count = 0;
  do {
    require(rmq_event_queue_poll(rmq_runtime_event_queue(consuming.runtime), 0, views,
                                 sizeof views[0], kWindow, &count, &error),
            "poll", error);
    for (std::size_t i = 0; i < count; ++i) {
      rmq_message_view_t message;
      consuming.consumed += rmq_event_messages(views[i].event, 0, &message, sizeof message, 1);
      require(rmq_event_answer(views[i].event, RMQ_ANSWER_SUCCESS, 0, &error), "answer", error);
      rmq_event_destroy(views[i].event);
    }
  } while (count == kWindow);
}

// Many in one call.
__attribute__((noinline)) void measured_batch_turn(Consuming& consuming) {
  const Counting counting;
  rmq_error_t* error = nullptr;
  step(consuming.runtime);
  rmq_event_view_t views[kWindow];
  rmq_message_view_t messages[4 * kWindow];
  std::int32_t answers[kWindow];
  std::fill(answers, answers + kWindow, RMQ_ANSWER_SUCCESS);
  std::size_t count = 0;
  do {
    std::size_t shown = 0;
    require(rmq_event_queue_poll_messages(rmq_runtime_event_queue(consuming.runtime), 0, views,
                                          sizeof views[0], 4, &count, messages, sizeof messages[0],
                                          4 * kWindow, &shown, &error),
            "poll", error);
    consuming.consumed += shown;
    require(rmq_event_answer_batch(views, sizeof views[0], count, answers, &error), "answer",
            error);
    rmq_event_destroy_batch(views, sizeof views[0], count);
  } while (count == 4);
}

void store(testbroker::Server& server, std::size_t messages) {
  for (std::size_t i = 0; i < messages; ++i) {
    testbroker::Message message;
    message.topic = Lockstep::kTopic;
    message.body = kBody;
    message.properties = "TAGS\1a\2KEYS\1k\2UNIQ_KEY\0017F000001000100000000000000000000\2";
    server.state().append(std::move(message));
  }
}

void consume_all(Lockstep& lockstep, std::size_t messages, const char* batch_max,
                 void (*turn)(Consuming&)) {
  store(lockstep.server(), messages);
  rmq_error_t* error = nullptr;
  rmq_config_t* config = make_config(
      "consumer_group = exact\nconsume_from_where = first\npersist_consumer_offset_interval = "
      "60000\nconsume_message_batch_max_size = " +
      std::string(batch_max));
  rmq_consumer_t* consumer = nullptr;
  require(rmq_consumer_new(lockstep.runtime(), RMQ_CONSUMER_PUSH_CONCURRENT, config, nullptr,
                           nullptr, nullptr, 0, nullptr, &consumer, &error),
          "consumer", error);
  rmq_config_destroy(config);
  require(rmq_consumer_subscribe(consumer, Lockstep::kTopic, SIZE_MAX, RMQ_EXPRESSION_TAG, nullptr,
                                 0, &error),
          "subscribe", error);
  require(rmq_consumer_start(consumer, &error), "start", error);
  Consuming consuming{lockstep.runtime()};
  lockstep.run_until([&] { return consuming.consumed == messages; }, [&] { turn(consuming); });
  rmq_consumer_destroy(consumer);
}

// ---- blocking sends -----------------------------------------------------------------------------

// A server in a process of its own, which ends with this one.
std::string fork_server() {
  int ends[2];
  if (pipe(ends) != 0) std::exit(1);
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto loop = transport::UvLoop::make();
    const auto server = start_server(*loop.value());
    const std::string address = server->address().to_text();
    if (write(ends[1], address.data(), address.size()) < 0) _exit(1);
    loop.value()->run();
    _exit(0);
  }
  char address[64] = {};
  if (read(ends[0], address, sizeof address - 1) <= 0) std::exit(1);
  close(ends[0]);
  close(ends[1]);
  return address;
}

void send_blocking(std::size_t messages) {
  rmq_config_t* config = make_config("namesrv_addr = " + fork_server());
  rmq_error_t* error = nullptr;
  rmq_runtime_t* runtime = nullptr;
  require(rmq_runtime_new(config, 0, nullptr, &runtime, &error), "runtime", error);
  rmq_config_destroy(config);
  require(rmq_runtime_start(runtime, &error), "start", error);
  rmq_producer_t* producer = start_producer(runtime);
  {
    const Counting counting;
    for (std::size_t i = 0; i < messages; ++i) {
      rmq_message_t* message = make_message();
      require(rmq_producer_send(producer, message, nullptr, 0, kLongMs, nullptr, &error), "send",
              error);
      rmq_message_destroy(message);
    }
  }
  rmq_producer_destroy(producer);
  require(rmq_runtime_close(runtime, 0, &error), "close", error);
  rmq_runtime_destroy(runtime);
}

int run(const std::string& path, std::size_t messages) {
  if (path == "sync") {
    send_blocking(messages);
  } else {
    Lockstep lockstep;
    if (path == "async") {
      send_all(lockstep, messages);
    } else if (path == "push") {
      consume_all(lockstep, messages, "1", measured_delivery_turn);
    } else if (path == "push_batch") {
      consume_all(lockstep, messages, "32", measured_batch_turn);
    } else {
      return std::fprintf(stderr, "no path %s\n", path.c_str()), 2;
    }
  }
  const CallCounts counts = call_counts();
  std::printf(
      "{\"path\": \"%s\", \"messages\": %zu, \"allocations\": %lu, \"system_calls\": %lu}\n",
      path.c_str(), messages, counts.allocations, counts.system_calls);
  return 0;
}

}  // namespace
}  // namespace rmq::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: exact_bench <async|push|push_batch|sync> <messages>\n");
    return 2;
  }
  return rmq::bench::run(argv[1], static_cast<std::size_t>(std::atol(argv[2])));
}
