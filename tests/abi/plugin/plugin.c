/* A plug-in that uses the library and leaves nothing behind when it is unloaded. */
#include "plugin.h"

#include <rocketmq_c.h>
#include <stddef.h>
#include <stdint.h>

enum { WAIT_MS = 30000 };

static int32_t set(rmq_config_t* config, const char* name, const char* value) {
  return rmq_config_set(config, name, SIZE_MAX, value, SIZE_MAX, NULL);
}

static const char* send_one(rmq_runtime_t* runtime, const rmq_config_t* config) {
  rmq_producer_t* producer = NULL;
  rmq_message_t* message = NULL;
  const char* failure = NULL;
  if (rmq_producer_new(runtime, config, NULL, 0, NULL, &producer, NULL)) return "producer_new";
  if (rmq_producer_start(producer, NULL)) failure = "producer_start";
  if (!failure && rmq_message_new("plugin", SIZE_MAX, NULL, 0, NULL, 0, NULL, 0, &message, NULL))
    failure = "message_new";
  if (!failure && rmq_message_set_body(message, "x", 1, NULL)) failure = "set_body";
  if (!failure && rmq_producer_send(producer, message, NULL, 0, WAIT_MS, NULL, NULL))
    failure = "send";
  rmq_message_destroy(message);
  rmq_producer_destroy(producer);
  return failure;
}

static const char* take_one(rmq_event_queue_t* queue) {
  for (;;) {
    rmq_event_view_t view;
    size_t count = 0;
    if (rmq_event_queue_poll(queue, WAIT_MS, &view, sizeof view, 1, &count, NULL)) return "poll";
    if (count == 0) return "no message came";
    rmq_message_view_t message;
    const int is_delivery = rmq_event_messages(view.event, 0, &message, sizeof message, 1) == 1;
    if (is_delivery) rmq_event_answer(view.event, RMQ_ANSWER_SUCCESS, 0, NULL);
    rmq_event_destroy(view.event);
    if (is_delivery) return NULL;
  }
}

static const char* consume_one(rmq_runtime_t* runtime, const rmq_config_t* config) {
  rmq_event_queue_t* queue = NULL;
  rmq_consumer_t* consumer = NULL;
  const char* failure = NULL;
  if (rmq_event_queue_new(runtime, &queue, NULL)) return "event_queue_new";
  if (rmq_consumer_new(runtime, RMQ_CONSUMER_PUSH_CONCURRENT, config, queue, NULL, NULL, 0, NULL,
                       &consumer, NULL))
    failure = "consumer_new";
  if (!failure &&
      rmq_consumer_subscribe(consumer, "plugin", SIZE_MAX, RMQ_EXPRESSION_TAG, "*", SIZE_MAX, NULL))
    failure = "subscribe";
  if (!failure && rmq_consumer_start(consumer, NULL)) failure = "consumer_start";
  if (!failure) failure = take_one(queue);
  if (!failure && rmq_consumer_close(consumer, 0, NULL)) failure = "consumer_close";
  rmq_consumer_destroy(consumer);
  rmq_event_queue_destroy(queue);
  return failure;
}

__attribute__((visibility("default"))) const char* plugin_run(const char* name_server,
                                                              const char* group) {
  rmq_config_t* config = NULL;
  rmq_runtime_t* runtime = NULL;
  const char* failure = NULL;
  if (rmq_config_new(NULL, 0, &config, NULL)) return "config_new";
  if (set(config, "namesrv_addr", name_server) || rmq_runtime_new(config, 0, NULL, &runtime, NULL))
    failure = "runtime_new";
  rmq_config_destroy(config);
  config = NULL;
  if (!failure && rmq_runtime_start(runtime, NULL)) failure = "runtime_start";
  if (!failure && rmq_config_new(NULL, 0, &config, NULL)) failure = "config_new";
  if (!failure && set(config, "producer_group", group)) failure = "producer_group";
  if (!failure) failure = send_one(runtime, config);
  rmq_config_destroy(config);
  config = NULL;
  if (!failure && rmq_config_new(NULL, 0, &config, NULL)) failure = "config_new";
  if (!failure &&
      (set(config, "consumer_group", group) || set(config, "consume_from_where", "first")))
    failure = "consumer_group";
  if (!failure) failure = consume_one(runtime, config);
  if (!failure && rmq_runtime_close(runtime, 0, NULL)) failure = "runtime_close";
  rmq_runtime_destroy(runtime);
  rmq_config_destroy(config);
  return failure;
}
