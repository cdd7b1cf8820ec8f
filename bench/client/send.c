/* Blocking sends on threads, asynchronous ones with a window, one-way ones, and a start. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "measure.h"
#include "settings.h"
#include "workloads.h"

enum { BATCH = 256, DURATIONS_MAX = 4000000 };
enum { WARMING, MEASURED, OVER };

static char* body;
static atomic_int phase;
static atomic_long stored, failed;

static void sleep_through_phases(moment_t* from, moment_t* to) {
  sleep_s(settings.warm_s);
  *from = now();
  phase = MEASURED;
  sleep_s(settings.measured_s);
  phase = OVER;
  *to = now();
}

/* ---- blocking ------------------------------------------------------------------------------- */

static void* send_in_turn(void* argument) {
  durations_t* durations = argument;
  while (phase != OVER) {
    const int64_t started = now_ns();
    if (send_waiting(body, (size_t)settings.body_bytes) != RMQ_OK) {
      ++failed;
    } else if (phase == MEASURED) {
      add_duration(durations, now_ns() - started);
    }
  }
  return NULL;
}

void run_sync(void) {
  body = make_body((size_t)settings.body_bytes);
  start_runtime(NULL);
  start_producer();
  send_first();
  pthread_t threads[THREADS_MAX];
  durations_t of_threads[THREADS_MAX];
  for (int i = 0; i < settings.threads; ++i) {
    of_threads[i] = make_durations((size_t)(DURATIONS_MAX / settings.threads));
    pthread_create(&threads[i], NULL, send_in_turn, &of_threads[i]);
  }
  moment_t from, to;
  sleep_through_phases(&from, &to);
  durations_t all = make_durations(DURATIONS_MAX);
  for (int i = 0; i < settings.threads; ++i) {
    pthread_join(threads[i], NULL);
    add_durations(&all, &of_threads[i]);
  }
  char more[256];
  print_percentiles(&all, "", more, sizeof more);
  print_line(from, to, (long)all.count, failed, more);
}

/* ---- asynchronous --------------------------------------------------------------------------- */

static sem_t room; /* of the callback door */

static void count_end(int32_t code) {
  if (code == RMQ_OK) {
    ++stored;
  } else {
    ++failed;
  }
}

static int32_t on_end(rmq_event_view_t* event, void* user_data) {
  (void)user_data;
  count_end(event->error_code);
  sem_post(&room);
  return RMQ_ANSWER_NONE;
}

static void send_one(void) {
  if (send_without_waiting(body, (size_t)settings.body_bytes, 0) != RMQ_OK) ++failed;
}

static long take_ends(void) {
  rmq_error_t* error = NULL;
  rmq_event_view_t views[BATCH];
  size_t count = 0;
  insist(
      rmq_event_queue_poll(events(), poll_ms(100), views, sizeof views[0], BATCH, &count, &error),
      "poll", error);
  for (size_t i = 0; i < count; ++i) count_end(views[i].error_code);
  rmq_event_destroy_batch(views, sizeof views[0], count);
  return (long)count;
}

/* One thread sends and takes the events. */
static void* send_with_window(void* argument) {
  for (long under_way = 0; phase != OVER;) {
    if (settings.door == DOOR_CALLBACK) {
      sem_wait(&room);
      send_one();
      continue;
    }
    for (; under_way < settings.in_flight; ++under_way) send_one();
    step_if_driven(10);
    under_way -= take_ends();
  }
  return argument;
}

static void* send_oneway(void* argument) {
  while (phase != OVER) {
    if (send_without_waiting(body, (size_t)settings.body_bytes,
                             RMQ_FLAG_ONEWAY | RMQ_FLAG_SILENT) == RMQ_OK) {
      ++stored;
    } else {
      ++failed;
    }
  }
  return argument;
}

static void run_flow(void* (*send)(void*), rmq_event_fn callback) {
  body = make_body((size_t)settings.body_bytes);
  start_runtime(callback);
  start_producer();
  send_first();
  sem_init(&room, 0, (unsigned)settings.in_flight);
  pthread_t threads[THREADS_MAX];
  for (int i = 0; i < settings.threads; ++i) pthread_create(&threads[i], NULL, send, NULL);
  sleep_s(settings.warm_s);
  const moment_t from = now();
  const long stored_before = stored, failed_before = failed;
  sleep_s(settings.measured_s);
  const moment_t to = now();
  print_line(from, to, stored - stored_before, failed - failed_before, "");
  phase = OVER;
}

void run_async(void) { run_flow(send_with_window, on_end); }
void run_oneway(void) { run_flow(send_oneway, NULL); }

/* ---- start ---------------------------------------------------------------------------------- */

/* T0 is the wall clock at which the process was asked for, in nanoseconds. */
void run_startup(void) {
  const moment_t from = now();
  start_runtime(NULL);
  start_producer();
  send_first();
  struct timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  const int64_t started_ns = atoll(text_setting("T0", "0"));
  char more[128];
  snprintf(more, sizeof more, ",\"startup_ms\":%.1f,\"cpu_total_s\":%.3f",
           (double)((int64_t)wall.tv_sec * 1000000000 + wall.tv_nsec - started_ns) / 1e6, cpu_s());
  print_line(from, now(), 1, 0, more);
}
