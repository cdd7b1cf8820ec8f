/*
 * A host that loads a plug-in twelve times: opened twice, used, closed twice.
 *
 *   host <plug-in> <name server> [keep]
 *
 * Afterwards neither the plug-in nor the library is mapped, no thread and no descriptor is left,
 * and memory is where it was. With "keep" the last dlclose is left out, to show that this is seen.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugin.h"

/* Libraries below ours, such as libcrypto, stay and keep what they have; the first rounds show how
 * much that is. */
enum { ROUNDS = 12, FIRST_ROUNDS = 3, GROWTH_MAX_BYTES = 64 * 1024 };

struct left {
  int threads;
  int descriptors;
  int mappings; /* of the plug-in and of the library */
  size_t heap_bytes;
};

static int count_entries(const char* path) {
  int count = -2; /* . and .. */
  DIR* directory = opendir(path);
  if (directory == NULL) return -1;
  while (readdir(directory) != NULL) ++count;
  closedir(directory);
  return count;
}

static int count_mappings(const char* plugin) {
  char line[4096];
  int count = 0;
  FILE* maps = fopen("/proc/self/maps", "r");
  if (maps == NULL) return -1;
  while (fgets(line, sizeof line, maps) != NULL) {
    count += strstr(line, plugin) != NULL || strstr(line, "librocketmq_c") != NULL;
  }
  fclose(maps);
  return count;
}

static struct left look(const char* plugin) {
  struct left left;
  const char* slash = strrchr(plugin, '/');
  left.threads = count_entries("/proc/self/task");
  left.descriptors = count_entries("/proc/self/fd");
  left.mappings = count_mappings(slash != NULL ? slash + 1 : plugin);
  left.heap_bytes = mallinfo2().uordblks;
  return left;
}

static int fail(const char* what, const char* why) {
  fprintf(stderr, "%s: %s\n", what, why != NULL ? why : "unknown");
  return 1;
}

static int use(void* library, const char* name_server, int round) {
  char group[32];
  plugin_run_fn run;
  void* symbol = dlsym(library, "plugin_run");
  if (symbol == NULL) return fail("plugin_run", dlerror());
  memcpy(&run, &symbol, sizeof symbol);
  snprintf(group, sizeof group, "plugin_%d", round);
  const char* failure = run(name_server, group);
  return failure != NULL ? fail("the plug-in", failure) : 0;
}

int main(int argc, char** argv) {
  if (argc < 3) return fail("usage", "host <plug-in> <name server> [keep]");
  const int keeps = argc > 3;
  struct left before = look(argv[1]);
  for (int round = 0; round < ROUNDS; ++round) {
    void* first = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (first == NULL) return fail("dlopen", dlerror());
    void* second = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (second == NULL) return fail("dlopen, the second time", dlerror());
    if (use(second, argv[2], round)) return 1;
    if (dlclose(second) != 0) return fail("dlclose", dlerror());
    if (!keeps && dlclose(first) != 0) return fail("dlclose, the second time", dlerror());
    const struct left now = look(argv[1]);
    printf("round %d: %d threads, %d descriptors, %d mappings, %zu bytes\n", round, now.threads,
           now.descriptors, now.mappings, now.heap_bytes);
    if (now.mappings != 0) return fail(argv[1], "is still mapped after dlclose");
    if (now.threads != 1) return fail("threads", "are left after dlclose");
    if (round < FIRST_ROUNDS) before = now;
    if (now.descriptors > before.descriptors) return fail("descriptors", "are left");
    if (now.heap_bytes > before.heap_bytes + GROWTH_MAX_BYTES) return fail("memory", "grows");
  }
  return 0;
}
