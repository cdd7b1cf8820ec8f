/*
 * Loads the library with dlopen, uses it, unloads it, and looks whether it is really gone. Symbols
 * of kind "unique" and thread-local destructors are what would keep it mapped. Twice, because hosts
 * reload their plug-ins.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <rocketmq_c.h>
#include <stdint.h>
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

/* dlsym gives an object pointer; copying it is how C99 turns it into a function pointer. The type
 * is that of the header's declaration. */
#define LOOK_UP(library, name)                         \
  __typeof__(&name) use_##name;                        \
  do {                                                 \
    void* symbol = dlsym(library, #name);              \
    if (symbol == NULL) return fail(#name, dlerror()); \
    memcpy(&use_##name, &symbol, sizeof symbol);       \
  } while (0)

/* 0 for a library whose functions do nothing, which the test of this test loads. */
static int checks_results = 1;

/* A runtime with its threads, and a send that fails because nobody listens on port 1. */
static int use_runtime(void* library, rmq_config_t* config) {
  LOOK_UP(library, rmq_config_set);
  LOOK_UP(library, rmq_runtime_new);
  LOOK_UP(library, rmq_runtime_start);
  LOOK_UP(library, rmq_runtime_close);
  LOOK_UP(library, rmq_runtime_destroy);
  LOOK_UP(library, rmq_producer_new);
  LOOK_UP(library, rmq_producer_start);
  LOOK_UP(library, rmq_producer_send);
  LOOK_UP(library, rmq_producer_destroy);
  LOOK_UP(library, rmq_destination_new);
  LOOK_UP(library, rmq_destination_destroy);
  LOOK_UP(library, rmq_message_new);
  LOOK_UP(library, rmq_message_destroy);
  rmq_runtime_t* runtime = NULL;
  rmq_producer_t* producer = NULL;
  rmq_destination_t* destination = NULL;
  rmq_message_t* message = NULL;
  use_rmq_runtime_new(NULL, 0, NULL, &runtime, NULL);
  use_rmq_runtime_start(runtime, NULL);
  use_rmq_config_set(config, "producer_group", SIZE_MAX, "unload", SIZE_MAX, NULL);
  use_rmq_producer_new(runtime, config, NULL, 0, NULL, &producer, NULL);
  use_rmq_producer_start(producer, NULL);
  use_rmq_destination_new("localhost:1", SIZE_MAX, NULL, 0, 0, &destination, NULL);
  use_rmq_message_new("unload", SIZE_MAX, "x", 1, NULL, 0, NULL, 0, &message, NULL);
  const int32_t sent = use_rmq_producer_send(producer, message, destination, 0, 5000, NULL, NULL);
  const int32_t closed = use_rmq_runtime_close(runtime, 0, NULL);
  use_rmq_message_destroy(message);
  use_rmq_destination_destroy(destination);
  use_rmq_producer_destroy(producer);
  use_rmq_runtime_destroy(runtime);
  if (!checks_results) return 0;
  if (sent != RMQ_ERROR_REFUSED) return fail("send", "expected RMQ_ERROR_REFUSED");
  if (closed != RMQ_OK) return fail("close", "expected RMQ_OK");
  return 0;
}

static int use(void* library) {
  LOOK_UP(library, rmq_version);
  LOOK_UP(library, rmq_config_new);
  LOOK_UP(library, rmq_config_set);
  LOOK_UP(library, rmq_config_destroy);
  LOOK_UP(library, rmq_error_destroy);
  rmq_config_t* config = NULL;
  rmq_error_t* error = NULL;
  if (use_rmq_version() < 0) return fail("rmq_version", "negative");
  if (use_rmq_config_new(NULL, 0, &config, &error) != RMQ_OK) return fail("rmq_config_new", NULL);
  use_rmq_config_set(config, "no_such_option", SIZE_MAX, "1", SIZE_MAX, &error);
  use_rmq_error_destroy(error);
  const int failed = use_runtime(library, config);
  use_rmq_config_destroy(config);
  return failed;
}

int main(int argc, char** argv) {
  if (argc < 2) return fail("usage", "unload <library> [any]");
  checks_results = argc == 2;
  const char* slash = strrchr(argv[1], '/');
  const char* name = slash != NULL ? slash + 1 : argv[1];
  for (int round = 0; round < 2; ++round) {
    void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return fail("dlopen", dlerror());
    if (is_mapped(name) != 1) return fail(name, "is not mapped after dlopen");
    if (use(library) != 0) return 1;
    if (dlclose(library) != 0) return fail("dlclose", dlerror());
    if (is_mapped(name) != 0) return fail(name, "is still mapped after dlclose");
  }
  return 0;
}
