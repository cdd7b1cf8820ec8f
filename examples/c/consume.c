/*
 * Consumes messages of a topic as a member of a group.
 *
 *   consume <namesrv host:port> <topic> <group> [<count>]
 *
 * Prints "consumed <message id> <body>" for every message, and ends after that many, or at Ctrl-C.
 * A message counts as consumed when its delivery is answered; one that is not comes again.
 * What keeps the consumer from working, such as a topic that does not exist, goes to the standard
 * error.
 */
#include <inttypes.h>
#include <rocketmq_c.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 64, SILENCE_MS = 60000 };

static rmq_event_queue_t* events;

/* The one function of the library that a signal handler may call. */
static void on_interrupt(int number) {
  (void)number;
  rmq_event_queue_interrupt(events);
}

static void die(const char* what, rmq_error_t* error) {
  fprintf(stderr, "%s: %s\n", what, error ? rmq_error_message(error) : "out of memory");
  exit(1);
}

static void set(rmq_config_t* config, const char* name, const char* value) {
  rmq_error_t* error = NULL;
  if (rmq_config_set(config, name, SIZE_MAX, value, SIZE_MAX, &error)) die(name, error);
}

/* Prints the messages of a delivery and answers it. Returns their number. */
static uint64_t consume(rmq_event_t* delivery) {
  rmq_message_view_t messages[BATCH];
  rmq_error_t* error = NULL;
  uint64_t count = 0;
  size_t shown;
  while ((shown = rmq_event_messages(delivery, count, messages, sizeof messages[0], BATCH)) > 0) {
    for (size_t i = 0; i < shown; ++i) {
      printf("consumed %s %.*s\n", messages[i].message_id, (int)messages[i].body_bytes,
             (const char*)messages[i].body);
    }
    count += shown;
  }
  if (rmq_event_answer(delivery, RMQ_ANSWER_SUCCESS, 0, &error)) {
    /* For example RMQ_ERROR_STALE: another member has the queue now, and will get these too. */
    fprintf(stderr, "answer: %s\n", rmq_error_message(error));
    rmq_error_destroy(error);
  }
  return count;
}

/* Prints what keeps the consumer from working. The library goes on trying, and says so again now
 * and then. */
static void complain(const rmq_error_t* error) {
  rmq_error_view_t view;
  if (rmq_error_view(error, &view, sizeof view)) return;
  fprintf(stderr, "%s: %s (%" PRIi64 " times) %s\n", view.name, view.message, view.count,
          view.hint);
}

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) {
    fprintf(stderr, "usage: %s <namesrv host:port> <topic> <group> [<count>]\n", argv[0]);
    fprintf(stderr, "without RocketMQ, start a broker for trying: rmq-testbroker --port 9876\n");
    return 2;
  }
  const uint64_t wanted = argc == 5 ? strtoull(argv[4], NULL, 10) : UINT64_MAX;
  rmq_error_t* error = NULL;

  rmq_config_t* config = NULL;
  rmq_runtime_t* runtime = NULL;
  if (rmq_config_new(NULL, 0, &config, &error)) die("config", error);
  if (rmq_config_load(config, RMQ_LOAD_ENVIRONMENT, NULL, 0, &error)) die("environment", error);
  set(config, "namesrv_addr", argv[1]);
  if (rmq_runtime_new(config, 0, NULL, &runtime, &error)) die("runtime", error);
  if (rmq_runtime_start(runtime, &error)) die("start", error);

  rmq_config_t* options = NULL;
  rmq_consumer_t* consumer = NULL;
  if (rmq_config_new(NULL, 0, &options, &error)) die("config", error);
  set(options, "consumer_group", argv[3]);
  set(options, "consume_from_where", "first"); /* where a group begins that is new */
  if (rmq_consumer_new(runtime, RMQ_CONSUMER_PUSH_CONCURRENT, options, NULL, NULL, NULL, 0, NULL,
                       &consumer, &error))
    die("consumer", error);
  if (rmq_consumer_subscribe(consumer, argv[2], SIZE_MAX, RMQ_EXPRESSION_TAG, "*", SIZE_MAX,
                             &error))
    die(argv[2], error);
  if (rmq_consumer_start(consumer, &error)) die("start", error);

  events = rmq_runtime_event_queue(runtime);
  signal(SIGINT, on_interrupt);
  uint64_t consumed = 0;
  while (consumed < wanted) {
    rmq_event_view_t event;
    size_t count = 0;
    const int64_t wait_ms = wanted == UINT64_MAX ? RMQ_WAIT_FOREVER : SILENCE_MS;
    const int32_t code =
        rmq_event_queue_poll(events, wait_ms, &event, sizeof event, 1, &count, &error);
    if (code == RMQ_ERROR_INTERRUPTED) {
      rmq_error_destroy(error);
      break;
    }
    if (code) die("poll", error);
    if (count == 0) {
      fprintf(stderr, "%" PRIu64 " of %" PRIu64 " messages, then nothing for %d s\n", consumed,
              wanted, SILENCE_MS / 1000);
      return 1;
    }
    if (event.event_type == RMQ_EVENT_DELIVERY) consumed += consume(event.event);
    if (event.event_type == RMQ_EVENT_ERROR) complain(event.error);
    rmq_event_destroy(event.event);
  }

  signal(SIGINT, SIG_DFL); /* the queue that the handler knows goes with the runtime */
  /* Stores the offsets and leaves the group, so that another member goes on at once. */
  if (rmq_consumer_close(consumer, 0, &error)) die("close", error);
  if (rmq_runtime_close(runtime, 0, &error)) die("close", error);
  rmq_consumer_destroy(consumer);
  rmq_runtime_destroy(runtime);
  rmq_config_destroy(options);
  rmq_config_destroy(config);
  return 0;
}
