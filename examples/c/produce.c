/*
 * Sends messages to a topic and says what became of each.
 *
 *   produce <namesrv host:port> <topic> <count>
 *
 * The sends are asynchronous: many are on their way at once, and each ends in exactly one event.
 * Prints "sent <message id>" for every stored message; exits with 1 when one is not.
 */
#include <inttypes.h>
#include <rocketmq_c.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 64, IN_FLIGHT_MAX = 512 };

static void die(const char* what, rmq_error_t* error) {
  fprintf(stderr, "%s: %s\n", what, error ? rmq_error_message(error) : "out of memory");
  exit(1);
}

static void set(rmq_config_t* config, const char* name, const char* value) {
  rmq_error_t* error = NULL;
  if (rmq_config_set(config, name, SIZE_MAX, value, SIZE_MAX, &error)) die(name, error);
}

/* Takes what has ended, waiting for the first, and returns how many that were. */
static uint64_t take_events(rmq_event_queue_t* events, uint64_t* failed) {
  rmq_event_view_t views[BATCH];
  rmq_error_t* error = NULL;
  size_t taken = 0;
  uint64_t ended = 0;
  if (rmq_event_queue_poll(events, RMQ_WAIT_FOREVER, views, sizeof views[0], BATCH, &taken, &error))
    die("poll", error);
  for (size_t i = 0; i < taken; ++i) {
    if (views[i].event_type != RMQ_EVENT_SEND) continue;
    ++ended;
    if (views[i].error_code == RMQ_OK) {
      printf("sent %s\n", views[i].message_id);
    } else {
      /* The outcome tells whether the message may be stored all the same. */
      fprintf(stderr, "message %" PRIu64 " failed (%s): %s\n", views[i].token,
              views[i].outcome == RMQ_OUTCOME_NOT_APPLIED ? "not stored" : "perhaps stored",
              views[i].error_message);
      ++*failed;
    }
  }
  rmq_event_destroy_batch(views, sizeof views[0], taken);
  return ended;
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s <namesrv host:port> <topic> <count>\n", argv[0]);
    fprintf(stderr, "without RocketMQ, start a broker for trying: rmq-testbroker --port 9876\n");
    return 2;
  }
  const uint64_t count = strtoull(argv[3], NULL, 10);
  rmq_error_t* error = NULL;

  rmq_config_t* config = NULL;
  rmq_runtime_t* runtime = NULL;
  if (rmq_config_new(NULL, 0, &config, &error)) die("config", error);
  if (rmq_config_load(config, RMQ_LOAD_ENVIRONMENT, NULL, 0, &error)) die("environment", error);
  set(config, "namesrv_addr", argv[1]);
  if (rmq_runtime_new(config, 0, NULL, &runtime, &error)) die("runtime", error);
  if (rmq_runtime_start(runtime, &error)) die("start", error);

  rmq_config_t* options = NULL;
  rmq_producer_t* producer = NULL;
  if (rmq_config_new(NULL, 0, &options, &error)) die("config", error);
  set(options, "producer_group", "example_produce");
  if (rmq_producer_new(runtime, options, NULL, 0, NULL, &producer, &error)) die("producer", error);
  if (rmq_producer_start(producer, &error)) die("start", error);

  rmq_message_t* message = NULL; /* one is enough: every send takes a copy */
  if (rmq_message_new(argv[2], SIZE_MAX, NULL, 0, NULL, 0, NULL, 0, &message, &error))
    die(argv[2], error);
  if (rmq_message_set_text(message, RMQ_FIELD_TAGS, "example", SIZE_MAX, &error))
    die("tags", error);

  rmq_event_queue_t* events = rmq_runtime_event_queue(runtime);
  uint64_t started = 0, ended = 0, failed = 0;
  while (ended < count) {
    while (started < count && started - ended < IN_FLIGHT_MAX) {
      char body[32];
      const int bytes = snprintf(body, sizeof body, "message %" PRIu64, started);
      if (rmq_message_set_body(message, body, (size_t)bytes, &error)) die("body", error);
      /* No destination: any queue of the topic. The token comes back with the event. */
      if (rmq_producer_send_async(producer, message, NULL, 0, 0, started, NULL, &error))
        die("send", error);
      ++started;
    }
    ended += take_events(events, &failed);
  }

  if (rmq_runtime_close(runtime, 0, &error)) die("close", error);
  rmq_message_destroy(message);
  rmq_producer_destroy(producer);
  rmq_runtime_destroy(runtime);
  rmq_config_destroy(options);
  rmq_config_destroy(config);
  return failed > 0;
}
