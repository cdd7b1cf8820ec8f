/* How long one pull answer holds up other traffic: eight bodies of 30 MB of zeros, which are
 * compressed to little and come in one answer, beside small sends of another thread. Prints the
 * slowest send before and meanwhile. */
#include <pthread.h>
#include <rocketmq_c.h>
#include <rocketmq_testbroker.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { BODIES = 8, BODY_BYTES = 30000000 };

static rmq_producer_t* producer;
static rmq_message_t* small;
static atomic_int stop;
static _Atomic double slowest_ms;

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void check(int32_t code, const char* what) {
  if (code == RMQ_OK) return;
  fprintf(stderr, "%s: error %d\n", what, (int)code);
  exit(1);
}

static void* send_small(void* unused) {
  (void)unused;
  while (!stop) {
    const double begin = now_ms();
    check(rmq_producer_send(producer, small, NULL, 0, 3000, NULL, NULL), "a small send");
    const double took = now_ms() - begin;
    if (took > slowest_ms) slowest_ms = took;
    usleep(2000);
  }
  return NULL;
}

static rmq_config_t* make_config(const char* name, const char* value) {
  rmq_config_t* config = NULL;
  check(rmq_config_new(NULL, 0, &config, NULL), "a config");
  check(rmq_config_set(config, name, SIZE_MAX, value, SIZE_MAX, NULL), name);
  return config;
}

static void store_large(void) {
  rmq_message_t* large = NULL;
  void* body = calloc(1, BODY_BYTES);
  check(rmq_message_new("large", SIZE_MAX, NULL, 0, NULL, 0, NULL, 0, &large, NULL), "a message");
  check(rmq_message_set_body(large, body, BODY_BYTES, NULL), "a body");
  for (int i = 0; i < BODIES; ++i)
    check(rmq_producer_send(producer, large, NULL, 0, 10000, NULL, NULL), "a large send");
  rmq_message_destroy(large);
  free(body);
}

static void consume(rmq_runtime_t* runtime) {
  int taken = 0;
  while (taken < BODIES) {
    rmq_event_view_t event;
    size_t count = 0;
    check(rmq_event_queue_poll(rmq_runtime_event_queue(runtime), 30000, &event, sizeof event, 1,
                               &count, NULL),
          "a poll");
    if (count == 0) break;
    if (event.event_type == RMQ_EVENT_DELIVERY) {
      ++taken;
      check(rmq_event_answer(event.event, RMQ_ANSWER_SUCCESS, 0, NULL), "an answer");
    }
    rmq_event_destroy(event.event);
  }
  usleep(200000);
  printf("%d of %d bodies came\n", taken, BODIES);
}

int main(void) {
  char why[256];
  rmq_testbroker_t* broker = rmq_testbroker_start("topic=large:1 topic=small:1", why, sizeof why);
  rmq_runtime_t* runtime = NULL;
  rmq_consumer_t* consumer = NULL;
  pthread_t thread;
  rmq_config_t* config = make_config("namesrv_addr", rmq_testbroker_namesrv_addr(broker));
  check(rmq_runtime_new(config, 0, NULL, &runtime, NULL), "a runtime");
  check(rmq_runtime_start(runtime, NULL), "its start");

  rmq_config_t* options = make_config("producer_group", "senders");
  check(rmq_config_set(options, "max_message_size", SIZE_MAX, "40000000", SIZE_MAX, NULL),
        "max_message_size");
  check(rmq_producer_new(runtime, options, NULL, 0, NULL, &producer, NULL), "a producer");
  check(rmq_producer_start(producer, NULL), "its start");
  store_large();
  check(rmq_message_new("small", SIZE_MAX, NULL, 0, NULL, 0, NULL, 0, &small, NULL), "a message");
  check(rmq_message_set_body(small, "x", 1, NULL), "a body");

  pthread_create(&thread, NULL, send_small, NULL);
  usleep(1000000);
  printf("slowest send before: %.1f ms\n", slowest_ms);
  slowest_ms = 0;
  rmq_config_t* group = make_config("consumer_group", "readers");
  check(rmq_config_set(group, "consume_from_where", SIZE_MAX, "first", SIZE_MAX, NULL),
        "consume_from_where");
  check(rmq_consumer_new(runtime, RMQ_CONSUMER_PUSH_CONCURRENT, group, NULL, NULL, NULL, 7, NULL,
                         &consumer, NULL),
        "a consumer");
  check(rmq_consumer_subscribe(consumer, "large", SIZE_MAX, RMQ_EXPRESSION_TAG, NULL, 0, NULL),
        "a subscription");
  check(rmq_consumer_start(consumer, NULL), "its start");
  consume(runtime);
  stop = 1;
  pthread_join(thread, NULL);
  printf("slowest send meanwhile: %.1f ms\n", slowest_ms);

  rmq_consumer_destroy(consumer);
  rmq_producer_destroy(producer);
  rmq_runtime_destroy(runtime);
  rmq_message_destroy(small);
  rmq_config_destroy(group);
  rmq_config_destroy(options);
  rmq_config_destroy(config);
  rmq_testbroker_destroy(broker);
  return 0;
}
