/* The public header, on its own and twice, must satisfy every compiler mode that users have. */
#include "rocketmq_c.h"

int32_t use_header(void);
int32_t use_header(void) { return RMQ_OK; }
