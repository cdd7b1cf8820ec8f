/*
 * A broker stops reading a connection in the middle of a large frame. Prints a table: when the
 * large send ended and how, the longest delay of a small send and the longest gap between
 * heartbeats from the stall until some seconds after the end.
 *
 *   stalled_reader
 *
 * Heartbeats are due every 100 ms, small sends begin every 20 ms with a limit of 10 s.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <rocketmq_c.h>
#include <rocketmq_testbroker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LARGE = 1, SMALL = 1000, SMALLS_MAX = 4000, TICK_MS = 20, AFTER_TICKS = 100 };

typedef struct {
  const char* call;
  const char* body;
  size_t bytes;
  int brokers;
  int64_t limit_ms;
} case_t;

typedef struct {
  const case_t* what;
  rmq_testbroker_t* broker;
  rmq_runtime_t* runtime;
  rmq_producer_t* producer;
  rmq_message_t* large;
  rmq_message_t* small;
  double began;
  double ended; /* 0: not yet */
  char how[64];
  double small_at[SMALLS_MAX];
  double small_worst;
  double heartbeat_at;
  double heartbeat_worst;
  pthread_mutex_t mutex; /* guards ended and how, which a blocking call sets on its thread */
} show_t;

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(int32_t code, const char* what, rmq_error_t* error) {
  if (code == RMQ_OK) return;
  fprintf(stderr, "%s: %s\n", what,
          error ? rmq_error_message(error) : rmq_name(RMQ_NAME_ERROR, code));
  exit(1);
}

static void command(show_t* s, const char* line) {
  char reply[512];
  if (rmq_testbroker_command(s->broker, line, reply, sizeof reply, NULL) == RMQ_TESTBROKER_OK)
    return;
  fprintf(stderr, "%s: %s\n", line, reply);
  exit(1);
}

static void note_end(show_t* s, const rmq_error_t* error) {
  static const char* const outcomes[] = {"not applied", "maybe", "applied"};
  rmq_error_view_t view;
  const int32_t code = rmq_error_code(error);
  pthread_mutex_lock(&s->mutex);
  s->ended = now_s();
  snprintf(s->how, sizeof s->how, "stored");
  if (code != RMQ_OK && rmq_error_view(error, &view, sizeof view) == RMQ_OK) {
    snprintf(s->how, sizeof s->how, "%s, %s", rmq_name(RMQ_NAME_ERROR, code),
             outcomes[view.outcome % 3]);
  }
  pthread_mutex_unlock(&s->mutex);
}

static double end_of(show_t* s) {
  pthread_mutex_lock(&s->mutex);
  const double ended = s->ended;
  pthread_mutex_unlock(&s->mutex);
  return ended;
}

static void* send_blocking(void* user_data) {
  show_t* s = user_data;
  rmq_error_t* error = NULL;
  rmq_producer_send(s->producer, s->large, NULL, 0, s->what->limit_ms, NULL, &error);
  note_end(s, error);
  rmq_error_destroy(error);
  return NULL;
}

static void take_events(show_t* s) {
  rmq_event_view_t event;
  size_t count = 0;
  while (rmq_event_queue_poll(rmq_runtime_event_queue(s->runtime), 0, &event, sizeof event, 1,
                              &count, NULL) == RMQ_OK &&
         count == 1) {
    if (event.token == LARGE) {
      note_end(s, event.error);
    } else {
      const double took = now_s() - s->small_at[event.token - SMALL];
      if (took > s->small_worst) s->small_worst = took;
    }
    rmq_event_destroy(event.event);
  }
}

/* Each heartbeat makes a topic, which is taken away again when it is seen. */
static void look_for_heartbeat(show_t* s) {
  const double now = now_s();
  char reply[512];
  if (now - s->heartbeat_at > s->heartbeat_worst) s->heartbeat_worst = now - s->heartbeat_at;
  if (rmq_testbroker_command(s->broker, "topic queues beat 2", reply, sizeof reply, NULL) !=
      RMQ_TESTBROKER_OK) {
    return;
  }
  s->heartbeat_at = now;
  command(s, "topic remove beat");
}

static void set(rmq_config_t* config, const char* name, const char* value) {
  check(rmq_config_set(config, name, SIZE_MAX, value, SIZE_MAX, NULL), name, NULL);
}

static void start(show_t* s) {
  char text[128];
  char why[256];
  rmq_config_t* config;
  rmq_config_t* producer_config;
  rmq_error_t* error = NULL;
  snprintf(text, sizeof text, "brokers=%d topic=orders:1 separate_namesrv=true", s->what->brokers);
  s->broker = rmq_testbroker_start(text, why, sizeof why);
  if (!s->broker) {
    fprintf(stderr, "%s\n", why);
    exit(1);
  }
  check(rmq_config_new(NULL, 0, &config, NULL), "config", NULL);
  set(config, "namesrv_addr", rmq_testbroker_namesrv_addr(s->broker));
  set(config, "heartbeat_broker_interval", "100");
  check(rmq_runtime_new(config, 0, NULL, &s->runtime, &error), "runtime", error);
  check(rmq_runtime_start(s->runtime, &error), "start", error);
  check(rmq_config_new(NULL, 0, &producer_config, NULL), "config", NULL);
  set(producer_config, "producer_group", "show");
  set(producer_config, "max_message_size", "13000000");
  set(producer_config, "enable_message_compression", "false");
  check(rmq_producer_new(s->runtime, producer_config, NULL, 0, NULL, &s->producer, &error),
        "producer", error);
  check(rmq_producer_start(s->producer, &error), "start", error);
  rmq_config_destroy(producer_config);
  rmq_config_destroy(config);
  check(rmq_message_new("orders", SIZE_MAX, NULL, 0, NULL, 0, NULL, 0, &s->small, NULL), "message",
        NULL);
  check(rmq_message_set_body(s->small, "small", SIZE_MAX, NULL), "body", NULL);
  for (int i = 0; i < 2 * s->what->brokers; ++i) {
    check(rmq_producer_send(s->producer, s->small, NULL, 0, 10000, NULL, &error), "warm up", error);
  }
}

/* Whether a small send went to broker-a; by turns each broker gets one. */
static int goes_to_a(show_t* s) {
  rmq_event_t* event = NULL;
  rmq_send_result_view_t result;
  int is_a = 0;
  if (rmq_producer_send(s->producer, s->small, NULL, 0, 10000, &event, NULL) == RMQ_OK &&
      rmq_event_send_result(event, &result, sizeof result) == RMQ_OK) {
    is_a = strcmp(result.broker_name, "broker-a") == 0;
  }
  rmq_event_destroy(event);
  return is_a;
}

static void stall(show_t* s) {
  command(s, "fault broker-a HEART_BEAT run=\"topic put beat 1 6 broker-a\"");
  command(s, "fault broker-a SEND_MESSAGE_V2 nth=1 stall=300s");
  /* Its connection is not read from then on. */
  while (!goes_to_a(s)) {
  }
  /* So that the large one is broker-a's. */
  for (int i = 1; i < s->what->brokers; ++i) goes_to_a(s);
  s->began = s->heartbeat_at = now_s();
}

static void run(const case_t* what) {
  show_t* s = calloc(1, sizeof *s);
  char* bytes = malloc(what->bytes);
  pthread_t thread;
  const int is_blocking = strcmp(what->call, "blocking") == 0;
  s->what = what;
  pthread_mutex_init(&s->mutex, NULL);
  memset(bytes, 'x', what->bytes);
  start(s);
  check(rmq_message_new("orders", SIZE_MAX, NULL, 0, NULL, 0, NULL, 0, &s->large, NULL), "message",
        NULL);
  check((strcmp(what->body, "pinned") == 0 ? rmq_message_set_body_pinned : rmq_message_set_body)(
            s->large, bytes, what->bytes, NULL),
        "body", NULL);
  stall(s);
  if (is_blocking) {
    const struct timespec head_start = {0, 50 * 1000000L}; /* so that the large one is the first */
    pthread_create(&thread, NULL, send_blocking, s);
    nanosleep(&head_start, NULL);
  } else {
    check(
        rmq_producer_send_async(s->producer, s->large, NULL, 0, what->limit_ms, LARGE, NULL, NULL),
        "send", NULL);
  }
  int sent = 0;
  int ticks_after = 0;
  for (int tick = 0; ticks_after < AFTER_TICKS && sent < SMALLS_MAX; ++tick) {
    const struct timespec pause = {0, TICK_MS / 4 * 1000000L};
    s->small_at[sent] = now_s();
    if (rmq_producer_send_async(s->producer, s->small, NULL, 0, 10000, (uint64_t)(SMALL + sent),
                                NULL, NULL) == RMQ_OK) {
      ++sent;
    }
    for (int i = 0; i < 4; ++i) {
      nanosleep(&pause, NULL);
      take_events(s);
      look_for_heartbeat(s);
    }
    if (end_of(s) > 0) ++ticks_after;
  }
  if (is_blocking) pthread_join(thread, NULL);
  printf("| %zu KiB | %s | %s | %d | %.1f s | %.2f s | %s | %.2f s | %.2f s |\n", what->bytes >> 10,
         what->call, what->body, what->brokers, (double)what->limit_ms / 1000, s->ended - s->began,
         s->how, s->small_worst, s->heartbeat_worst);
  fflush(stdout);
  rmq_producer_destroy(s->producer);
  rmq_runtime_destroy(s->runtime);
  rmq_testbroker_destroy(s->broker);
  rmq_message_destroy(s->large);
  rmq_message_destroy(s->small);
  free(bytes);
  free(s);
}

int main(void) {
  static const char* const calls[] = {"blocking", "async"};
  static const char* const bodies[] = {"pinned", "copied"};
  static const size_t sizes[] = {4u << 20, 12u << 20};
  puts(
      "| frame | call | body | brokers | limit | ended after | as | longest small send | longest "
      "heartbeat gap |");
  puts("|---|---|---|---|---|---|---|---|---|");
  for (int i = 0; i < 16; ++i) {
    const int brokers = 1 + (i & 1);
    const case_t what = {calls[i >> 1 & 1], bodies[i >> 2 & 1], sizes[i >> 3 & 1] - 1024, brokers,
                         brokers == 1 ? 1000 : 3000};
    run(&what);
  }
  return 0;
}
