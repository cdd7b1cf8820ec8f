/*
 * Sends asynchronously with a window of messages in flight and prints one line of JSON: what a
 * message costs in CPU time and allocations, counted after a warm-up.
 *
 *   send_bench <host:port> <poll|callback|driven> <messages> [<in flight>] [<body bytes>] [any]
 *
 * With "any" the address is that of a NameServer, and messages go to any queue of the topic.
 */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <pthread.h>
#include <rocketmq_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "allocation_count.h"

enum { BATCH = 256 };

typedef struct {
  rmq_runtime_t* runtime;
  rmq_producer_t* producer;
  rmq_destination_t* destination;
  rmq_message_t* message;
  rmq_event_queue_t* events;
  long window;
  /* Of the callback door only. */
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  long done;
  long failed;
} bench_t;

static void check(int32_t code, const char* what, rmq_error_t* error) {
  if (code == RMQ_OK) return;
  fprintf(stderr, "%s: %s\n", what,
          error ? rmq_error_message(error) : rmq_name(RMQ_NAME_ERROR, code));
  exit(1);
}

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_s(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
         (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void send_one(bench_t* b, long token) {
  rmq_error_t* error = NULL;
  check(rmq_producer_send_async(b->producer, b->message, b->destination, 0, 10000, (uint64_t)token,
                                NULL, &error),
        "send", error);
}

static long take(bench_t* b, int64_t timeout_ms) {
  rmq_event_view_t views[BATCH];
  rmq_error_t* error = NULL;
  size_t taken = 0;
  check(rmq_event_queue_poll(b->events, timeout_ms, views, sizeof views[0], BATCH, &taken, &error),
        "poll", error);
  for (size_t i = 0; i < taken; ++i) b->failed += views[i].error_code != RMQ_OK;
  rmq_event_destroy_batch(views, sizeof views[0], taken);
  return (long)taken;
}

static void run_poll(bench_t* b, long count) {
  long sent = 0, done = 0;
  while (done < count) {
    for (; sent < count && sent - done < b->window; ++sent) send_one(b, sent);
    done += take(b, 1000);
  }
}

static void run_driven(bench_t* b, long count) {
  long sent = 0, done = 0;
  rmq_error_t* error = NULL;
  struct pollfd watched = {rmq_runtime_fd(b->runtime), POLLIN, 0};
  while (done < count) {
    for (; sent < count && sent - done < b->window; ++sent) send_one(b, sent);
    poll(&watched, 1, (int)rmq_runtime_timeout_ms(b->runtime));
    check(rmq_runtime_step(b->runtime, &error), "step", error);
    for (long taken = BATCH; taken == BATCH;) done += taken = take(b, 0);
  }
}

static int32_t on_event(rmq_event_view_t* event, void* user_data) {
  bench_t* b = user_data;
  pthread_mutex_lock(&b->mutex);
  ++b->done;
  b->failed += event->error_code != RMQ_OK;
  if (b->done % 64 == 0) pthread_cond_signal(&b->changed);
  pthread_mutex_unlock(&b->mutex);
  return RMQ_ANSWER_NONE;
}

static void run_callback(bench_t* b, long count) {
  count -= count % 64; /* the callback signals every 64 */
  b->done = 0;
  for (long sent = 0; sent < count;) {
    pthread_mutex_lock(&b->mutex);
    while (sent - b->done >= b->window) pthread_cond_wait(&b->changed, &b->mutex);
    const long room = b->window - (sent - b->done);
    pthread_mutex_unlock(&b->mutex);
    for (long i = 0; i < room && sent < count; ++i) send_one(b, sent++);
  }
  pthread_mutex_lock(&b->mutex);
  while (b->done < count) pthread_cond_wait(&b->changed, &b->mutex);
  pthread_mutex_unlock(&b->mutex);
}

int main(int argc, char** argv) {
  if (argc < 4)
    return fprintf(stderr,
                   "usage: send_bench <host:port> <poll|callback|driven> <messages> [<in flight>] "
                   "[<body bytes>] [any]\n"),
           2;
  const char* door = argv[2];
  const int by_route = argc > 6 && strcmp(argv[6], "any") == 0;
  const long count = atol(argv[3]);
  const size_t body_bytes = argc > 5 ? (size_t)atol(argv[5]) : 128;
  bench_t b = {.window = argc > 4 ? atol(argv[4]) : 1024,
               .mutex = PTHREAD_MUTEX_INITIALIZER,
               .changed = PTHREAD_COND_INITIALIZER};
  rmq_error_t* error = NULL;
  rmq_config_t* config = NULL;
  check(rmq_config_new(NULL, 0, &config, &error), "config", error);
  if (strcmp(door, "driven") == 0)
    check(rmq_config_set(config, "run_mode", SIZE_MAX, door, SIZE_MAX, &error), door, error);
  if (by_route)
    check(rmq_config_set(config, "namesrv_addr", SIZE_MAX, argv[1], SIZE_MAX, &error), argv[1],
          error);
  check(rmq_runtime_new(config, 0, NULL, &b.runtime, &error), "runtime", error);
  b.events = rmq_runtime_event_queue(b.runtime);
  if (strcmp(door, "callback") == 0)
    check(rmq_event_queue_set_callback(b.events, on_event, &b, 0, &error), door, error);
  check(rmq_runtime_start(b.runtime, &error), "start", error);
  rmq_config_destroy(config);
  check(rmq_config_new(NULL, 0, &config, &error), "config", error);
  check(rmq_config_set(config, "producer_group", SIZE_MAX, "send_bench", SIZE_MAX, &error), "group",
        error);
  check(rmq_config_set(config, "enable_message_compression", SIZE_MAX, "false", SIZE_MAX, &error),
        "compression", error);
  check(rmq_producer_new(b.runtime, config, NULL, 0, NULL, &b.producer, &error), "producer", error);
  check(rmq_producer_start(b.producer, &error), "start", error);
  rmq_config_destroy(config);
  if (!by_route)
    check(rmq_destination_new(argv[1], SIZE_MAX, NULL, 0, 0, &b.destination, &error), argv[1],
          error);
  check(rmq_message_new("bench_stub", SIZE_MAX, NULL, 0, NULL, 0, NULL, 0, &b.message, &error),
        "message", error);
  char* body = malloc(body_bytes);
  memset(body, 'b', body_bytes);
  check(rmq_message_set_body(b.message, body, body_bytes, &error), "body", error);
  free(body);

  void (*run)(bench_t*, long) = strcmp(door, "poll") == 0     ? run_poll
                                : strcmp(door, "driven") == 0 ? run_driven
                                                              : run_callback;
  run(&b, count / 10);
  const double started = now_s(), cpu = cpu_s();
  const unsigned long allocations = allocation_count();
  run(&b, count);
  const double seconds = now_s() - started;
  printf(
      "{\"door\":\"%s\",\"queue\":\"%s\",\"messages\":%ld,\"in_flight\":%ld,\"body_bytes\":%zu,"
      "\"failed\":%ld,"
      "\"rate\":%.0f,"
      "\"cpu_us_per_message\":%.3f,\"allocations_per_message\":%.3f}\n",
      door, by_route ? "any" : "named", count, b.window, body_bytes, b.failed,
      (double)count / seconds, (cpu_s() - cpu) * 1e6 / (double)count,
      (double)(allocation_count() - allocations) / (double)count);
  rmq_message_destroy(b.message);
  rmq_destination_destroy(b.destination);
  rmq_producer_destroy(b.producer);
  rmq_runtime_destroy(b.runtime);
  return b.failed != 0;
}
