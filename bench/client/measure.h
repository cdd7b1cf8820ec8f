/* Time, processor time and context switches of this process between two moments, and the line of
 * JSON that a run ends with. */
#ifndef RMQ_BENCH_MEASURE_H
#define RMQ_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  int64_t time_ns;
  double cpu_s;
  long switches;
} moment_t;

int64_t now_ns(void);
void sleep_s(double seconds);
double cpu_s(void);
moment_t now(void);

/* Durations, for percentiles. Not thread-safe. */
typedef struct {
  int64_t* all;
  size_t count;
  size_t room;
} durations_t;

durations_t make_durations(size_t room);
void add_duration(durations_t* durations, int64_t ns); /* beyond the room: dropped */
void add_durations(durations_t* to, const durations_t* from);
/* Sorts. Writes ,"<name>p50_us":… and so on; nothing without durations. */
void print_percentiles(durations_t* durations, const char* name, char* out, size_t out_size);

/* `more`: further members, each with a comma before it. */
void print_line(moment_t from, moment_t to, long messages, long errors, const char* more);

#endif
