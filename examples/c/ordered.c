/*
 * Sends the events of some orders so that those of one order stay in their order.
 *
 *   ordered <namesrv host:port> <topic> <orders>
 *
 * The order's number is the sharding key. All messages with one key go to one queue, one after the
 * other, and a consumer that takes each queue in order sees them so. Prints "<order> <step> <queue
 * id>" for every stored message; exits with 1 when one is not.
 */
#include <rocketmq_c.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 4, BATCH = 64 };
static const char* const kSteps[STEPS] = {"placed", "paid", "packed", "shipped"};

static void die(const char* what, rmq_error_t* error) {
  fprintf(stderr, "%s: %s\n", what, error ? rmq_error_message(error) : "out of memory");
  exit(1);
}

/* Takes what has ended, waiting for the first, and returns how many that were. */
static size_t take_events(rmq_event_queue_t* events, size_t* failed) {
  rmq_event_view_t views[BATCH];
  rmq_error_t* error = NULL;
  size_t taken = 0;
  if (rmq_event_queue_poll(events, RMQ_WAIT_FOREVER, views, sizeof views[0], BATCH, &taken, &error))
    die("poll", error);
  for (size_t i = 0; i < taken; ++i) {
    if (views[i].error_code == RMQ_OK) {
      printf("%d %s %d\n", (int)(views[i].token / STEPS), kSteps[views[i].token % STEPS],
             (int)views[i].queue_id);
    } else {
      /* It is left out: what stood behind it was sent all the same. */
      fprintf(stderr, "%s\n", views[i].error_message);
      ++*failed;
    }
  }
  rmq_event_destroy_batch(views, sizeof views[0], taken);
  return taken;
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s <namesrv host:port> <topic> <orders>\n", argv[0]);
    return 2;
  }
  const int orders = atoi(argv[3]);
  rmq_error_t* error = NULL;
  rmq_config_t* config = NULL;
  rmq_runtime_t* runtime = NULL;
  rmq_producer_t* producer = NULL;
  if (rmq_config_new(NULL, 0, &config, &error)) die("config", error);
  if (rmq_config_set(config, "namesrv_addr", SIZE_MAX, argv[1], SIZE_MAX, &error))
    die("namesrv_addr", error);
  if (rmq_config_set(config, "producer_group", SIZE_MAX, "example_ordered", SIZE_MAX, &error))
    die("group", error);
  if (rmq_runtime_new(config, 0, NULL, &runtime, &error)) die("runtime", error);
  if (rmq_runtime_start(runtime, &error)) die("start", error);
  if (rmq_producer_new(runtime, NULL, NULL, 0, NULL, &producer, &error)) die("producer", error);
  if (rmq_producer_start(producer, &error)) die("start", error);

  rmq_destination_t* by_key = NULL;
  if (rmq_destination_new_selected(RMQ_SELECTOR_HASH_OF_SHARDING_KEY, NULL, NULL, &by_key, &error))
    die("destination", error);
  rmq_event_queue_t* events = rmq_runtime_event_queue(runtime);
  size_t started = 0, ended = 0, failed = 0;
  for (int step = 0; step < STEPS; ++step) {
    for (int order = 0; order < orders; ++order) {
      char key[16];
      rmq_message_t* message = NULL;
      snprintf(key, sizeof key, "%d", order);
      if (rmq_message_new(argv[2], SIZE_MAX, kSteps[step], SIZE_MAX, NULL, 0, key, SIZE_MAX,
                          &message, &error))
        die("message", error);
      if (rmq_message_set_text(message, RMQ_FIELD_SHARDING_KEY, key, SIZE_MAX, &error))
        die("sharding key", error);
      const uint64_t token = (uint64_t)order * STEPS + (uint64_t)step;
      /* Time enough for the ones before it, and for a broker that restarts. */
      int32_t code;
      while ((code = rmq_producer_send_async(producer, message, by_key, RMQ_FLAG_ORDERED, 60000,
                                             token, NULL, &error)) == RMQ_ERROR_QUEUE_FULL) {
        rmq_error_destroy(error);
        ended += take_events(events, &failed);
      }
      if (code != RMQ_OK) die("send", error);
      ++started;
      rmq_message_destroy(message);
    }
  }
  while (ended < started) ended += take_events(events, &failed);

  if (rmq_runtime_close(runtime, 0, &error)) die("close", error);
  rmq_destination_destroy(by_key);
  rmq_producer_destroy(producer);
  rmq_runtime_destroy(runtime);
  rmq_config_destroy(config);
  return failed > 0;
}
