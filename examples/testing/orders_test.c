/*
 * A test of code that sends, with a broker in the test's own process:
 *
 *   cc orders_test.c $(pkg-config --cflags --libs rocketmq_c rocketmq_testbroker) && ./a.out
 */
#include <rocketmq_c.h>
#include <rocketmq_testbroker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(fact) ((fact) ? (void)0 : (fprintf(stderr, "not so: %s\n", #fact), exit(1)))

/* What is tested: a function of the application. Gives what the caller may tell its user. */
static const char* place_order(rmq_producer_t* producer, const char* text) {
  rmq_message_t* order = NULL;
  rmq_event_t* sent = NULL;
  rmq_error_t* error = NULL;
  if (rmq_message_new("orders", SIZE_MAX, NULL, 0, NULL, 0, NULL, 0, &order, NULL))
    return "no memory";
  rmq_message_set_body(order, text, strlen(text), NULL);
  const int32_t code = rmq_producer_send(producer, order, NULL, 0, 0, &sent, &error);
  rmq_error_view_t failure = {0};
  rmq_error_view(error, &failure, sizeof failure);
  rmq_message_destroy(order);
  rmq_event_destroy(sent);
  rmq_error_destroy(error);
  if (code == RMQ_OK) return "placed";
  return failure.outcome == RMQ_OUTCOME_NOT_APPLIED ? "try again" : "in doubt";
}

int main(void) {
  char text[256] = "";
  rmq_config_t *config = NULL, *options = NULL;
  rmq_runtime_t* runtime = NULL;
  rmq_producer_t* producer = NULL;
  rmq_testbroker_t* broker = rmq_testbroker_start("topic=orders:1", text, sizeof text);
  if (!broker) return fprintf(stderr, "%s\n", text), 1;

  CHECK(rmq_config_new(NULL, 0, &config, NULL) == RMQ_OK);
  CHECK(rmq_config_new(NULL, 0, &options, NULL) == RMQ_OK);
  const char* address = rmq_testbroker_namesrv_addr(broker);
  CHECK(rmq_config_set(config, "namesrv_addr", SIZE_MAX, address, SIZE_MAX, NULL) == RMQ_OK);
  CHECK(rmq_config_set(options, "producer_group", SIZE_MAX, "shop", SIZE_MAX, NULL) == RMQ_OK);
  CHECK(rmq_runtime_new(config, 0, NULL, &runtime, NULL) == RMQ_OK);
  CHECK(rmq_runtime_start(runtime, NULL) == RMQ_OK);
  CHECK(rmq_producer_new(runtime, options, NULL, 0, NULL, &producer, NULL) == RMQ_OK);
  CHECK(rmq_producer_start(producer, NULL) == RMQ_OK);

  /* A broker that is busy once is not seen by the application: the library sends again. */
  rmq_testbroker_command(broker, "fault all SEND_MESSAGE_V2 nth=1 error=2", NULL, 0, NULL);
  CHECK(strcmp(place_order(producer, "one"), "placed") == 0);
  CHECK(rmq_testbroker_command(broker, "messages orders", text, sizeof text, NULL) == 0);
  CHECK(strcmp(text, "broker-a 0 0 - - 3\n") == 0);

  /* A broker that stores and then says nothing leaves the application in doubt. */
  rmq_testbroker_command(broker, "fault all SEND_MESSAGE_V2 first=9 cut", NULL, 0, NULL);
  CHECK(strcmp(place_order(producer, "two"), "in doubt") == 0);

  rmq_runtime_close(runtime, 0, NULL);
  rmq_producer_destroy(producer);
  rmq_runtime_destroy(runtime);
  rmq_config_destroy(options);
  rmq_config_destroy(config);
  rmq_testbroker_destroy(broker);
  return 0;
}
