/*
 * Sends messages from a program that has one thread and an event loop of its own: the library makes
 * no thread, the loop is poll(2), and the same loop could watch any other descriptor of the
 * program.
 *
 *   driven <host:port> <topic> <count> [<properties file>]
 *
 * The file may hold any options, for example tls_enable = true and tls_ca_file = ca.pem. A send
 * that failed is sent again, so that the program goes on through a restart of the broker; it gives
 * up after 60 s without any success.
 */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <rocketmq_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { IN_FLIGHT_MAX = 256, BODY_BYTES = 8192, GIVE_UP_S = 60, BATCH = 64, PAUSE_MS = 20 };

static void die(const char* what, rmq_error_t* error) {
  fprintf(stderr, "%s: %s\n", what, error ? rmq_error_message(error) : "out of memory");
  exit(1);
}

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int min_timeout(int64_t runtime_ms, int own_ms) {
  if (own_ms < 0) return (int)runtime_ms;
  return runtime_ms < 0 || runtime_ms > own_ms ? own_ms : (int)runtime_ms;
}

/* One turn of the program's loop: sleep until something is ready, let the library work. own_ms is
 * the program's own timer. */
static void turn(rmq_runtime_t* runtime, int own_ms) {
  rmq_error_t* error = NULL;
  struct pollfd watched = {.fd = rmq_runtime_fd(runtime), .events = POLLIN};
  poll(&watched, 1, min_timeout(rmq_runtime_timeout_ms(runtime), own_ms));
  if (rmq_runtime_step(runtime, &error) != RMQ_OK) die("step", error);
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s <host:port> <topic> <count> [<properties file>]\n", argv[0]);
    return 2;
  }
  const uint64_t count = strtoull(argv[3], NULL, 10);
  rmq_error_t* error = NULL;
  rmq_config_t* config = NULL;
  rmq_runtime_t* runtime = NULL;
  rmq_producer_t* producer = NULL;
  rmq_destination_t* destination = NULL;
  rmq_message_t* message = NULL;

  if (rmq_config_new(NULL, 0, &config, &error)) die("config", error);
  if (rmq_config_load(config, RMQ_LOAD_ENVIRONMENT, NULL, 0, &error)) die("environment", error);
  if (argc > 4 && rmq_config_load(config, RMQ_LOAD_FILE, argv[4], SIZE_MAX, &error))
    die(argv[4], error);
  if (rmq_config_set(config, "run_mode", SIZE_MAX, "driven", SIZE_MAX, &error))
    die("run_mode", error);
  if (rmq_runtime_new(config, 0, NULL, &runtime, &error)) die("runtime", error);
  if (rmq_runtime_start(runtime, &error)) die("start", error);

  rmq_config_t* options = NULL;
  if (rmq_config_new(NULL, 0, &options, &error)) die("config", error);
  if (rmq_config_set(options, "producer_group", SIZE_MAX, "driven_example", SIZE_MAX, &error))
    die("group", error);
  if (rmq_producer_new(runtime, options, NULL, 0, NULL, &producer, &error)) die("producer", error);
  if (rmq_producer_start(producer, &error)) die("start", error);
  if (rmq_destination_new(argv[1], SIZE_MAX, NULL, 0, 0, &destination, &error)) die(argv[1], error);
  if (rmq_message_new(argv[2], SIZE_MAX, NULL, 0, NULL, 0, NULL, 0, &message, &error))
    die(argv[2], error);
  char body[BODY_BYTES]; /* large enough to be compressed (zlib by default) */
  memset(body, 'm', sizeof body);
  if (rmq_message_set_body(message, body, sizeof body, &error)) die("body", error);

  uint64_t stored = 0, failed = 0, pending = 0;
  double last_success = now_s();
  rmq_event_queue_t* events = rmq_runtime_event_queue(runtime);
  int paused = 0;
  while (stored < count) {
    while (!paused && pending < IN_FLIGHT_MAX && stored + pending < count) {
      if (rmq_producer_send_async(producer, message, destination, 0, 0, stored + pending, NULL,
                                  &error))
        die("send", error);
      ++pending;
    }
    /* After a failure a short pause of our own, or the refused sends would come round as fast as
     * they fail. */
    turn(runtime, paused ? PAUSE_MS : -1);
    paused = 0;

    rmq_event_view_t views[BATCH];
    size_t taken = 0;
    do {
      if (rmq_event_queue_poll(events, 0, views, sizeof views[0], BATCH, &taken, &error))
        die("poll", error);
      for (size_t i = 0; i < taken; ++i) {
        if (views[i].event_type != RMQ_EVENT_SEND) continue;
        --pending;
        if (views[i].error_code == RMQ_OK) {
          ++stored;
          last_success = now_s();
        } else {
          if (failed++ == 0) fprintf(stderr, "first failure: %s\n", views[i].error_message);
          paused = 1;
        }
      }
      rmq_event_destroy_batch(views, sizeof views[0], taken);
    } while (taken == BATCH);
    if (now_s() - last_success > GIVE_UP_S) {
      fprintf(stderr, "no success for %d s\n", GIVE_UP_S);
      return 1;
    }
  }
  rmq_runtime_view_t shown;
  if (rmq_runtime_view(runtime, &shown, sizeof shown)) die("view", NULL);
  printf("stored %llu, failed and sent again %llu, library threads %d\n",
         (unsigned long long)stored, (unsigned long long)failed, (int)shown.threads);

  if (rmq_runtime_close_async(runtime, 0, 0, NULL, &error)) die("close", error);
  while (rmq_runtime_fd(runtime) >= 0) turn(runtime, -1);
  rmq_message_destroy(message);
  rmq_destination_destroy(destination);
  rmq_producer_destroy(producer);
  rmq_config_destroy(options);
  rmq_config_destroy(config);
  rmq_runtime_destroy(runtime);
  return 0;
}
