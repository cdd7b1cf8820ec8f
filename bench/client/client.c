#define _POSIX_C_SOURCE 200809L
#include "client.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"

enum { ERRORS_TOLD_MAX = 3 };

static rmq_runtime_t* runtime;
static rmq_producer_t* producer;
static rmq_consumer_t* consumer;

void insist(int32_t code, const char* what, rmq_error_t* error) {
  if (code == RMQ_OK) return;
  fprintf(stderr, "%s: %s\n", what,
          error ? rmq_error_message(error) : rmq_name(RMQ_NAME_ERROR, code));
  exit(1);
}

void tell(const char* what, rmq_error_t* error) {
  static int told;
  if (told++ < ERRORS_TOLD_MAX) fprintf(stderr, "%s: %s\n", what, rmq_error_message(error));
  rmq_error_destroy(error);
}

static rmq_config_t* make_config(const char* options) {
  rmq_error_t* error = NULL;
  rmq_config_t* config = NULL;
  insist(rmq_config_new(NULL, 0, &config, &error), "config", error);
  insist(rmq_config_load(config, RMQ_LOAD_TEXT, options, SIZE_MAX, &error), options, error);
  return config;
}

void start_runtime(rmq_event_fn callback) {
  char options[512];
  snprintf(options, sizeof options, "namesrv_addr = %s\nrun_mode = %s", settings.name_server,
           settings.door == DOOR_DRIVEN ? "driven" : "threaded");
  rmq_error_t* error = NULL;
  rmq_config_t* config = make_config(options);
  insist(rmq_runtime_new(config, 0, NULL, &runtime, &error), "runtime", error);
  rmq_config_destroy(config);
  if (callback && settings.door == DOOR_CALLBACK)
    insist(rmq_event_queue_set_callback(events(), callback, NULL, 0, &error), "callback", error);
  insist(rmq_runtime_start(runtime, &error), "start of the runtime", error);
}

void start_producer(void) {
  char options[512];
  snprintf(options, sizeof options,
           "producer_group = %s_p\nqueue_full_policy = block\nenable_message_compression = %s",
           settings.group, settings.compresses ? "true" : "false");
  rmq_error_t* error = NULL;
  rmq_config_t* config = make_config(options);
  insist(rmq_producer_new(runtime, config, NULL, 0, NULL, &producer, &error), "producer", error);
  rmq_config_destroy(config);
  insist(rmq_producer_start(producer, &error), "start of the producer", error);
}

void start_consumer(void) {
  char options[512];
  snprintf(options, sizeof options,
           "consumer_group = %s\nconsume_from_where = %s\nconsume_message_batch_max_size = %s",
           settings.group, settings.from, settings.batch_max);
  rmq_error_t* error = NULL;
  rmq_config_t* config = make_config(options);
  insist(rmq_consumer_new(runtime, RMQ_CONSUMER_PUSH_CONCURRENT, config, NULL, NULL, NULL, 0, NULL,
                          &consumer, &error),
         "consumer", error);
  rmq_config_destroy(config);
  insist(rmq_consumer_subscribe(consumer, settings.topic, SIZE_MAX, RMQ_EXPRESSION_TAG, NULL, 0,
                                &error),
         "subscribe", error);
  insist(rmq_consumer_start(consumer, &error), "start of the consumer", error);
}

rmq_event_queue_t* events(void) { return rmq_runtime_event_queue(runtime); }

rmq_message_t* make_message(const char* body, size_t bytes) {
  rmq_error_t* error = NULL;
  rmq_message_t* message = NULL;
  insist(rmq_message_new(settings.topic, SIZE_MAX, body, bytes, NULL, 0, NULL, 0, &message, &error),
         "message", error);
  return message;
}

char* make_body(size_t bytes) {
  char* body = malloc(bytes + 1);
  uint32_t x = 12345;
  for (size_t i = 0; i < bytes; ++i) {
    x = x * 1103515245U + 12345U;
    body[i] = (char)('a' + ((x >> 16) & 15U));
  }
  body[bytes] = 0;
  return body;
}

int32_t send_waiting(const char* body, size_t bytes) {
  rmq_error_t* error = NULL;
  rmq_message_t* message = make_message(body, bytes);
  const int32_t code = rmq_producer_send(producer, message, NULL, 0, 0, NULL, &error);
  rmq_message_destroy(message);
  if (code) tell("send", error);
  return code;
}

int32_t send_without_waiting(const char* body, size_t bytes, int32_t flags) {
  rmq_error_t* error = NULL;
  rmq_message_t* message = make_message(body, bytes);
  const int32_t code = rmq_producer_send_async(producer, message, NULL, flags, 0, 1, NULL, &error);
  rmq_message_destroy(message);
  if (code) tell("send", error);
  return code;
}

void send_first(void) {
  char* body = make_body((size_t)settings.body_bytes);
  if (settings.door != DOOR_DRIVEN && send_waiting(body, (size_t)settings.body_bytes) != RMQ_OK)
    exit(1);
  free(body);
}

void step_if_driven(int64_t wait_ms_max) {
  if (settings.door != DOOR_DRIVEN) return;
  rmq_error_t* error = NULL;
  int64_t wait_ms = rmq_runtime_timeout_ms(runtime);
  if (wait_ms < 0 || wait_ms > wait_ms_max) wait_ms = wait_ms_max;
  struct pollfd watched = {rmq_runtime_fd(runtime), POLLIN, 0};
  if (wait_ms > 0) poll(&watched, 1, (int)wait_ms);
  insist(rmq_runtime_step(runtime, &error), "step", error);
}

int64_t poll_ms(int64_t otherwise) { return settings.door == DOOR_DRIVEN ? 0 : otherwise; }
