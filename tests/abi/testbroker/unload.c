/*
 * Loads the test broker and the client with dlopen into one process, uses both, and looks whether
 * they are really gone when they were unloaded: `unload <test broker> <client>`. Twice, because
 * hosts reload their plug-ins.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <rocketmq_c.h>
#include <rocketmq_testbroker.h>
#include <stdio.h>
#include <string.h>

static int is_mapped(const char* name) {
  char line[4096];
  int found = 0;
  FILE* maps = fopen("/proc/self/maps", "r");
  if (maps == NULL) return -1;
  while (fgets(line, sizeof line, maps) != NULL) {
    if (strstr(line, name) != NULL) found = 1;
  }
  fclose(maps);
  return found;
}

static int fail(const char* what, const char* why) {
  fprintf(stderr, "%s: %s\n", what, why != NULL ? why : "unknown");
  return 1;
}

#define LOOK_UP(library, name)                         \
  __typeof__(&name) use_##name;                        \
  do {                                                 \
    void* symbol = dlsym(library, #name);              \
    if (symbol == NULL) return fail(#name, dlerror()); \
    memcpy(&use_##name, &symbol, sizeof symbol);       \
  } while (0)

static int use(void* testbroker, void* client) {
  LOOK_UP(testbroker, rmq_testbroker_start);
  LOOK_UP(testbroker, rmq_testbroker_command);
  LOOK_UP(testbroker, rmq_testbroker_destroy);
  LOOK_UP(client, rmq_runtime_new);
  LOOK_UP(client, rmq_runtime_start);
  LOOK_UP(client, rmq_runtime_destroy);
  char text[512];
  rmq_runtime_t* runtime = NULL;
  rmq_testbroker_t* broker = use_rmq_testbroker_start("brokers=2 slaves=1", text, sizeof text);
  if (broker == NULL) return fail("start", text);
  use_rmq_runtime_new(NULL, 0, NULL, &runtime, NULL);
  use_rmq_runtime_start(runtime, NULL);
  if (use_rmq_testbroker_command(broker, "promote broker-a", text, sizeof text, NULL) != 0) {
    return fail("promote", text);
  }
  if (use_rmq_testbroker_command(broker, "fly", text, sizeof text, NULL) == 0) {
    return fail("fly", "is no command");
  }
  use_rmq_testbroker_destroy(broker);
  use_rmq_runtime_destroy(runtime);
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 3) return fail("usage", "unload <test broker> <client>");
  for (int round = 0; round < 2; ++round) {
    void* testbroker = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
    void* client = dlopen(argv[2], RTLD_NOW | RTLD_GLOBAL);
    if (testbroker == NULL || client == NULL) return fail("dlopen", dlerror());
    if (is_mapped("librocketmq_testbroker") != 1) return fail(argv[1], "is not mapped");
    if (use(testbroker, client) != 0) return 1;
    if (dlclose(client) != 0 || dlclose(testbroker) != 0) return fail("dlclose", dlerror());
    if (is_mapped("librocketmq_testbroker") != 0) return fail(argv[1], "is still mapped");
    if (is_mapped("librocketmq_c") != 0) return fail(argv[2], "is still mapped");
  }
  return 0;
}
