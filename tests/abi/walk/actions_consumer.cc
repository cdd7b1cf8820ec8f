// Push consumers, and what is done with events that were taken.
#include <array>
#include <string>

#include "tests/abi/walk/finding.h"
#include "tests/abi/walk/walker.h"

namespace rmq::walk {
namespace {

void make_consumer(Walker& walker) {
  const auto runtime = walker.world.runtimes.at(walker.below(walker.world.runtimes.size));
  if (!runtime) return;
  rmq_config_t* config = nullptr;
  if (rmq_config_new(nullptr, 0, &config, nullptr) != RMQ_OK) report_finding("no config");
  const std::string group = "walkers_" + std::to_string(walker.below(2));
  rmq_config_set(config, "consumer_group", SIZE_MAX, group.data(), group.size(), nullptr);
  rmq_config_set(config, "consume_from_where", SIZE_MAX, "first", SIZE_MAX, nullptr);
  auto consumer = std::make_shared<Consumer>();
  auto queue = walker.world.queues.at(walker.below(walker.world.queues.size));
  consumer->queue = queue && walker.chance(2) ? queue : runtime->default_queue;
  walker.call([&](rmq_error_t** error) {
    return rmq_consumer_new(runtime->handle->handle, RMQ_CONSUMER_PUSH_CONCURRENT, config,
                            consumer->queue->handle, nullptr, nullptr, 0, nullptr,
                            &consumer->handle, error);
  });
  rmq_config_destroy(config);
  if (consumer->handle == nullptr) return;
  walker.world.consumers.put(walker.below(walker.world.consumers.size), consumer);
}

void drop_consumer(Walker& walker) {
  walker.world.consumers.put(walker.below(walker.world.consumers.size), nullptr);
  walker.note_call();
}

template <typename Function>
void with_consumer(Walker& walker, Function function) {
  if (const auto consumer = walker.world.consumers.at(walker.below(walker.world.consumers.size))) {
    function(*consumer);
  }
}

void subscribe(Walker& walker) {
  with_consumer(walker, [&](Consumer& consumer) {
    walker.call([&](rmq_error_t** error) {
      return rmq_consumer_subscribe(consumer.handle, "walk", SIZE_MAX, RMQ_EXPRESSION_TAG, "*",
                                    SIZE_MAX, error);
    });
  });
}

void unsubscribe(Walker& walker) {
  with_consumer(walker, [&](Consumer& consumer) {
    walker.call([&](rmq_error_t** error) {
      return rmq_consumer_unsubscribe(consumer.handle, "walk", SIZE_MAX, error);
    });
  });
}

void start_consumer(Walker& walker) {
  with_consumer(walker, [&](Consumer& consumer) {
    walker.call([&](rmq_error_t** error) { return rmq_consumer_start(consumer.handle, error); });
  });
}

void close_consumer(Walker& walker) {
  with_consumer(walker, [&](Consumer& consumer) {
    walker.call([&](rmq_error_t** error) { return rmq_consumer_close(consumer.handle, 5, error); });
  });
}

void close_consumer_async(Walker& walker) {
  with_consumer(walker, [&](Consumer& consumer) {
    walker.start_operation(*consumer.queue, [&](std::uint64_t token, rmq_error_t** error) {
      return rmq_consumer_close_async(consumer.handle, 20, token, nullptr, error);
    });
  });
}

void answer(Walker& walker, rmq_event_t* event) {
  if (walker.chance(3)) {
    const std::array<std::uint8_t, 32> bits{0x5a};
    walker.call([&](rmq_error_t** error) {
      return rmq_event_answer_each(event, bits.data(), bits.size(), RMQ_DELAY_BY_COUNT, error);
    });
    return;
  }
  const std::int32_t how = walker.chance(4) ? RMQ_ANSWER_RECONSUME_LATER : RMQ_ANSWER_SUCCESS;
  walker.call(
      [&](rmq_error_t** error) { return rmq_event_answer(event, how, RMQ_DELAY_BY_COUNT, error); });
}

void look_at_delivery(Walker& walker, rmq_event_t* event) {
  rmq_delivery_view_t delivery;
  if (rmq_event_delivery(event, &delivery, sizeof delivery) != RMQ_OK)
    report_finding("a delivery shows nothing");
  std::array<rmq_message_view_t, 4> messages;
  const std::size_t count =
      rmq_event_messages(event, 0, messages.data(), sizeof messages[0], messages.size());
  unsigned sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto* body = static_cast<const unsigned char*>(messages[i].body);
    for (std::size_t k = 0; k < messages[i].body_bytes; ++k) sum += body[k];
  }
  walker.note_call();
  if (sum != 0 || walker.chance(2)) answer(walker, event);
}

// A taken event outlives everything: it is read and answered long after.
void use_kept_event(Walker& walker) {
  rmq_event_t* event = walker.world.taken.take();
  if (event == nullptr) return;
  rmq_event_view_t view;
  if (rmq_event_view(event, &view, sizeof view) != RMQ_OK)
    report_finding("no view of a kept event");
  if (view.event_type == RMQ_EVENT_DELIVERY) answer(walker, event);
  rmq_error_t* error = rmq_error_retain(view.error);
  rmq_event_destroy(event);
  if (error != nullptr && rmq_error_code(error) == RMQ_OK)
    report_finding("an error without a code");
  rmq_error_destroy(error);
  walker.note_call();
}

}  // namespace

void look_at_event(Walker& walker, rmq_event_t* event, QueueCount& count) {
  rmq_event_view_t view;
  if (rmq_event_view(event, &view, sizeof view) != RMQ_OK) report_finding("no view of an event");
  walker.note_call();
  switch (view.event_type) {
    case RMQ_EVENT_SEND:
    case RMQ_EVENT_CLOSED:
    case RMQ_EVENT_FLUSHED:
    case RMQ_EVENT_RESULT:
      walker.world.tokens.see(view.token);
      count.seen.fetch_add(1);
      return;
    case RMQ_EVENT_DELIVERY:
      return look_at_delivery(walker, event);
    case RMQ_EVENT_LOG: {
      rmq_log_view_t log;
      if (rmq_event_log(event, &log, sizeof log) != RMQ_OK)
        report_finding("a log event shows nothing");
      return;
    }
    case RMQ_EVENT_RESOLVE:
      walker.call([&](rmq_error_t** error) {
        return rmq_event_answer_text(event, "127.0.0.1", SIZE_MAX, error);
      });
      return;
    default:
      return;
  }
}

void add_consumer_actions(std::vector<Action>& actions) {
  actions.push_back({"push_consumer_new", 6, make_consumer});
  actions.push_back({"push_consumer_subscribe", 12, subscribe});
  actions.push_back({"push_consumer_unsubscribe", 2, unsubscribe});
  actions.push_back({"push_consumer_start", 12, start_consumer});
  actions.push_back({"push_consumer_close", 2, close_consumer});
  actions.push_back({"push_consumer_close_async", 3, close_consumer_async});
  actions.push_back({"push_consumer_destroy", 2, drop_consumer});
  actions.push_back({"event_answer of a kept event", 40, use_kept_event});
}

}  // namespace rmq::walk
