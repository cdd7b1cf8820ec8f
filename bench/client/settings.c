#include "settings.h"

#include <stdlib.h>
#include <string.h>

settings_t settings;

const char* text_setting(const char* name, const char* otherwise) {
  const char* value = getenv(name);
  return value && *value ? value : otherwise;
}

static long number_setting(const char* name, const char* otherwise) {
  return atol(text_setting(name, otherwise));
}

void read_settings(void) {
  settings_t* s = &settings;
  s->workload = text_setting("W", "sync");
  s->label = text_setting("LABEL", s->workload);
  s->name_server = text_setting("NS", "127.0.0.1:9876");
  s->topic = text_setting("TOPIC", "bench_p");
  s->group = text_setting("GROUP", "bench_g_c");
  s->from = text_setting("FROM", strcmp(s->workload, "e2e") == 0 ? "last" : "first");
  s->batch_max = text_setting("BATCHMAX", "1");
  const char* door = text_setting("DOOR", "poll");
  s->door = strcmp(door, "driven") == 0     ? DOOR_DRIVEN
            : strcmp(door, "callback") == 0 ? DOOR_CALLBACK
                                            : DOOR_POLL;
  s->body_bytes = (int)number_setting("SIZE", "128");
  s->threads = (int)number_setting("THREADS", "1");
  if (s->threads > THREADS_MAX) s->threads = THREADS_MAX;
  s->in_flight = (int)number_setting("INFLIGHT", "1024");
  s->count = number_setting("COUNT", "0");
  s->rate = (int)number_setting("RATE", "200");
  s->compresses = !number_setting("NOCOMP", "0");
  s->warm_s = atof(text_setting("WARM", "1"));
  s->measured_s = atof(text_setting("DUR", "5"));
}
