/*
 * What a run does, from the environment. The names are those of the other clients' programs, so
 * that one script runs them all.
 *
 *   W         workload: sync, async, oneway, push, e2e, startup, idle
 *   DOOR      poll (default), callback, driven
 *   NS, TOPIC, GROUP, LABEL
 *   SIZE      bytes of a body (128)           THREADS   that send (1)
 *   INFLIGHT  sends under way, of each thread (1024)
 *   COUNT     messages to consume; 0: for DUR seconds
 *   RATE      of e2e, a second (200)          NOCOMP    1: no compression
 *   BATCHMAX  consume_message_batch_max_size  FROM      consume_from_where (first)
 *   WARM, DUR seconds before and while it is measured (1, 5)
 */
#ifndef RMQ_BENCH_SETTINGS_H
#define RMQ_BENCH_SETTINGS_H

enum { THREADS_MAX = 256 };

typedef enum { DOOR_POLL, DOOR_CALLBACK, DOOR_DRIVEN } door_t;

typedef struct {
  const char* workload;
  const char* label;
  const char* name_server;
  const char* topic;
  const char* group;
  const char* from;
  const char* batch_max;
  door_t door;
  int body_bytes;
  int threads;
  int in_flight;
  long count;
  int rate;
  int compresses;
  double warm_s;
  double measured_s;
} settings_t;

extern settings_t settings;

const char* text_setting(const char* name, const char* otherwise);
void read_settings(void);

#endif
