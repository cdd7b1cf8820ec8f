/* A push consumer: a backlog or a stream, the time from a send to its delivery, and idleness. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "measure.h"
#include "settings.h"
#include "workloads.h"

enum { EVENTS = 64, MESSAGES = 2048, GUARD_S = 120 };

static atomic_long consumed;
static _Atomic int64_t first_ns;
static atomic_int measures;
static durations_t deliveries; /* of e2e, on the one thread that takes events */

/* As a program would: looks at the id, a property and the body. */
static void look_at(const rmq_message_view_t* message) {
  static volatile long seen;
  size_t bytes;
  const char* key = rmq_message_property(message->message, "UNIQ_KEY", 8, &bytes);
  seen += ((const char*)message->body)[0] + message->message_id[0] + (key ? key[0] : 0);
  long sent_ns = 0;
  char head[32] = {0};
  memcpy(head, message->body, message->body_bytes < 31 ? message->body_bytes : 31);
  if (measures && sscanf(head, "T%ld;", &sent_ns) == 1 && sent_ns > 0)
    add_duration(&deliveries, now_ns() - sent_ns);
}

static void count_consumed(long messages) {
  if (atomic_fetch_add(&consumed, messages) == 0) first_ns = now_ns();
}

static int32_t on_event(rmq_event_view_t* event, void* user_data) {
  (void)user_data;
  if (event->event_type != RMQ_EVENT_DELIVERY) return RMQ_ANSWER_NONE;
  rmq_message_view_t message;
  for (size_t i = 0; rmq_event_messages(event->event, i, &message, sizeof message, 1) == 1; ++i)
    look_at(&message);
  count_consumed(event->count);
  return RMQ_ANSWER_SUCCESS;
}

/* Many deliveries in three calls. */
static void take_deliveries(void) {
  static rmq_event_view_t views[EVENTS];
  static rmq_message_view_t messages[MESSAGES];
  static int32_t answers[EVENTS];
  rmq_error_t* error = NULL;
  size_t count = 0, shown = 0;
  insist(
      rmq_event_queue_poll_messages(events(), poll_ms(1000), views, sizeof views[0], EVENTS, &count,
                                    messages, sizeof messages[0], MESSAGES, &shown, &error),
      "poll", error);
  for (size_t i = 0; i < shown; ++i) look_at(&messages[i]);
  for (size_t i = 0; i < count; ++i)
    answers[i] = views[i].event_type == RMQ_EVENT_DELIVERY ? RMQ_ANSWER_SUCCESS : RMQ_ANSWER_NONE;
  if (rmq_event_answer_batch(views, sizeof views[0], count, answers, &error)) tell("answer", error);
  rmq_event_destroy_batch(views, sizeof views[0], count);
  count_consumed((long)shown);
}

static void* take_for_ever(void* argument) {
  for (;;) {
    step_if_driven(100);
    take_deliveries();
  }
  return argument;
}

static void start_consuming(void) {
  start_consumer();
  pthread_t thread;
  if (settings.door != DOOR_CALLBACK) pthread_create(&thread, NULL, take_for_ever, NULL);
}

void run_push(void) {
  const moment_t start = now();
  start_runtime(on_event);
  start_consuming();
  moment_t from = start;
  long before = 0, errors = 0;
  if (settings.count > 0) {
    while (consumed < settings.count && now_ns() - start.time_ns < (int64_t)GUARD_S * 1000000000)
      sleep_s(0.001);
    errors = consumed < settings.count;
  } else {
    sleep_s(settings.warm_s);
    from = now();
    before = consumed;
    sleep_s(settings.measured_s);
  }
  const moment_t to = now();
  char more[128];
  snprintf(more, sizeof more, ",\"first_ms\":%.1f,\"cpu_total_s\":%.2f",
           (double)(first_ns - start.time_ns) / 1e6, cpu_s());
  print_line(from, to, consumed - before, errors, more);
}

/* A producer and a consumer in one process; each message carries the time of its send. */
void run_e2e(void) {
  const long warm = (long)(settings.warm_s * settings.rate);
  const long all = warm + (long)(settings.measured_s * settings.rate);
  deliveries = make_durations((size_t)all);
  durations_t sends = make_durations((size_t)all);
  start_runtime(on_event);
  start_producer();
  send_first();
  start_consuming();
  sleep_s(2);
  moment_t from = now();
  int64_t due = now_ns();
  long errors = 0;
  for (long i = 0; i < all; ++i) {
    if (i == warm) {
      sleep_s(0.2);
      measures = 1;
      from = now();
      due = now_ns();
    }
    char* body = make_body((size_t)settings.body_bytes);
    const int64_t started = now_ns();
    const int head =
        snprintf(body, (size_t)settings.body_bytes, "T%ld;", i < warm ? 0L : (long)started);
    body[head] = 'x';
    errors += send_waiting(body, (size_t)settings.body_bytes) != RMQ_OK;
    free(body);
    if (i >= warm) add_duration(&sends, now_ns() - started);
    due += 1000000000 / settings.rate;
    sleep_s((double)(due - now_ns()) / 1e9);
  }
  sleep_s(1);
  const moment_t to = now();
  measures = 0;
  const long missing = (long)sends.count - (long)deliveries.count;
  char of_deliveries[256], of_sends[256], more[512];
  print_percentiles(&deliveries, "", of_deliveries, sizeof of_deliveries);
  print_percentiles(&sends, "send_", of_sends, sizeof of_sends);
  snprintf(more, sizeof more, "%s%s", of_deliveries, of_sends);
  print_line(from, to, (long)sends.count, errors + missing, more);
}

void run_idle(void) {
  start_runtime(on_event);
  start_consuming();
  sleep_s(settings.warm_s);
  const moment_t from = now();
  sleep_s(settings.measured_s);
  const moment_t to = now();
  char more[64];
  snprintf(more, sizeof more, ",\"cpu_pct\":%.3f",
           100 * (to.cpu_s - from.cpu_s) / ((double)(to.time_ns - from.time_ns) / 1e9));
  print_line(from, to, 0, 0, more);
}
