// Producers: made, started, sending in every way, cancelled, flushed, closed, given up.
#include <array>
#include <string>

#include "tests/abi/walk/finding.h"
#include "tests/abi/walk/walker.h"

namespace rmq::walk {
namespace {

// Of a runtime, or one of its queues when one happens to be there.
std::shared_ptr<Queue> choose_queue(Walker& walker, const Runtime& runtime) {
  auto queue = walker.world.queues.at(walker.below(walker.world.queues.size));
  return queue && walker.chance(2) ? queue : runtime.default_queue;
}

void make_producer(Walker& walker) {
  const auto runtime = walker.world.runtimes.at(walker.below(walker.world.runtimes.size));
  if (!runtime) return;
  rmq_config_t* config = nullptr;
  if (rmq_config_new(nullptr, 0, &config, nullptr) != RMQ_OK) report_finding("no config");
  rmq_config_set(config, "producer_group", SIZE_MAX, "walk", SIZE_MAX, nullptr);
  rmq_config_set(config, "max_inflight", SIZE_MAX, "64", SIZE_MAX, nullptr);
  rmq_config_set(config, "queue_full_policy", SIZE_MAX, "error", SIZE_MAX, nullptr);
  auto producer = std::make_shared<Producer>();
  producer->queue = choose_queue(walker, *runtime);  // refused when the queue is another runtime's
  walker.call([&](rmq_error_t** error) {
    return rmq_producer_new(runtime->handle->handle, config, producer->queue->handle, 0, nullptr,
                            &producer->handle, error);
  });
  rmq_config_destroy(config);
  if (producer->handle == nullptr) return;
  walker.world.producers.put(walker.below(walker.world.producers.size), producer);
}

void drop_producer(Walker& walker) {
  walker.world.producers.put(walker.below(walker.world.producers.size), nullptr);
  walker.note_call();
}

template <typename Function>
void with_producer(Walker& walker, Function function) {
  if (const auto producer = walker.world.producers.at(walker.below(walker.world.producers.size))) {
    function(*producer);
  }
}

class Message {
 public:
  explicit Message(Walker& walker) {
    walker.call([&](rmq_error_t** error) {
      return rmq_message_new("walk", SIZE_MAX, nullptr, 0, nullptr, 0, nullptr, 0, &message_,
                             error);
    });
    if (message_ == nullptr) return;
    const std::string body(walker.below(walker.chance(50) ? 100'000 : 200), 'b');
    walker.call([&](rmq_error_t** error) {
      return rmq_message_set_body(message_, body.data(), body.size(), error);
    });
  }
  ~Message() { rmq_message_destroy(message_); }
  Message(const Message&) = delete;
  explicit operator bool() const { return message_ != nullptr; }
  const rmq_message_t* get() const { return message_; }

 private:
  rmq_message_t* message_ = nullptr;
};

void start_producer(Walker& walker) {
  with_producer(walker, [&](Producer& producer) {
    walker.call([&](rmq_error_t** error) { return rmq_producer_start(producer.handle, error); });
  });
}

void send_async(Walker& walker) {
  const Message message(walker);
  if (!message) return;
  with_producer(walker, [&](Producer& producer) {
    const auto limit = static_cast<std::int64_t>(1 + walker.below(100));
    walker.start_operation(*producer.queue, [&](std::uint64_t token, rmq_error_t** error) {
      return rmq_producer_send_async(producer.handle, message.get(), nullptr, 0, limit, token,
                                     nullptr, error);
    });
  });
}

void send_oneway(Walker& walker) {
  const Message message(walker);
  if (!message) return;
  with_producer(walker, [&](Producer& producer) {
    walker.start_operation(*producer.queue, [&](std::uint64_t token, rmq_error_t** error) {
      return rmq_producer_send_async(producer.handle, message.get(), nullptr, RMQ_FLAG_ONEWAY, 0,
                                     token, nullptr, error);
    });
  });
}

void send_many(Walker& walker) {
  const Message message(walker);
  if (!message) return;
  with_producer(walker, [&](Producer& producer) {
    std::array<const rmq_message_t*, 8> messages;
    std::array<std::uint64_t, 8> tokens;
    messages.fill(message.get());
    for (std::uint64_t& token : tokens) {
      token = walker.world.tokens.issue();
      if (token == 0) return;
    }
    producer.queue->count->accepted.fetch_add(tokens.size());
    std::size_t accepted = 0;
    const std::int32_t code = walker.call([&](rmq_error_t** error) {
      return rmq_producer_send_many(producer.handle, messages.data(), tokens.data(), tokens.size(),
                                    nullptr, 0, 50, nullptr, &accepted, error);
    });
    if ((code == RMQ_OK) != (accepted == tokens.size()))
      report_finding("send_many: code and count differ");
    producer.queue->count->accepted.fetch_sub(static_cast<std::int64_t>(tokens.size() - accepted));
    for (std::size_t i = accepted; i < tokens.size(); ++i) walker.world.tokens.refuse(tokens[i]);
  });
}

// Blocks for its limit at the most.
void send(Walker& walker) {
  const Message message(walker);
  if (!message) return;
  with_producer(walker, [&](Producer& producer) {
    rmq_event_t* event = nullptr;
    const std::int32_t code = walker.call([&](rmq_error_t** error) {
      return rmq_producer_send(producer.handle, message.get(), nullptr, 0, 5, &event, error);
    });
    if ((code == RMQ_OK) != (event != nullptr)) report_finding("send: code and event differ");
    rmq_event_destroy(event);
  });
}

void cancel(Walker& walker) {
  with_producer(walker, [&](Producer& producer) {
    walker.call([&](rmq_error_t** error) {
      return rmq_producer_cancel(producer.handle, 1 + walker.below(100'000), error);
    });
  });
}

void flush(Walker& walker) {
  with_producer(walker, [&](Producer& producer) {
    walker.call([&](rmq_error_t** error) { return rmq_producer_flush(producer.handle, 2, error); });
  });
}

void flush_async(Walker& walker) {
  with_producer(walker, [&](Producer& producer) {
    walker.start_operation(*producer.queue, [&](std::uint64_t token, rmq_error_t** error) {
      return rmq_producer_flush_async(producer.handle, 20, token, nullptr, error);
    });
  });
}

void queues(Walker& walker) {
  with_producer(walker, [&](Producer& producer) {
    walker.start_operation(*producer.queue, [&](std::uint64_t token, rmq_error_t** error) {
      return rmq_producer_queues(producer.handle, "walk", SIZE_MAX, 20, token, nullptr, nullptr,
                                 error);
    });
  });
}

// Blocks for its limit at the most.
void queues_blocking(Walker& walker) {
  with_producer(walker, [&](Producer& producer) {
    rmq_event_t* event = nullptr;
    const std::int32_t code = walker.call([&](rmq_error_t** error) {
      return rmq_producer_queues(producer.handle, "walk", SIZE_MAX, 5, 0, nullptr, &event, error);
    });
    if ((code == RMQ_OK) != (event != nullptr)) report_finding("queues: code and event differ");
    rmq_event_destroy(event);
  });
}

void close_producer(Walker& walker) {
  with_producer(walker, [&](Producer& producer) {
    walker.call([&](rmq_error_t** error) { return rmq_producer_close(producer.handle, 5, error); });
  });
}

void close_producer_async(Walker& walker) {
  with_producer(walker, [&](Producer& producer) {
    walker.start_operation(*producer.queue, [&](std::uint64_t token, rmq_error_t** error) {
      return rmq_producer_close_async(producer.handle, 20, token, nullptr, error);
    });
  });
}

}  // namespace

void add_producer_actions(std::vector<Action>& actions) {
  actions.push_back({"producer_new", 10, make_producer});
  actions.push_back({"producer_start", 20, start_producer});
  actions.push_back({"producer_send_async", 200, send_async});
  actions.push_back({"producer_send_oneway", 30, send_oneway});
  actions.push_back({"producer_send_many", 30, send_many});
  actions.push_back({"producer_send", 10, send});
  actions.push_back({"producer_cancel", 10, cancel});
  actions.push_back({"producer_flush", 3, flush});
  actions.push_back({"producer_flush_async", 10, flush_async});
  actions.push_back({"producer_queues", 10, queues});
  actions.push_back({"producer_queues_blocking", 3, queues_blocking});
  actions.push_back({"producer_close", 2, close_producer});
  actions.push_back({"producer_close_async", 3, close_producer_async});
  actions.push_back({"producer_destroy", 3, drop_producer});
}

}  // namespace rmq::walk
