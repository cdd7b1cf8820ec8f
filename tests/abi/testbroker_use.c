/*
 * Two brokers in one process, from C99: they start, answer commands and end; what is bad is refused
 * with a sentence. `testbroker_use`.
 */
#include <rocketmq_testbroker.h>
#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      return 1;                                                       \
    }                                                                 \
  } while (0)

int main(void) {
  char text[4096];
  size_t length = 0;
  rmq_testbroker_t* one = rmq_testbroker_start(NULL, text, sizeof text);
  rmq_testbroker_t* two = rmq_testbroker_start("brokers=2 topic=orders:8 version=4.9.7", NULL, 0);
  CHECK(one != NULL && two != NULL);
  CHECK(text[0] == '\0');
  CHECK(strncmp(rmq_testbroker_namesrv_addr(one), "127.0.0.1:", 10) == 0);
  CHECK(strcmp(rmq_testbroker_namesrv_addr(one), rmq_testbroker_namesrv_addr(two)) != 0);
  CHECK(rmq_testbroker_command(two, "servers", text, sizeof text, &length) == RMQ_TESTBROKER_OK);
  CHECK(strstr(text, "broker-b") != NULL && strlen(text) == length);
  CHECK(rmq_testbroker_command(one, "servers", text, sizeof text, NULL) == RMQ_TESTBROKER_OK);
  CHECK(strstr(text, "broker-b") == NULL);
  CHECK(rmq_testbroker_command(one, "nonsense", text, sizeof text, &length) ==
        RMQ_TESTBROKER_COMMAND);
  CHECK(strstr(text, "nonsense") != NULL);
  CHECK(rmq_testbroker_start("brokers=many", text, sizeof text) == NULL);
  CHECK(strstr(text, "brokers=many") != NULL && strstr(text, "1 to 200") != NULL);
  rmq_testbroker_destroy(one);
  rmq_testbroker_destroy(two);
  rmq_testbroker_destroy(NULL);
  return 0;
}
