/*
 * Runs one workload of this library and prints one line of JSON, with the settings and the line
 * that programs for other clients have, too (settings.h). bench/run.py runs them all.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "settings.h"
#include "workloads.h"

int main(void) {
  static const struct {
    const char* name;
    void (*run)(void);
  } workloads[] = {{"sync", run_sync},       {"async", run_async}, {"oneway", run_oneway},
                   {"startup", run_startup}, {"push", run_push},   {"e2e", run_e2e},
                   {"idle", run_idle}};
  read_settings();
  for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; ++i) {
    if (strcmp(workloads[i].name, settings.workload) != 0) continue;
    workloads[i].run();
    _exit(0); /* an end in order would be measured by nobody */
  }
  fprintf(stderr, "no workload %s\n", settings.workload);
  return 2;
}
