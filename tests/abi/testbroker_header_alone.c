/* The test broker's header, on its own and beside the client's, must satisfy every compiler mode.
 */
#include "rocketmq_c.h"
#include "rocketmq_testbroker.h"

int32_t use_header(void);
int32_t use_header(void) { return RMQ_TESTBROKER_OK; }
