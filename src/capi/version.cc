#include "rocketmq_c.h"

#define RMQ_TEXT(x) #x
#define RMQ_VERSION_TEXT(major, minor, patch) \
  RMQ_TEXT(major) "." RMQ_TEXT(minor) "." RMQ_TEXT(patch)

int32_t rmq_version(void) {
  return RMQ_VERSION_MAJOR * 1000000 + RMQ_VERSION_MINOR * 1000 + RMQ_VERSION_PATCH;
}

const char* rmq_version_text(void) {
  return RMQ_VERSION_TEXT(RMQ_VERSION_MAJOR, RMQ_VERSION_MINOR, RMQ_VERSION_PATCH);
}
