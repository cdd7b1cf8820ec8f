/*
 * Sends a message as part of a local transaction: consumers get it if and only if the transaction
 * is committed, even when this program dies in the middle.
 *
 *   transaction <namesrv host:port> <topic> [commit|rollback|unknown]
 *
 * The event of the send asks how the local transaction ended. A broker that hears nothing asks
 * again, any program of the group: RMQ_EVENT_TRANSACTION_CHECK. With "unknown" the program leaves
 * the answer to such a check, which brokers begin with after six seconds at the earliest.
 */
#include <rocketmq_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK_WAIT_MS = 180 * 1000 };

static void die(const char* what, rmq_error_t* error) {
  fprintf(stderr, "%s: %s\n", what, error ? rmq_error_message(error) : "out of memory");
  exit(1);
}

static void set(rmq_config_t* config, const char* name, const char* value) {
  rmq_error_t* error = NULL;
  if (rmq_config_set(config, name, SIZE_MAX, value, SIZE_MAX, &error)) die(name, error);
}

/* The local transaction: write to your database here, with the message's id in the same write. */
static int32_t run_local_transaction(const char* message_id, const char* wish) {
  printf("local transaction of %s: %s\n", message_id, wish);
  if (strcmp(wish, "commit") == 0) return RMQ_ANSWER_COMMIT;
  if (strcmp(wish, "rollback") == 0) return RMQ_ANSWER_ROLLBACK;
  return RMQ_ANSWER_UNKNOWN;
}

/* A broker asks: look into your database whether the write with this id is there. */
static int32_t look_up_transaction(const char* message_id) {
  printf("check of %s: commit\n", message_id);
  return RMQ_ANSWER_COMMIT;
}

/* Waits for the check about our message, and answers those about others too. */
static int serve_checks(rmq_event_queue_t* events, const char* message_id) {
  for (;;) {
    rmq_event_view_t view;
    rmq_error_t* error = NULL;
    size_t count = 0;
    if (rmq_event_queue_poll(events, CHECK_WAIT_MS, &view, sizeof view, 1, &count, &error))
      die("poll", error);
    if (count == 0) return 1;
    int is_ours = 0;
    if (view.event_type == RMQ_EVENT_TRANSACTION_CHECK) {
      const int32_t answer = look_up_transaction(view.message_id);
      if (rmq_event_answer(view.event, answer, 0, &error)) die("answer", error);
      is_ours = strcmp(view.message_id, message_id) == 0;
    }
    rmq_event_destroy(view.event);
    if (is_ours) return 0;
  }
}

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: %s <namesrv host:port> <topic> [commit|rollback|unknown]\n", argv[0]);
    return 2;
  }
  const char* wish = argc == 4 ? argv[3] : "commit";
  rmq_error_t* error = NULL;

  rmq_config_t* config = NULL;
  rmq_runtime_t* runtime = NULL;
  if (rmq_config_new(NULL, 0, &config, &error)) die("config", error);
  set(config, "namesrv_addr", argv[1]);
  if (rmq_runtime_new(config, 0, NULL, &runtime, &error)) die("runtime", error);
  if (rmq_runtime_start(runtime, &error)) die("start", error);

  rmq_config_t* options = NULL;
  rmq_producer_t* producer = NULL;
  if (rmq_config_new(NULL, 0, &options, &error)) die("config", error);
  set(options, "producer_group", "example_transaction");
  set(options, "transaction_topics", argv[2]); /* to be asked about what died with an earlier run */
  if (rmq_producer_new(runtime, options, NULL, 0, NULL, &producer, &error)) die("producer", error);
  if (rmq_producer_start(producer, &error)) die("start", error);

  rmq_message_t* message = NULL;
  rmq_event_t* sent = NULL;
  if (rmq_message_new(argv[2], SIZE_MAX, "paid", 4, NULL, 0, NULL, 0, &message, &error))
    die(argv[2], error);
  if (rmq_producer_send(producer, message, NULL, RMQ_FLAG_TRANSACTION, 0, &sent, &error))
    die("send", error);

  rmq_event_view_t view;
  rmq_event_view(sent, &view, sizeof view);
  int failed = !view.wants_answer; /* it was not stored safely, and is rolled back */
  if (view.wants_answer) {
    const int32_t answer = run_local_transaction(view.message_id, wish);
    if (rmq_event_answer(sent, answer, 0, &error)) die("answer", error);
    if (answer == RMQ_ANSWER_UNKNOWN)
      failed = serve_checks(rmq_runtime_event_queue(runtime), view.message_id);
  }
  rmq_event_destroy(sent);

  if (rmq_runtime_close(runtime, 0, &error)) die("close", error);
  rmq_message_destroy(message);
  rmq_producer_destroy(producer);
  rmq_runtime_destroy(runtime);
  rmq_config_destroy(options);
  rmq_config_destroy(config);
  return failed;
}
