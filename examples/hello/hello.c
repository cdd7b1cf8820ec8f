/* Sends one message: hello [host:port of a NameServer]. The same program in other languages is
 * beside this file. */
#include <rocketmq_c.h>
#include <stdio.h>
#include <stdlib.h>

static void insist(int32_t code, rmq_error_t** error) {
  if (code == RMQ_OK) return;
  fprintf(stderr, "%s\n", rmq_error_message(*error));
  exit(1);
}

int main(int count, char** arguments) {
  rmq_error_t* e = NULL;
  rmq_config_t* config;
  rmq_runtime_t* runtime;
  rmq_producer_t* producer;
  rmq_message_t* message;
  insist(rmq_config_new(NULL, 0, &config, &e), &e);
  insist(rmq_config_load(config, RMQ_LOAD_TEXT, "producer_group = hello", SIZE_MAX, &e), &e);
  insist(rmq_config_set(config, "namesrv_addr", SIZE_MAX,
                        count > 1 ? arguments[1] : "127.0.0.1:9876", SIZE_MAX, &e),
         &e);
  insist(rmq_runtime_new(config, 0, NULL, &runtime, &e), &e);
  insist(rmq_runtime_start(runtime, &e), &e);
  insist(rmq_producer_new(runtime, NULL, NULL, 0, NULL, &producer, &e), &e);
  insist(rmq_producer_start(producer, &e), &e);
  insist(rmq_message_new("orders", SIZE_MAX, "hello", 5, NULL, 0, NULL, 0, &message, &e), &e);
  insist(rmq_producer_send(producer, message, NULL, 0, 0, NULL, &e), &e);
  puts("stored");
  rmq_message_destroy(message);
  rmq_producer_destroy(producer);
  rmq_runtime_destroy(runtime);
  rmq_config_destroy(config);
  return 0;
}
