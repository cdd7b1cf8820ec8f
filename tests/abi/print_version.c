/* What a user's first program does: include, link through pkg-config, ask for the version. */
#include <rocketmq_c.h>
#include <stdio.h>

int main(void) {
  printf("%s\n", rmq_version_text());
  return rmq_version() >= 0 ? 0 : 1;
}
