/*
 * Sends two messages that are to be delivered later, and takes the second one back.
 *
 *   timed_message <namesrv host:port> <topic>
 *
 * Timers need brokers 5.x; a broker 4.9 delivers at once. To take a message back needs 5.4 and
 * recallMessageEnable=true in broker.conf. Prints what became of both messages; exits with 1 when
 * the first one could not be sent.
 */
#include <rocketmq_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char* what, rmq_error_t* error) {
  fprintf(stderr, "%s: %s\n", what, error ? rmq_error_message(error) : "out of memory");
  exit(1);
}

static void set(rmq_config_t* config, const char* name, const char* value) {
  rmq_error_t* error = NULL;
  if (rmq_config_set(config, name, SIZE_MAX, value, SIZE_MAX, &error)) die(name, error);
}

/* Sends a message that its consumers get after `delay_ms`. The event shows where it is, and how to
 * take it back. */
static rmq_event_t* send_later(rmq_producer_t* producer, const char* topic, const char* body,
                               int64_t delay_ms) {
  rmq_error_t* error = NULL;
  rmq_message_t* message = NULL;
  rmq_event_t* sent = NULL;
  if (rmq_message_new(topic, SIZE_MAX, body, strlen(body), NULL, 0, NULL, 0, &message, &error))
    die(topic, error);
  /* Or a point in time, RMQ_FIELD_DELIVER_AT_MS, in milliseconds since 1970. */
  if (rmq_message_set_number(message, RMQ_FIELD_DELAY_MS, delay_ms, &error)) die("delay", error);
  if (rmq_producer_send(producer, message, NULL, 0, 0, &sent, &error)) die("send", error);
  rmq_message_destroy(message);
  return sent;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s <namesrv host:port> <topic>\n", argv[0]);
    fprintf(stderr,
            "without RocketMQ, start a broker for trying: rmq-testbroker --port 9876 --set "
            "recall=true\n");
    return 2;
  }
  rmq_error_t* error = NULL;
  rmq_config_t* config = NULL;
  rmq_runtime_t* runtime = NULL;
  rmq_producer_t* producer = NULL;
  if (rmq_config_new(NULL, 0, &config, &error)) die("config", error);
  set(config, "namesrv_addr", argv[1]);
  set(config, "producer_group", "example_timed_message");
  if (rmq_runtime_new(config, 0, NULL, &runtime, &error)) die("runtime", error);
  if (rmq_runtime_start(runtime, &error)) die("start", error);
  if (rmq_producer_new(runtime, NULL, NULL, 0, NULL, &producer, &error)) die("producer", error);
  if (rmq_producer_start(producer, &error)) die("start", error);

  rmq_send_result_view_t result;
  rmq_event_t* sent = send_later(producer, argv[2], "in three seconds", 3000);
  if (rmq_event_send_result(sent, &result, sizeof result)) die("result", NULL);
  printf("sent %s, to be delivered in 3 seconds\n", result.message_id);
  rmq_event_destroy(sent);

  /* As when an order is paid, and the message that would cancel it must not come. */
  sent = send_later(producer, argv[2], "in an hour", 3600 * 1000);
  if (rmq_event_send_result(sent, &result, sizeof result)) die("result", NULL);
  printf("sent %s, to be delivered in an hour\n", result.message_id);
  if (result.recall_handle == NULL) {
    printf("the broker gave no recall handle: it has no timers, or is older than 5.4\n");
  } else {
    /* With an event the call waits. Without one its event would come on the queue of the producer.
     */
    rmq_event_t* recalled = NULL;
    if (rmq_producer_recall(producer, argv[2], SIZE_MAX, result.recall_handle,
                            result.recall_handle_bytes, 0, 0, NULL, &recalled, &error)) {
      rmq_error_view_t view;
      if (rmq_error_view(error, &view, sizeof view)) die("recall", error);
      printf("not recalled: %s (%s)\n", view.message, view.hint ? view.hint : "");
      rmq_error_destroy(error);
    } else {
      printf("recalled %s\n", rmq_event_text(recalled, NULL));
    }
    rmq_event_destroy(recalled);
  }
  rmq_event_destroy(sent);

  if (rmq_runtime_close(runtime, 0, &error)) die("close", error);
  rmq_producer_destroy(producer);
  rmq_runtime_destroy(runtime);
  rmq_config_destroy(config);
  return 0;
}
