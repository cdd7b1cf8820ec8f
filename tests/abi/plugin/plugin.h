/* What the shared object plugin.c offers to the host that loads it. */
#pragma once

/* Sends one message to the topic "plugin" and consumes it. Null, or what went wrong. */
typedef const char* (*plugin_run_fn)(const char* name_server, const char* group);
