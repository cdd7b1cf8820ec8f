#define _POSIX_C_SOURCE 200809L
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "settings.h"

int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void sleep_s(double seconds) {
  if (seconds <= 0) return;
  const struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&t, NULL);
}

static struct rusage usage(void) {
  struct rusage all;
  getrusage(RUSAGE_SELF, &all);
  return all;
}

double cpu_s(void) {
  const struct rusage u = usage();
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
         (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

moment_t now(void) {
  const struct rusage u = usage();
  const moment_t moment = {now_ns(), cpu_s(), u.ru_nvcsw + u.ru_nivcsw};
  return moment;
}

durations_t make_durations(size_t room) {
  const durations_t made = {malloc((room + 1) * sizeof(int64_t)), 0, room};
  return made;
}

void add_duration(durations_t* durations, int64_t ns) {
  if (durations->count < durations->room) durations->all[durations->count++] = ns;
}

void add_durations(durations_t* to, const durations_t* from) {
  for (size_t i = 0; i < from->count; ++i) add_duration(to, from->all[i]);
}

static int compare(const void* a, const void* b) {
  const int64_t x = *(const int64_t*)a, y = *(const int64_t*)b;
  return (x > y) - (x < y);
}

void print_percentiles(durations_t* durations, const char* name, char* out, size_t out_size) {
  out[0] = 0;
  const size_t n = durations->count;
  if (n == 0) return;
  const int64_t* all = durations->all;
  qsort(durations->all, n, sizeof all[0], compare);
  snprintf(out, out_size, ",\"%sp50_us\":%.1f,\"%sp99_us\":%.1f,\"%smax_us\":%.1f", name,
           (double)all[n / 2] / 1e3, name, (double)all[n * 99 / 100] / 1e3, name,
           (double)all[n - 1] / 1e3);
}

/* A number of /proc/self/status; -1 when it is not there. */
static double status(const char* key) {
  FILE* file = fopen("/proc/self/status", "r");
  char line[256];
  double value = -1;
  const size_t length = strlen(key);
  while (file && fgets(line, sizeof line, file)) {
    if (strncmp(line, key, length) == 0 && line[length] == ':') value = atof(line + length + 1);
  }
  if (file) fclose(file);
  return value;
}

void print_line(moment_t from, moment_t to, long messages, long errors, const char* more) {
  const double seconds = (double)(to.time_ns - from.time_ns) / 1e9, cpu = to.cpu_s - from.cpu_s;
  printf(
      "{\"client\":\"%s\",\"workload\":\"%s\",\"size\":%d,\"threads\":%d,\"msgs\":%ld,\"errs\":%ld,"
      "\"secs\":%.3f,\"rate\":%.0f,\"cpu_s\":%.2f,\"cpu_us_msg\":%.3f,\"cores\":%.2f,\"cs_per_s\":%"
      ".0f,"
      "\"rss_mb\":%.1f,\"hwm_mb\":%.1f,\"nthr\":%.0f%s}\n",
      text_setting("CLIENT", "c"), settings.label, settings.body_bytes, settings.threads, messages,
      errors, seconds, (double)messages / seconds, cpu, messages ? cpu * 1e6 / (double)messages : 0,
      cpu / seconds, (double)(to.switches - from.switches) / seconds, status("VmRSS") / 1024,
      status("VmHWM") / 1024, status("Threads"), more);
  fflush(stdout);
}
