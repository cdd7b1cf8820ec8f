#include "rocketmq_c.h"

static_assert(RMQ_VERSION ==
              RMQ_VERSION_MAJOR * 1000000 + RMQ_VERSION_MINOR * 1000 + RMQ_VERSION_PATCH);

int32_t rmq_version(void) { return RMQ_VERSION; }

const char* rmq_version_text(void) { return RMQ_VERSION_TEXT; }
