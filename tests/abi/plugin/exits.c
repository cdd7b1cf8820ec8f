/*
 * A program that ends while the library works. Its exit code is 0 when it comes to its end.
 *
 *   exits polling <name server>   exit() while another thread polls
 *   exits callback <name server>  exit() inside an event callback
 *   exits destroy <name server>   everything is closed and destroyed inside a callback, then exit()
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <rocketmq_c.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 30000 };

static rmq_runtime_t* runtime;
static rmq_event_queue_t* queue;
static rmq_producer_t* producer;
static pthread_barrier_t polls;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int is_destroyed;

static void must(int32_t code, const char* what) {
  if (code == RMQ_OK) return;
  fprintf(stderr, "%s: %s\n", what, rmq_name(RMQ_NAME_ERROR, code));
  _Exit(2);
}

static rmq_config_t* make_config(const char* name, const char* value) {
  rmq_config_t* config = NULL;
  must(rmq_config_new(NULL, 0, &config, NULL), "config_new");
  must(rmq_config_set(config, name, SIZE_MAX, value, SIZE_MAX, NULL), name);
  return config;
}

static void send_one(void) {
  rmq_message_t* message = NULL;
  must(rmq_message_new("plugin", SIZE_MAX, NULL, 0, NULL, 0, NULL, 0, &message, NULL),
       "message_new");
  must(rmq_message_set_body(message, "x", 1, NULL), "set_body");
  must(rmq_producer_send_async(producer, message, NULL, 0, WAIT_MS, 1, NULL, NULL), "send");
  rmq_message_destroy(message);
}

/* Polls for what never comes: the barrier is passed once the first event has been taken. */
static void* poll_for_ever(void* unused) {
  rmq_event_view_t view;
  size_t count = 0;
  (void)unused;
  must(rmq_event_queue_poll(queue, WAIT_MS, &view, sizeof view, 1, &count, NULL), "poll");
  rmq_event_destroy_batch(&view, sizeof view, count);
  pthread_barrier_wait(&polls);
  rmq_event_queue_poll(queue, RMQ_WAIT_FOREVER, &view, sizeof view, 1, &count, NULL);
  return NULL;
}

static int32_t exit_in_callback(rmq_event_view_t* event, void* user_data) {
  (void)event;
  (void)user_data;
  exit(0);
}

static int32_t destroy_in_callback(rmq_event_view_t* event, void* user_data) {
  (void)event;
  (void)user_data;
  rmq_producer_close(producer, 0, NULL);
  rmq_runtime_close(runtime, 0, NULL);
  rmq_producer_destroy(producer);
  rmq_event_queue_destroy(queue);
  rmq_runtime_destroy(runtime);
  pthread_mutex_lock(&lock);
  is_destroyed = 1;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int is_polling = strcmp(argv[1], "polling") == 0;
  const int exits = strcmp(argv[1], "callback") == 0;
  rmq_config_t* config = make_config("namesrv_addr", argv[2]);
  must(rmq_runtime_new(config, 0, NULL, &runtime, NULL), "runtime_new");
  rmq_config_destroy(config);
  must(rmq_event_queue_new(runtime, &queue, NULL), "event_queue_new");
  if (!is_polling) {
    must(rmq_event_queue_set_callback(queue, exits ? exit_in_callback : destroy_in_callback, NULL,
                                      0, NULL),
         "set_callback");
  }
  must(rmq_runtime_start(runtime, NULL), "runtime_start");
  config = make_config("producer_group", "exits");
  must(rmq_producer_new(runtime, config, queue, 0, NULL, &producer, NULL), "producer_new");
  rmq_config_destroy(config);
  must(rmq_producer_start(producer, NULL), "producer_start");
  if (is_polling) {
    pthread_t thread;
    pthread_barrier_init(&polls, NULL, 2);
    if (pthread_create(&thread, NULL, poll_for_ever, NULL) != 0) return 2;
    send_one();
    pthread_barrier_wait(&polls);
    exit(0);
  }
  send_one();
  pthread_mutex_lock(&lock);
  while (!is_destroyed) pthread_cond_wait(&changed, &lock); /* exit() in the callback ends this */
  pthread_mutex_unlock(&lock);
  return 0;
}
