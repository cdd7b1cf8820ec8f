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
  if (rmq_producer_new(runtime, config, NULL, &producer, NULL)) return "producer_new";
  if (rmq_producer_start(producer, NULL)) failure = "producer_start";
  if (!failure && rmq_message_new("plugin", SIZE_MAX, &message, NULL)) failure = "message_new";
  if (!failure && rmq_message_set_body(message, "x", 1, NULL)) failure = "set_body";
  if (!failure && rmq_producer_send(producer, message, NULL, WAIT_MS, NULL, NULL)) failure = "send";
  rmq_message_destroy(message);
  rmq_producer_destroy(producer);
  return failure;
}

static const char* take_one(rmq_event_queue_t* queue) {
  for (;;) {
    rmq_event_t* event = NULL;
    if (rmq_event_queue_poll(queue, WAIT_MS, &event, NULL)) return "poll";
    if (event == NULL) return "no message came";
    rmq_message_view_t message;
    const int is_delivery = rmq_event_messages(event, 0, &message, sizeof message, 1) == 1;
    if (is_delivery) rmq_event_answer(event, RMQ_ANSWER_SUCCESS, RMQ_DELAY_BY_COUNT, NULL);
    rmq_event_destroy(event);
    if (is_delivery) return NULL;
  }
}

static const char* consume_one(rmq_runtime_t* runtime, const rmq_config_t* config) {
  rmq_event_queue_t* queue = NULL;
  rmq_push_consumer_t* consumer = NULL;
  const char* failure = NULL;
  if (rmq_event_queue_new(runtime, &queue, NULL)) return "event_queue_new";
  if (rmq_push_consumer_new(runtime, config, queue, 0, NULL, &consumer, NULL))
    failure = "consumer_new";
  if (!failure && rmq_push_consumer_subscribe(consumer, "plugin", SIZE_MAX, RMQ_FILTER_TAG, "*",
                                              SIZE_MAX, NULL))
    failure = "subscribe";
  if (!failure && rmq_push_consumer_start(consumer, NULL)) failure = "consumer_start";
  if (!failure) failure = take_one(queue);
  if (!failure && rmq_push_consumer_close(consumer, 0, NULL)) failure = "consumer_close";
  rmq_push_consumer_destroy(consumer);
  rmq_event_queue_destroy(queue);
  return failure;
}

__attribute__((visibility("default"))) const char* plugin_run(const char* name_server,
                                                              const char* group) {
  rmq_config_t* config = NULL;
  rmq_runtime_t* runtime = NULL;
  const char* failure = NULL;
  if (rmq_config_new(NULL, 0, &config, NULL)) return "config_new";
  if (set(config, "namesrv_addr", name_server) || rmq_runtime_new(config, &runtime, NULL))
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
