/*
 * What a consumer costs that has nothing to do, or whose host does nothing: wake-ups and CPU time a
 * second, threads, memory, and how many deliveries wait.
 *
 *   idle_bench <namesrv host:port> <topic> <poll|driven|unpolled> [<seconds>]
 *
 * Counted after a warm-up, from /proc/self: a wake-up is a voluntary context switch of any thread.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <poll.h>
#include <rocketmq_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { WARM_UP_MS = 20000 };

static void die(const char* what, rmq_error_t* error) {
  fprintf(stderr, "%s: %s\n", what, error ? rmq_error_message(error) : "out of memory");
  exit(1);
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static long status_value(const char* path, const char* name) {
  char line[256];
  long value = 0;
  FILE* file = fopen(path, "r");
  if (!file) return 0;
  while (fgets(line, sizeof line, file)) {
    if (strncmp(line, name, strlen(name)) == 0) value = strtol(line + strlen(name), NULL, 10);
  }
  fclose(file);
  return value;
}

/* Of all threads; their number goes to *threads. */
static long wake_ups(int* threads) {
  char path[300];
  long total = 0;
  struct dirent* entry;
  DIR* tasks = opendir("/proc/self/task");
  *threads = 0;
  while (tasks && (entry = readdir(tasks)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
    total += status_value(path, "voluntary_ctxt_switches:");
    ++*threads;
  }
  if (tasks) closedir(tasks);
  return total;
}

static double cpu_ms(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

enum door { POLL, DRIVEN, UNPOLLED };

/* A host that waits for events until then, as hosts do; or one that is stuck elsewhere. */
static void wait_until(rmq_runtime_t* runtime, enum door door, int64_t due) {
  rmq_error_t* error = NULL;
  int64_t left;
  while ((left = due - now_ms()) > 0) {
    if (door == UNPOLLED) {
      poll(NULL, 0, (int)left);
    } else if (door == DRIVEN) {
      struct pollfd watched = {.fd = rmq_runtime_fd(runtime), .events = POLLIN};
      const int64_t own = rmq_runtime_timeout_ms(runtime);
      poll(&watched, 1, (int)(own < 0 || own > left ? left : own));
      if (rmq_runtime_step(runtime, &error)) die("step", error);
    } else {
      rmq_event_view_t event;
      size_t count = 0;
      if (rmq_event_queue_poll(rmq_runtime_event_queue(runtime), left, &event, sizeof event, 1,
                               &count, &error))
        die("poll", error);
      rmq_event_destroy_batch(&event, sizeof event, count);
    }
  }
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s <namesrv host:port> <topic> <poll|driven|unpolled> [<seconds>]\n",
            argv[0]);
    return 2;
  }
  const enum door door = strcmp(argv[3], "driven") == 0     ? DRIVEN
                         : strcmp(argv[3], "unpolled") == 0 ? UNPOLLED
                                                            : POLL;
  const int64_t seconds = argc > 4 ? strtoll(argv[4], NULL, 10) : 30;
  rmq_error_t* error = NULL;
  rmq_config_t* config = NULL;
  rmq_config_t* group = NULL;
  rmq_runtime_t* runtime = NULL;
  rmq_consumer_t* consumer = NULL;
  const char* options[][2] = {{"namesrv_addr", argv[1]},
                              {"run_mode", door == DRIVEN ? "driven" : "threaded"}};
  if (rmq_config_new(NULL, 0, &config, &error)) die("config", error);
  for (size_t i = 0; i < sizeof options / sizeof options[0]; ++i) {
    if (rmq_config_set(config, options[i][0], SIZE_MAX, options[i][1], SIZE_MAX, &error))
      die(options[i][0], error);
  }
  if (rmq_runtime_new(config, 0, NULL, &runtime, &error)) die("runtime", error);
  if (rmq_runtime_start(runtime, &error)) die("start", error);
  if (rmq_config_new(NULL, 0, &group, &error)) die("config", error);
  if (rmq_config_set(group, "consumer_group", SIZE_MAX, "idle_bench", SIZE_MAX, &error))
    die("consumer_group", error);
  if (rmq_config_set(group, "consume_from_where", SIZE_MAX, "first", SIZE_MAX, &error))
    die("consume_from_where", error);
  if (rmq_consumer_new(runtime, RMQ_CONSUMER_PUSH_CONCURRENT, group, NULL, NULL, NULL, 0, NULL,
                       &consumer, &error))
    die("consumer", error);
  if (rmq_consumer_subscribe(consumer, argv[2], SIZE_MAX, RMQ_EXPRESSION_TAG, NULL, 0, &error))
    die(argv[2], error);
  if (rmq_consumer_start(consumer, &error)) die("start", error);

  int threads = 0;
  wait_until(runtime, door, now_ms() + WARM_UP_MS);
  const long wake_ups_before = wake_ups(&threads);
  const double cpu_before = cpu_ms();
  wait_until(runtime, door, now_ms() + seconds * 1000);
  const double cpu = cpu_ms() - cpu_before;
  const long woken = wake_ups(&threads) - wake_ups_before;
  rmq_runtime_view_t shown;
  if (rmq_runtime_view(runtime, &shown, sizeof shown)) die("view", NULL);
  printf(
      "{\"door\": \"%s\", \"wake_ups_s\": %.2f, \"cpu_ms_s\": %.3f, \"threads\": %d, "
      "\"library_threads\": %d, \"rss_mib\": %.1f, \"deliveries_waiting\": %zu}\n",
      argv[3], (double)woken / (double)seconds, cpu / (double)seconds, threads, (int)shown.threads,
      (double)status_value("/proc/self/status", "VmRSS:") / 1024,
      rmq_event_queue_length(rmq_runtime_event_queue(runtime)));
  rmq_consumer_destroy(consumer);
  rmq_runtime_destroy(runtime);
  rmq_config_destroy(group);
  rmq_config_destroy(config);
  return 0;
}
